import ConvNetTraining
import ConvNetVision
import Foundation

/// One class that an image may show, and how probable the model holds it.
public struct Prediction: Hashable, Sendable, Codable {
    /// Index and name of the class.
    public var index: Int
    /// The class's name.
    public var label: String
    /// The softmax of the logits or, where an image may have any number of classes, their sigmoid: 0 ... 1.
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
        try predict(.array(pixels[...]), top: top)
    }

    /// The classes that an image is answered with: the most probable one or, where it may have any number of them, all whose
    /// probabilities reach their thresholds, in the order of ``classes``.
    ///
    /// - Parameter predictions: of one image, for all classes.
    public nonisolated func answer(_ predictions: [Prediction]) -> [String] {
        let probabilities = predictions.sorted { $0.index < $1.index }.map(\.probability)
        return outputs.answer(probabilities[...]).map { classes[$0] }
    }

    private func predictions(_ probabilities: [Float], top: Int) -> [Prediction] {
        probabilities.enumerated()
            .sorted { ($0.element, $1.offset) > ($1.element, $0.offset) }
            .prefix(max(0, top))
            .map { Prediction(index: $0.offset, label: classes[$0.offset], probability: $0.element) }
    }

    /// The most probable classes of each image of a dataset, in its order.
    ///
    /// - Throws: ``TrainingError`` where the images are not of the network's shape, and why one cannot be read.
    public func predict(_ dataset: any Dataset, top: Int = 5) throws -> [[Prediction]] {
        try probabilities(of: dataset).map { predictions($0, top: top) }
    }

    /// The most probable classes of an image file, JPEG or PNG. It is brought to the network's size as the model's
    /// preprocessing says; where that says nothing, it must have the size.
    ///
    /// - Throws: ``ImageError`` for a file that is no image or broken, ``PictureError`` for one of another size, ``EngineError``.
    public func predict(imageAt url: URL, top: Int = 5) throws -> [Prediction] {
        try predict(ImageFile(contentsOf: url), top: top)
    }

    /// The most probable classes of an image that is in memory, JPEG or PNG, such as one that a server was sent.
    ///
    /// - Throws: as ``predict(imageAt:top:)``.
    public func predict(_ file: ImageFile, top: Int = 5) throws -> [Prediction] {
        try predict(.picture(file), top: top)
    }

    /// The most probable classes of one image of a dataset, or of a program's own.
    ///
    /// - Throws: as ``probabilities(of:)``.
    public func predict(_ item: DatasetItem, top: Int = 5) throws -> [Prediction] {
        predictions(try probabilities(of: item), top: top)
    }
}
