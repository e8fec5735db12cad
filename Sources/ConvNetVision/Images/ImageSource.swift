import ConvNetGraph

/// A picture that can be decoded, whole or in part: an ``ImageFile``, or an ``Image`` that has been decoded already.
public protocol ImageSource: Sendable {
    /// Height and width.
    ///
    /// - Parameter obeyingOrientation: whether the picture is turned as its file says.
    func size(obeyingOrientation: Bool) -> Size

    /// What the picture's size can be divided by in decoding, the largest first and 1 last.
    func reductions(obeyingOrientation: Bool) -> [Int]

    /// A part of the picture.
    ///
    /// - Parameters:
    ///   - channels: 1 for grey, 3 for RGB.
    ///   - region: within the picture as it is turned, in pixels of the reduced picture.
    func decode(channels: Int, region: ImageRegion, obeysOrientation: Bool, reduction: Int) throws -> Image
}

extension ImageSource {
    /// The whole picture.
    ///
    /// - Throws: ``ImageError`` where the file is broken.
    public func decode(channels: Int, obeysOrientation: Bool) throws -> Image {
        try decode(
            channels: channels, region: ImageRegion(all: size(obeyingOrientation: obeysOrientation)),
            obeysOrientation: obeysOrientation, reduction: 1)
    }

    /// A part of the picture at another size.
    ///
    /// - Parameter reduces: whether to decode at a part of the size where that is still as large as the result: much faster,
    ///   and not the same bytes.
    func decode(_ crop: ImageCrop, channels: Int, obeysOrientation: Bool, reduces: Bool) throws -> Image {
        let region = crop.region
        let reduction =
            reduces
            ? reductions(obeyingOrientation: obeysOrientation)
                .first { region.height >= crop.size.height * $0 && region.width >= crop.size.width * $0 } ?? 1 : 1
        guard reduction > 1 else {
            return try decode(channels: channels, region: region, obeysOrientation: obeysOrientation, reduction: 1)
                .resized(to: crop.size, interpolation: crop.interpolation)
        }
        // The region's edges need not lie between pixels of the reduced picture.
        let (top, bottom) = (region.top / reduction, (region.top + region.height + reduction - 1) / reduction)
        let (left, right) = (region.left / reduction, (region.left + region.width + reduction - 1) / reduction)
        let image = try decode(
            channels: channels, region: ImageRegion(top: top, left: left, height: bottom - top, width: right - left),
            obeysOrientation: obeysOrientation, reduction: reduction)
        func reduced(_ edge: Int, from start: Int) -> Double { Double(edge) / Double(reduction) - Double(start) }
        return image.resized(
            to: crop.size,
            from: ResizeBox(
                top: reduced(region.top, from: top), left: reduced(region.left, from: left),
                bottom: reduced(region.top + region.height, from: top),
                right: reduced(region.left + region.width, from: left)),
            interpolation: crop.interpolation)
    }
}

extension Image: ImageSource {
    public func size(obeyingOrientation: Bool) -> Size { size }

    public func reductions(obeyingOrientation: Bool) -> [Int] { [1] }

    public func decode(channels: Int, region: ImageRegion, obeysOrientation: Bool, reduction: Int) throws -> Image {
        try cropped(to: region).withChannels(channels, name: "image")
    }
}
