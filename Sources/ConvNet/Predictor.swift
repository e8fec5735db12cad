import ConvNetCore
import ConvNetVision
import Foundation

/// One class that an image may show, and how probable the model holds it.
public struct Prediction: Hashable, Sendable, Codable {
    /// Index and name of the class.
    public var index: Int
    /// The class's name.
    public var label: String
    /// The softmax of the logits, 0 ... 1.
    public var probability: Float
}

extension Model {
    /// The most probable classes of one image.
    ///
    /// - Parameters:
    ///   - pixels: C×H×W, 0 ... 1; preprocessing is applied here.
    ///   - top: how many classes; all, where there are fewer.
    /// - Throws: ``ModelError/imageSize(expected:received:)``, ``EngineError``.
    public func predict(pixels: [Float], top: Int = 5) throws -> [Prediction] {
        guard pixels.count == network.inputShape.count else {
            throw ModelError.imageSize(expected: network.inputShape, received: pixels.count)
        }
        let probabilities = try probabilities(pixels)
        return probabilities.enumerated()
            .sorted { ($0.element, $1.offset) > ($1.element, $0.offset) }
            .prefix(max(0, top))
            .map { Prediction(index: $0.offset, label: classes[$0.offset], probability: $0.element) }
    }

    /// The most probable classes of an image file, JPEG or PNG, which must have the size that the network takes.
    ///
    /// - Throws: ``ImageError`` for a file that is no image or broken, ``PictureError`` for one of another size.
    public func predict(imageAt url: URL, top: Int = 5) throws -> [Prediction] {
        let shape = network.inputShape
        guard shape.isFeatureMap, shape.channels == 1 || shape.channels == 3 else {
            throw PictureError.notPictures(shape)
        }
        let image = try ImageFile(contentsOf: url).decode(channels: shape.channels)
        guard Size(image.height, image.width) == shape.size else {
            throw PictureError.size(file: url.path, expected: shape.size, received: Size(image.height, image.width))
        }
        return try predict(pixels: image.planes, top: top)
    }
}

/// A picture that does not fit a network.
public enum PictureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another height or width than the network's input.
    case size(file: String, expected: Size, received: Size)
    /// A network whose input has neither one channel nor three.
    case notPictures(Shape)

    public var description: String {
        switch self {
        case .size(let file, let expected, let received):
            "\(file) is \(received) pixels (height × width), but the network takes \(expected); resize it first"
        case .notPictures(let shape):
            "the network takes \(shape), which is neither a grey nor a colour picture"
        }
    }
}
