import ConvNetTraining

extension Background {
    /// The samples of an image with transparency as they look on this background.
    ///
    /// - Parameter pixels: `channels` samples and alpha, interleaved.
    func composite(_ pixels: [UInt8], channels: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: pixels.count / (channels + 1) * channels) { result, count in
            count = result.count
            for pixel in 0..<pixels.count / (channels + 1) {
                let source = pixel * (channels + 1)
                let alpha = self == .ignored ? 255 : UInt32(pixels[source + channels])
                let behind: UInt32 = self == .white ? 255 : 0
                for channel in 0..<channels {
                    // Rounded to nearest.
                    let sample = UInt32(pixels[source + channel]) * alpha + behind * (255 - alpha) + 127
                    result[pixel * channels + channel] = UInt8(sample / 255)
                }
            }
        }
    }
}
