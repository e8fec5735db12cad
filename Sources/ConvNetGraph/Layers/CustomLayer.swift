/// A layer of your own, computed on plain arrays, for what the library does not have.
///
///     struct Square: CustomLayer {
///         static let kind = "square"
///         func outputShape(for input: Shape) -> Shape { input }
///         func forward(_ pass: LayerPass) -> [Float] { pass.input.map { $0 * $0 } }
///         func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
///             LayerGradients(input: zip(pass.input, outputGradient).map { 2 * $0 * $1 })
///         }
///     }
///
/// It stands in a network like any other layer and runs in every engine. Its properties are its configuration: model files
/// hold them as JSON under its ``GraphOperation/kind``, and reading such a file takes the type: `customLayers: [Square.self]`.
/// `checkGradients(of:input:)` in ConvNetTesting compares ``backward(_:output:outputGradient:)`` with numeric derivatives.
///
/// Sizes and values of what it returns are checked: see ``CustomLayerError``.
public protocol CustomLayer: Layer, GraphOperation where Body == Never {
    /// The shape that comes out, C×H×W or (features), for one sample.
    ///
    /// - Throws: `ShapeError.custom(_:)`, or another ``ShapeError``, where the input cannot work.
    func outputShape(for input: Shape) throws(ShapeError) -> Shape

    /// The parameters, named relative to the layer; none, unless said otherwise.
    func parameters(for input: Shape) -> [Parameter]

    /// The output for a batch: samples × output shape, row-major.
    ///
    /// - Throws: anything; the training run or the prediction ends with it.
    func forward(_ pass: LayerPass) throws -> [Float]

    /// The gradients of the loss with respect to the input and to each parameter.
    ///
    /// - Parameters:
    ///   - output: what ``forward(_:)`` returned for this pass.
    ///   - outputGradient: the loss's gradient with respect to it.
    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) throws -> LayerGradients
}

extension CustomLayer {
    public func parameters(for input: Shape) -> [Parameter] { [] }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        try outputShape(for: try inputs.single())
    }

    public func parameters(for inputs: [Shape]) -> [Parameter] { parameters(for: inputs[0]) }
}

/// What a custom layer reads in one pass over a batch.
public struct LayerPass: Sendable {
    /// Samples × input shape, row-major.
    public var input: [Float]
    /// In the order of ``CustomLayer/parameters(for:)``, each in its own layout.
    public var parameters: [[Float]]
    /// The batch size.
    public var samples: Int
    /// C×H×W or (features), of one sample.
    public var inputShape: Shape
    /// C×H×W or (features), of one sample.
    public var outputShape: Shape
    /// Whether this is a training step rather than an evaluation.
    public var isTraining: Bool

    /// A pass made by hand, to call a layer outside a network.
    public init(
        input: [Float], parameters: [[Float]] = [], samples: Int, inputShape: Shape, outputShape: Shape,
        isTraining: Bool = true
    ) {
        self.input = input
        self.parameters = parameters
        self.samples = samples
        self.inputShape = inputShape
        self.outputShape = outputShape
        self.isTraining = isTraining
    }
}

/// The gradients that a custom layer returns.
public struct LayerGradients: Sendable {
    /// As many elements as the input.
    public var input: [Float]
    /// For each parameter, as many elements as it has.
    public var parameters: [[Float]]

    /// - Parameters:
    ///   - input: the loss's gradient with respect to the input.
    ///   - parameters: those with respect to the parameters, in their order.
    public init(input: [Float], parameters: [[Float]] = []) {
        self.input = input
        self.parameters = parameters
    }
}

/// A custom layer that returned what cannot be used: which layer, where, and what.
public enum CustomLayerError: Error, Hashable, Sendable {
    /// `what` is the array: `forward's output`, `backward's gradient of weight`.
    case wrongCount(kind: String, path: LayerPath, what: String, expected: Int, received: Int)
    /// Not one gradient for each parameter.
    case wrongGradientCount(kind: String, path: LayerPath, expected: Int, received: Int)
    /// Not finite, though what went in was.
    case notFinite(kind: String, path: LayerPath, what: String, index: Int)
}

extension CustomLayerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wrongCount(let kind, let path, let what, let expected, let received):
            "\(path): the custom layer \"\(kind)\" returned \(received) values as \(what); expected \(expected)"
        case .wrongGradientCount(let kind, let path, let expected, let received):
            "\(path): the custom layer \"\(kind)\" returned gradients of \(received) parameters; it has \(expected)"
        case .notFinite(let kind, let path, let what, let index):
            "\(path): the custom layer \"\(kind)\" returned \(what) with a value that is not finite, "
                + "at element \(index), from finite input"
        }
    }
}
