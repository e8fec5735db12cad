import ConvNetGraph
import ConvNetTraining

extension ImageSource {
    /// A part of the picture at another size.
    ///
    /// - Parameter reduces: whether to decode at a part of the size where that is still as large as the result: much faster,
    ///   and not the same bytes.
    func decode(_ crop: ImageCrop, as decoding: Decoding, reduces: Bool) throws -> Image {
        let region = crop.region
        let reduction =
            reduces
            ? reductions(obeyingOrientation: decoding.obeysOrientation)
                .first { region.height >= crop.size.height * $0 && region.width >= crop.size.width * $0 } ?? 1 : 1
        guard reduction > 1 else {
            return try decode(decoding, region: region, reduction: 1)
                .resized(to: crop.size, interpolation: crop.interpolation)
        }
        // The region's edges need not lie between pixels of the reduced picture.
        let (top, bottom) = (region.top / reduction, (region.top + region.height + reduction - 1) / reduction)
        let (left, right) = (region.left / reduction, (region.left + region.width + reduction - 1) / reduction)
        let image = try decode(
            decoding, region: ImageRegion(top: top, left: left, height: bottom - top, width: right - left),
            reduction: reduction)
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
