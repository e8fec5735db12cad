import ConvNetEngine
import ConvNetGraph
import ConvNetPages

/// Classes, preprocessing or images that do not fit a model.
public enum ModelError: Error, Hashable, Sendable {
    /// Not as many class names as the network has outputs.
    case classCount(classes: Int, outputs: Int)
    /// A class name of more bytes in UTF-8 than files may have.
    case className(bytes: Int)
    /// Means and standard deviations that do not fit the images, or are not usable.
    case preprocessing(String)
    /// Thresholds that do not fit the classes, or another kind of outputs.
    case outputs(String)
    /// A number of values that is no multiple of an image's.
    case imageSize(expected: Shape, received: Int)
    /// The name of a parameter whose values one cannot compute with, and what is wrong with them.
    case parameter(String, problem: String)
    /// The name of an image for which the network gives what is no number, or infinite.
    case logitsNotFinite(image: String)
    /// An evaluation that needs more memory than there is, and of how many images at a time.
    case evaluationDoesNotFit(EngineError)
    /// The name of a parameter that the network does not have, and the nearest that it has.
    case unknownParameter(String, suggestion: String?)
    /// What a gradient cannot be taken of, and why.
    case gradientSource(String)
}

extension ModelError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .classCount(let classes, let outputs):
            return "\(classes) class names for a network with \(outputs) outputs"
        case .className(let bytes):
            return "a class name has \(bytes) bytes; at most \(Limits.nameBytes) are allowed"
        case .preprocessing(let problem):
            return "unusable preprocessing: \(problem)"
        case .outputs(let problem):
            return "unusable outputs: \(problem)"
        case .imageSize(let expected, let received):
            return "images are \(expected) (\(expected.count) values each), received \(received) values"
        case .parameter(let name, let problem):
            return "the parameter \(printable(name)) cannot be used: \(problem)"
        case .evaluationDoesNotFit(let error):
            return
                "\(error); an evaluation takes fewer images at a time where the batch size for it is set (evaluation_batch_size)"
        case .unknownParameter(let name, let suggestion):
            return "the network has no parameter '\(printable(name))'"
                + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
        case .gradientSource(let problem):
            return "no gradient can be taken of that: \(problem)"
        case .logitsNotFinite(let image):
            return "the model gives logits for \(printable(image)) that are not finite"
        }
    }
}
