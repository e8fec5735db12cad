extension Image {
    /// From 1, 3 or, as JPEG has CMYK, 4 channels to 1 or 3; nil for any other number.
    package func withChannels(_ wanted: Int) -> Image? {
        guard wanted == 1 || wanted == 3 else { return nil }
        if channels == wanted { return self }
        let colour = channels == 4 ? rgbFromInks : self
        if colour.channels == wanted { return colour }
        return wanted == 1 ? colour.grey : colour.rgb
    }

    private func map(channels wanted: Int, _ body: (_ pixel: Int, _ result: Int, _ pixels: inout [UInt8]) -> Void)
        -> Image
    {
        var result = [UInt8](repeating: 0, count: height * width * wanted)
        for pixel in 0..<height * width { body(pixel * channels, pixel * wanted, &result) }
        return Image(channels: wanted, height: height, width: width, pixels: result)
    }

    private var grey: Image {
        map(channels: 1) { pixel, result, grey in
            let (red, green, blue) = (UInt32(pixels[pixel]), UInt32(pixels[pixel + 1]), UInt32(pixels[pixel + 2]))
            grey[result] = Self.luma(red: red, green: green, blue: blue)
        }
    }

    /// 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point; the factors add up to 2¹⁶, so that grey stays grey.
    @inline(__always)
    package static func luma(red: UInt32, green: UInt32, blue: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: (red &* 19595 &+ green &* 38470 &+ blue &* 7471 &+ 0x8000) >> 16)
    }

    private var rgb: Image {
        map(channels: 3) { pixel, result, rgb in
            for channel in 0..<3 { rgb[result + channel] = pixels[pixel] }
        }
    }

    /// Red is (255 − C)(255 − K) / 255, and the others alike. JPEG files hold 255 − C and so on.
    private var rgbFromInks: Image {
        map(channels: 3) { pixel, result, rgb in
            let black = UInt32(pixels[pixel + 3])
            for channel in 0..<3 {
                // C·(255 − K) / 255 as Pillow rounds it, taken from 255 − K.
                let ink = (255 - UInt32(pixels[pixel + channel])) * black + 128
                rgb[result + channel] = UInt8(clamping: Int(black) - Int(((ink >> 8) + ink) >> 8))
            }
        }
    }
}
