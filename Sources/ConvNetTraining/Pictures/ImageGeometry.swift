import ConvNetGraph

extension Size {
    /// In proportion, the longer side rounded down.
    package func withShorterSide(_ length: Int) -> Size {
        height <= width ? Size(length, length * width / height) : Size(length * height / width, length)
    }
}

extension Size {
    /// The rectangle of that size, which must not be larger, in the centre. Halves of pixels are rounded to even numbers, as
    /// torchvision does it.
    package func center(_ size: Size) -> ImageRegion {
        func offset(_ length: Int, _ part: Int) -> Int {
            Int((Double(length - part) / 2).rounded(.toNearestOrEven))
        }
        return ImageRegion(
            top: offset(height, size.height), left: offset(width, size.width), height: size.height, width: size.width)
    }
}

extension Image {
    /// At least as large, with black around the image: an odd pixel comes below and to the right.
    package func paddedAtCenter(to least: Size) -> Image {
        let (rows, columns) = (max(least.height - height, 0), max(least.width - width, 0))
        return padded(top: rows / 2, bottom: rows - rows / 2, left: columns / 2, right: columns - columns / 2)
    }

    /// With so many rows and columns of `fill` around it.
    package func padded(top: Int, bottom: Int, left: Int, right: Int, fill: UInt8 = 0) -> Image {
        if top == 0, bottom == 0, left == 0, right == 0 { return self }
        let (height, width) = (self.height + top + bottom, self.width + left + right)
        var pixels = [UInt8](repeating: fill, count: height * width * channels)
        let row = self.width * channels
        for y in 0..<self.height {
            let start = ((top + y) * width + left) * channels
            pixels.replaceSubrange(start..<start + row, with: self.pixels[y * row..<(y + 1) * row])
        }
        return Image(channels: channels, height: height, width: width, pixels: pixels)
    }
}
