/// One primitive computation of a graph: what it makes of its inputs' shapes, which parameters it owns, what it costs.
///
/// Layers that compute something themselves (``Conv2D``, ``ReLU``, …) are operations; layers made of other layers are
/// not. How an operation is carried out is an engine's matter and not said here.
public protocol GraphOperation: Codable, Hashable, Sendable {
    /// The name that model files, summaries and messages use, e.g. `conv2d`.
    static var kind: String { get }

    /// The shape that comes out, for the given shapes that go in.
    ///
    /// - Throws: ``ShapeError`` where the inputs, or the operation's own sizes, cannot work.
    func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape

    /// The parameters, named relative to the layer (`weight`, `bias`), for inputs that ``outputShape(for:)`` accepts.
    func parameters(for inputs: [Shape]) -> [Parameter]

    /// Multiply-adds for one sample; 0 for operations that do not multiply weights.
    func multiplyAdds(inputs: [Shape], output: Shape) -> Int

    /// The window that one output pixel sees, or nil where an output sees one pixel (activations) or all of them.
    func window(for inputs: [Shape]) -> Window?

    /// Whether every output depends on every pixel: ``Dense``, global pooling.
    var seesWholeInput: Bool { get }
}

extension GraphOperation {
    public func parameters(for inputs: [Shape]) -> [Parameter] { [] }
    public func multiplyAdds(inputs: [Shape], output: Shape) -> Int { 0 }
    public func window(for inputs: [Shape]) -> Window? { nil }
    public var seesWholeInput: Bool { false }
}

/// The operations that graphs may contain, by kind: one line each.
enum OperationRegistry {
    static let all: [any GraphOperation.Type] = [
        Input.self,
        Conv2D.self,
        LocallyConnected2D.self,
        MaxPool2D.self,
        AveragePool2D.self,
        GlobalMaxPool2D.self,
        GlobalAveragePool2D.self,
        AdaptiveAveragePool2D.self,
        ChannelMaxPool.self,
        ZeroPadding2D.self,
        Dense.self,
        Flatten.self,
        Reshape.self,
        BatchNorm.self,
        LocalResponseNorm.self,
        ChannelAffine.self,
        Dropout.self,
        StochasticDepth.self,
        ChannelSlice.self,
        ChannelPadding.self,
        ChannelShuffle.self,
        Add.self,
        Multiply.self,
        Concatenate.self,
        AuxiliaryOutput.self,
        ReLU.self,
        ReLU6.self,
        LeakyReLU.self,
        ELU.self,
        GELU.self,
        SiLU.self,
        Tanh.self,
        Sigmoid.self,
        HardSigmoid.self,
        HardSwish.self,
        Clip.self,
        PReLU.self,
        Softmax.self,
    ]

    static func type(ofKind kind: String) -> (any GraphOperation.Type)? {
        all.first { $0.kind == kind }
    }
}

/// Where the images enter a graph.
public struct Input: GraphOperation {
    public static let kind = "input"

    /// C×H×W, or (features), of one sample.
    public var shape: Shape

    /// - Parameter shape: C×H×W, or (features).
    public init(_ shape: Shape) {
        self.shape = shape
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard shape.rank == 3 || shape.rank == 1 else { throw .needsFeatureMap(received: shape) }
        for dimension in shape.dimensions where dimension <= 0 { throw .notPositive("input size", dimension) }
        return shape
    }
}
