import ConvNetGraph
import ConvNetTraining

/// Changes brightness, contrast, saturation and hue, each by a random amount and one after the other in random order.
///
/// Amounts mean what torchvision's do. A factor of 1 changes nothing; 0 gives black, a uniform grey, or an image
/// without colours. Grey images have neither saturation nor hue to change.
///
/// Source: Howard, "Some Improvements on Deep Convolutional Neural Network Based Image Classification", 2013, for
/// brightness, contrast and saturation in random order.
public struct ColorJitter: ImageTransform {
    /// The factor is uniform in max(0, 1 − brightness) ... 1 + brightness.
    public var brightness: Double
    /// The factor is uniform in max(0, 1 − contrast) ... 1 + contrast.
    public var contrast: Double
    /// The factor is uniform in max(0, 1 − saturation) ... 1 + saturation.
    public var saturation: Double
    /// The hue turns by −hue ... hue of a full circle; 0.5 is any hue.
    public var hue: Double

    /// - Parameters:
    ///   - brightness: 0 for none; as contrast and saturation, 0 or more.
    ///   - hue: 0 for none, 0.5 at most.
    public init(brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0) {
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.hue = hue
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        var steps: [@Sendable (Image) -> Image] = []
        if brightness > 0 {
            let factor = factor(brightness, &random)
            steps.append { $0.brightened(by: factor) }
        }
        if contrast > 0 {
            let factor = factor(contrast, &random)
            steps.append { $0.contrasted(by: factor) }
        }
        if saturation > 0 {
            let factor = factor(saturation, &random)
            steps.append { $0.saturated(by: factor) }
        }
        if hue > 0 {
            let turn = random.uniform(-hue, hue)
            steps.append { $0.hueShifted(by: turn) }
        }
        var image = image
        while !steps.isEmpty { image = steps.remove(at: random.integer(below: steps.count))(image) }
        return image
    }

    private func factor(_ amount: Double, _ random: inout SampleRandom) -> Double {
        random.uniform(max(0, 1 - amount), 1 + amount)
    }
}

extension Image {
    /// Pillow's `ImageEnhance.Brightness`: black at 0.
    func brightened(by factor: Double) -> Image {
        blended(fromLevel: 0, by: factor)
    }

    /// Pillow's `ImageEnhance.Contrast`: the mean of the grey image everywhere at 0.
    func contrasted(by factor: Double) -> Image {
        guard !pixels.isEmpty else { return self }
        let sum = withGreys { $0.reduce(into: UInt64(0)) { $0 &+= UInt64($1) } }
        return blended(fromLevel: UInt8(Double(sum) / Double(height * width) + 0.5), by: factor)
    }

    /// Pillow's `ImageEnhance.Color`: grey at 0.
    func saturated(by factor: Double) -> Image {
        guard channels == 3 else { return self }
        let greys = [UInt8](unsafeUninitializedCapacity: pixels.count) { output, count in
            count = pixels.count
            withGreys { greys in
                for (i, grey) in greys.enumerated() {
                    output[3 &* i] = grey
                    output[3 &* i &+ 1] = grey
                    output[3 &* i &+ 2] = grey
                }
            }
        }
        return blended(from: greys, by: factor)
    }

    private func blended(fromLevel level: UInt8, by factor: Double) -> Image {
        mapped(by: (0...255).map { blend(from: level, to: $0, Float(factor)) })
    }

    /// A byte for each pixel, as Pillow's `convert("L")` gives it: the luma of ITU-R BT.601.
    private func withGreys<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        guard channels == 3 else { return pixels.withUnsafeBufferPointer(body) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: height * width) { greys in
            pixels.withUnsafeBufferPointer { pixels in
                for i in 0..<greys.count {
                    greys[i] = Self.luma(
                        red: UInt32(pixels[3 &* i]), green: UInt32(pixels[3 &* i &+ 1]),
                        blue: UInt32(pixels[3 &* i &+ 2]))
                }
            }
            return body(UnsafeBufferPointer(greys))
        }
    }

    /// The hue of HSV turned, value and saturation kept. Unlike in Pillow's HSV images, whose hues are bytes, nothing
    /// is rounded but the result.
    ///
    /// - Parameter turn: in full circles; red becomes green at 1/3.
    func hueShifted(by turn: Double) -> Image {
        guard channels == 3 else { return self }
        // In sixths of the circle, 0 ..< 6.
        let shift = Float(6 * (turn - turn.rounded(.down)))
        return replacingPixels { input, output in
            for i in 0..<input.count / 3 {
                let red = Float(input[3 &* i])
                let green = Float(input[3 &* i &+ 1])
                let blue = Float(input[3 &* i &+ 2])
                let most = max(red, max(green, blue))
                let least = min(red, min(green, blue))
                let chroma = most - least
                let (difference, start): (Float, Float) =
                    most == red ? (green - blue, 0) : most == green ? (blue - red, 2) : (red - green, 4)
                var hue = start + shift + difference / max(chroma, 1)
                hue = hue < 0 ? hue + 6 : hue >= 6 ? hue - 6 : hue
                // How much of the chroma each colour has: lines up and down between 0 and 1 round the circle.
                output[3 &* i] = roundedByte(least + chroma * held(abs(hue - 3) - 1))
                output[3 &* i &+ 1] = roundedByte(least + chroma * held(2 - abs(hue - 2)))
                output[3 &* i &+ 2] = roundedByte(least + chroma * held(2 - abs(hue - 4)))
            }
        }
    }
}

@inline(__always)
private func held(_ share: Float) -> Float { min(max(share, 0), 1) }
