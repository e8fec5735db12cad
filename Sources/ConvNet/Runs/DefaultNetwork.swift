import ConvNetCore

/// Which network is trained where nobody has chosen one.
///
///     let choice = DefaultNetwork.name(images: 240, channels: 3, largestSide: nil)
///     print(choice.name, choice.reason)       // resnet18 240 colour images, larger or of several sizes
public enum DefaultNetwork {
    /// A network that suits the images.
    ///
    /// - Parameters:
    ///   - images: how many there are to train on.
    ///   - channels: 1 for grey, 3 for RGB.
    ///   - largestSide: the longer side of all of them, in pixels; nil where they are brought to the network's own size.
    /// - Returns: its name in ``NetworkCatalog``, and what about the images decided, for a sentence.
    public static func name(images: Int, channels: Int, largestSide: Int?) -> (name: String, reason: String) {
        let kind = "\(images.grouped) \(channels == 1 ? "grey" : "colour") image\(images == 1 ? "" : "s")"
        guard let largestSide, largestSide <= largestSmallSide else {
            return (
                large, "\(kind), \(largestSide.map { "up to \($0) pixels a side" } ?? "larger or of several sizes")"
            )
        }
        let reason = "\(kind) of at most \(largestSide) pixels a side"
        let isLikeDigits = channels == 1 && sidesLikeDigits.contains(largestSide)
        return (isLikeDigits && images >= manyGreyImages ? smallGrey : small, reason)
    }

    /// The networks that a beginner may start with, each with the images that it is for.
    public static let startingPoints = [
        (name: smallGrey, images: "small grey images"), (name: small, images: "small images"),
        (name: large, images: "photos"),
    ]

    private static let smallGrey = "convnet4"
    private static let small = "resnet20"
    private static let large = "resnet18"
    /// Pictures up to here are taken as they are.
    private static let largestSmallSide = 64
    /// Around MNIST's 28 pixels, which dense layers behind two poolings suit.
    private static let sidesLikeDigits = 20...32
    private static let manyGreyImages = 10_000
}
