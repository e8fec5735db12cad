import ConvNetGraph

extension ImageFitting {
    /// An image at the network's size.
    public func fit(_ image: Image) -> Image {
        switch mode {
        case .crop:
            let frame = frame(around: image)
            return cut(frame.center(size), of: frame, around: image)
        case .squash:
            return image.resized(to: size, interpolation: interpolation)
        case .pad:
            let scale = min(Double(size.height) / Double(image.height), Double(size.width) / Double(image.width))
            func length(_ length: Int, most: Int) -> Int { min(max(Int((Double(length) * scale).rounded()), 1), most) }
            return image.resized(
                to: Size(length(image.height, most: size.height), length(image.width, most: size.width)),
                interpolation: interpolation
            ).paddedAtCenter(to: size)
        }
    }

    private func sizeBeforeCrop(of image: Image) -> Size {
        min(image.height, image.width) == shorterSide ? image.size : image.size.withShorterSide(shorterSide)
    }

    /// What is cut out of: the resized image, and black around it where that is too small.
    package func frame(around image: Image) -> Size {
        let resized = sizeBeforeCrop(of: image)
        return Size(max(resized.height, size.height), max(resized.width, size.width))
    }

    /// A rectangle of the frame. A picture may be a thousand times as long as it is wide: only what is kept of it is computed.
    package func cut(_ region: ImageRegion, of frame: Size, around image: Image) -> Image {
        let resized = sizeBeforeCrop(of: image)
        // An odd pixel of black comes below and to the right.
        let (top, left) = ((frame.height - resized.height) / 2, (frame.width - resized.width) / 2)
        func shown(_ start: Int, _ length: Int, of whole: Int) -> Range<Int> {
            max(start, 0)..<min(start + length, whole)
        }
        let rows = shown(region.top - top, region.height, of: resized.height)
        let columns = shown(region.left - left, region.width, of: resized.width)
        let kept = ImageRegion(
            top: rows.lowerBound, left: columns.lowerBound, height: rows.count, width: columns.count)
        let (above, before) = (top + kept.top - region.top, left + kept.left - region.left)
        return image.resized(to: resized, keeping: kept, interpolation: interpolation).padded(
            top: above, bottom: region.height - above - kept.height, left: before,
            right: region.width - before - kept.width)
    }
}
