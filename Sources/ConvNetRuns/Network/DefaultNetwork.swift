import ConvNetGraph
import ConvNetVision

/// Which network is trained where nobody has chosen one.
///
///     let choice = DefaultNetwork.name(images: 240, channels: 3, size: nil)
///     print(choice.name, choice.reason)       // resnet18 240 colour images, large or of several sizes
public enum DefaultNetwork {
    /// A network that suits the images.
    ///
    /// - Parameters:
    ///   - images: how many there are to train on.
    ///   - channels: 1 for grey, 3 for RGB.
    ///   - size: the size that all of them have, in pixels; nil where they are brought to the network's own.
    /// - Returns: its name in `NetworkCatalog`, and what about the images decided, for a sentence.
    public static func name(images: Int, channels: Int, size: Size?) -> (name: String, reason: String) {
        let kind = "\(images.grouped) \(channels == 1 ? "grey" : "colour") image\(images == 1 ? "" : "s")"
        guard let size else { return (large, "\(kind), large or of several sizes") }
        let reason = "\(kind) of \(size) pixels"
        let sides = [size.height, size.width]
        guard sides.allSatisfy({ $0 <= DataPreparation.largestNativeSide }) else { return (large, reason) }
        let isLikeDigits = channels == 1 && sides.allSatisfy(sidesLikeDigits.contains)
        return (isLikeDigits && images < manyGreyImages ? smallGrey : small, reason)
    }

    /// The networks that a beginner may start with, each with the images that it is for.
    public static let startingPoints = [
        (name: smallGrey, images: "small grey images"), (name: small, images: "small images"),
        (name: large, images: "photos"),
    ]

    private static let smallGrey = "convnet4"
    private static let small = "resnet20"
    private static let large = "resnet18"
    /// Around MNIST's 28 pixels, which dense layers behind two poolings suit.
    private static let sidesLikeDigits = 20...32
    /// Of 500 images of Fashion-MNIST ConvNet4 learns as much as ResNet-20 or more, in a fraction of the time; of 60,000 less.
    private static let manyGreyImages = 20_000
}
