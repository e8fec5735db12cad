import ConvNetCore

extension ImageFitting {
    /// A picture at the network's size.
    ///
    /// All of it is decoded, so that what is broken is found.
    ///
    /// - Parameter channels: 1 for grey, 3 for RGB.
    public func fit(_ source: any ImageSource, channels: Int) throws -> Image {
        fit(try source.decode(channels: channels, obeysOrientation: obeysOrientation))
    }

    /// An image at the network's size.
    public func fit(_ image: Image) -> Image {
        switch mode {
        case .crop:
            let resized = sizeBeforeCrop(of: image)
            guard resized.height >= size.height, resized.width >= size.width else {
                let padded = resizedForCrop(image)
                return padded.cropped(to: padded.size.center(size))
            }
            return image.resized(to: resized, keeping: resized.center(size), interpolation: interpolation)
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

    /// The shorter side resized, and black around it where that is too small for the crop.
    private func resizedForCrop(_ image: Image) -> Image {
        image.resized(to: sizeBeforeCrop(of: image), interpolation: interpolation).paddedAtCenter(to: size)
    }

    /// The ten crops of AlexNet (Krizhevsky et al., 2012, section 4.1): the four corners and the centre, and these mirrored.
    public func tenCrops(_ image: Image) -> [Image] {
        let resized = sizeBeforeCrop(of: image)
        let padded = Size(max(resized.height, size.height), max(resized.width, size.width))
        let (bottom, right) = (padded.height - size.height, padded.width - size.width)
        let corners = [(0, 0), (0, right), (bottom, 0), (bottom, right)].map {
            ImageRegion(top: $0.0, left: $0.1, height: size.height, width: size.width)
        }
        let regions = corners + [padded.center(size)]
        // A picture may be a thousand times as long as it is wide: only what is looked at is computed.
        let crops =
            padded == resized
            ? regions.map { image.resized(to: resized, keeping: $0, interpolation: interpolation) }
            : regions.map(resizedForCrop(image).cropped)
        return crops + crops.map(\.mirrored)
    }
}
