import ConvNetEngine
import ConvNetGraph
import ConvNetTraining

/// Inputs and the logits that they should give: what makes a model file able to prove itself.
public struct VerificationCase: Sendable {
    /// What the network gets, preprocessing behind it: N×C×H×W.
    public var images: [Float]
    /// N × outputs.
    public var logits: [Float]
    private let imageArray: [Int]
    private let logitArray: [Int]

    /// The shape C×H×W of one image, or (features).
    public var imageShape: Shape { Shape(Array(imageArray.dropFirst())) }
    /// The number of logits of one image.
    public var classes: Int { logitArray[1] }

    fileprivate init(images: [Float], logits: [Float], of network: Network) {
        self.images = images
        self.logits = logits
        let count = images.count / network.inputShape.count
        imageArray = [count] + network.inputShape.dimensions
        logitArray = [count, network.outputShape.count]
    }

    /// The case in a file's tensors `images` and `logits`; nil where there is none.
    ///
    /// - Throws: ``ModelFileError`` where there is only one of the two, ``SafetensorsError``.
    public init?(in file: SafetensorsFile) throws {
        let (images, logits) = (file.tensors["images"], file.tensors["logits"])
        if images == nil, logits == nil { return nil }
        guard let images, let logits else {
            throw ModelFileError(
                file: file.name, problem: "a case needs both tensors, \"images\" and \"logits\"")
        }
        // A case without images would prove whatever one likes.
        guard images.shape.count > 1, logits.shape.count == 2, images.shape[0] == logits.shape[0], images.shape[0] > 0
        else {
            throw ModelFileError(
                file: file.name,
                problem: "\"images\" is \(Shape(images.shape)) and \"logits\" \(Shape(logits.shape)); "
                    + "expected N×C×H×W and N×classes")
        }
        self.images = try file.floats(named: "images")
        self.logits = try file.floats(named: "logits")
        imageArray = images.shape
        logitArray = logits.shape
    }

    func append(to writer: inout SafetensorsWriter) throws {
        try writer.append("images", shape: imageArray, floats: images)
        try writer.append("logits", shape: logitArray, floats: logits)
    }

    /// Compares the logits that `model` gives now with those recorded.
    ///
    /// - Throws: ``ModelMismatch`` where the case is for another network, ``EngineError``.
    public func check(_ model: Model) async throws -> VerificationResult {
        let network = model.network
        guard imageShape == network.inputShape, classes == network.outputShape.count else {
            throw ModelMismatch(
                description: "the case is for \(imageShape) and \(classes) outputs, "
                    + "the network takes \(network.inputShape) and has \(network.outputShape.count)")
        }
        let found = try await model.rawLogits(images)
        let difference = zip(found, logits).map { Double(abs($0 - $1)) }.max() ?? 0
        let largest = logits.map { Double(abs($0)) }.max() ?? 0
        // A logit that is not a number, here or there, compares as no difference at all.
        let isSound = found.allSatisfy(\.isFinite) && logits.allSatisfy(\.isFinite)
        return VerificationResult(
            imageCount: logitArray[0], largestDifference: isSound ? difference : .infinity,
            relativeDifference: isSound ? difference / max(largest, .leastNormalMagnitude) : .infinity)
    }
}

/// How far a model's logits are from those recorded.
public struct VerificationResult: Hashable, Sendable, Encodable {
    /// How many images were compared.
    public var imageCount: Int
    /// max |a − b|
    public var largestDifference: Double
    /// max |a − b| / max |b|
    public var relativeDifference: Double

    private enum CodingKeys: String, CodingKey {
        case imageCount = "images"
        case largestDifference, relativeDifference
    }
}

/// Makes the cases of models that are about to be saved: a few inputs that are the same for all, and logits that are computed
/// in float32 and without shortcuts, whatever the model was trained with, so that other machines can come near them.
///
/// Compiled once, for any number of models with the same network. Used on one thread.
package final class VerificationRecorder {
    private let network: Network
    private let session: any EngineSession
    private let plan: any Plan
    private let images: [Float]

    package init(_ network: Network, engine: any Engine) throws {
        let count = 4
        self.network = network
        images = RandomStream(seed: 0, purpose: .synthesis, name: "verification")
            .normal(count * network.inputShape.count, mean: 0, standardDeviation: 1)
        session = try Engines.mostExact(engine).makeSession(for: network.graph)
        plan = try session.makeInferencePlan(batchSize: count)
    }

    /// The case of a model with these weights, by name; those of auxiliary classifiers make no difference.
    package func record(_ weights: [String: [Float]]) throws -> VerificationCase {
        for (index, parameter) in network.parameters.enumerated() {
            if let values = weights[parameter.name] { try session.setParameter(index, to: values) }
        }
        _ = plan.images.update(fromContentsOf: images)
        try plan.run()
        if let position = plan.logits.firstNotFinite {
            throw ModelError.logitsNotFinite(image: "a random image (\(position / network.outputShape.count))")
        }
        return VerificationCase(images: images, logits: Array(plan.logits), of: network)
    }
}
