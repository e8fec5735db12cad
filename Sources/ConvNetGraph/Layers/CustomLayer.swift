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

    /// The gradients of the loss with respect to each input and to each parameter.
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

/// A layer of your own that reads several others, to stand behind the ways of a ``Join``:
///
///     struct Mean: CustomJoin {
///         static let kind = "mean"
///         func outputShape(for inputs: [Shape]) -> Shape { inputs[0] }
///         func forward(_ pass: LayerPass) -> [Float] {
///             pass.inputs[0].indices.map { i in pass.inputs.reduce(0) { $0 + $1[i] } / Float(pass.inputs.count) }
///         }
///         func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
///             let each = outputGradient.map { $0 / Float(pass.inputs.count) }
///             return LayerGradients(inputs: pass.inputs.map { _ in each })
///         }
///     }
public protocol CustomJoin: CustomLayer {
    /// The shape that comes out, C×H×W or (features), for one sample.
    ///
    /// - Throws: `ShapeError.custom(_:)`, or another ``ShapeError``, where the inputs cannot work.
    func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape

    /// The parameters, named relative to the layer; none, unless said otherwise.
    func parameters(for inputs: [Shape]) -> [Parameter]
}

extension CustomJoin {
    /// A join by itself has nothing to join.
    public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
        throw .tooFewInputs(expected: 2, received: 1)
    }

    /// None, unless the join has some.
    public func parameters(for inputs: [Shape]) -> [Parameter] { [] }
}

/// What a custom layer reads in one pass over a batch.
public struct LayerPass: Sendable {
    /// For each input samples × its shape, row-major.
    public var inputs: [[Float]]
    /// In the order of ``CustomLayer/parameters(for:)``, each in its own layout.
    public var parameters: [[Float]]
    /// The batch size.
    public var samples: Int
    /// For each input C×H×W or (features), of one sample.
    public var inputShapes: [Shape]
    /// C×H×W or (features), of one sample.
    public var outputShape: Shape
    /// Whether this is a training step rather than an evaluation.
    public var isTraining: Bool

    /// A pass made by hand, to call a layer outside a network.
    public init(
        input: [Float], parameters: [[Float]] = [], samples: Int, inputShape: Shape, outputShape: Shape,
        isTraining: Bool = true
    ) {
        self.init(
            inputs: [input], parameters: parameters, samples: samples, inputShapes: [inputShape],
            outputShape: outputShape, isTraining: isTraining)
    }

    /// A pass over several inputs, made by hand.
    public init(
        inputs: [[Float]], parameters: [[Float]] = [], samples: Int, inputShapes: [Shape], outputShape: Shape,
        isTraining: Bool = true
    ) {
        self.inputs = inputs
        self.parameters = parameters
        self.samples = samples
        self.inputShapes = inputShapes
        self.outputShape = outputShape
        self.isTraining = isTraining
    }

    /// The only input, or the first: samples × its shape, row-major.
    public var input: [Float] {
        get { inputs[0] }
        set { inputs[0] = newValue }
    }

    /// The shape of ``input``, of one sample.
    public var inputShape: Shape {
        get { inputShapes[0] }
        set { inputShapes[0] = newValue }
    }
}

/// The gradients that a custom layer returns.
public struct LayerGradients: Sendable {
    /// For each input, as many elements as it has.
    public var inputs: [[Float]]
    /// For each parameter, as many elements as it has.
    public var parameters: [[Float]]

    /// - Parameters:
    ///   - input: the loss's gradient with respect to the input.
    ///   - parameters: those with respect to the parameters, in their order.
    public init(input: [Float], parameters: [[Float]] = []) {
        self.init(inputs: [input], parameters: parameters)
    }

    /// - Parameters:
    ///   - inputs: the loss's gradients with respect to the inputs, in their order.
    ///   - parameters: those with respect to the parameters, in their order.
    public init(inputs: [[Float]], parameters: [[Float]] = []) {
        self.inputs = inputs
        self.parameters = parameters
    }

    /// That of the only input, or of the first.
    public var input: [Float] {
        get { inputs[0] }
        set { inputs[0] = newValue }
    }
}

/// A custom layer that returned what cannot be used: which layer, where, and what.
public enum CustomLayerError: Error, Hashable, Sendable {
    /// `what` is the array: `forward's output`, `backward's gradient of weight`.
    case wrongCount(kind: String, path: LayerPath, what: String, expected: Int, received: Int)
    /// Not one gradient for each parameter.
    case wrongGradientCount(kind: String, path: LayerPath, expected: Int, received: Int)
    /// Not one gradient for each input.
    case wrongInputGradientCount(kind: String, path: LayerPath, expected: Int, received: Int)
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
        case .wrongInputGradientCount(let kind, let path, let expected, let received):
            "\(path): the custom layer \"\(kind)\" returned gradients of \(received) inputs; it has \(expected)"
        case .notFinite(let kind, let path, let what, let index):
            "\(path): the custom layer \"\(kind)\" returned \(what) with a value that is not finite, "
                + "at element \(index), from finite input"
        }
    }
}
