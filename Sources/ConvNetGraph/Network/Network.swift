/// A network: layers, checked against the shape that goes in, and the graph that they make.
///
///     let network = try Network(input: [1, 28, 28]) {
///         Conv2D(8, kernel: 5)
///         ReLU()
///         MaxPool2D(2)
///         Flatten()
///         Dense(10)
///     }
///     print(network.outputShape)          // 10
///     print(network.parameterCount)       // 11738: (5·5·1 + 1)·8 + (8·12·12 + 1)·10
///
/// A network is a value without weights; a ``Model`` has those.
public struct Network: Sendable, Equatable {
    /// What engines, analysis and model files see.
    public let graph: Graph

    /// Builds a network and checks it.
    ///
    /// - Parameters:
    ///   - input: the shape C×H×W of one image.
    ///   - layers: the layers, applied one after the other.
    /// - Throws: ``NetworkError`` with the path of the first layer that cannot work.
    public init(input: Shape, @LayerBuilder layers: () throws -> LayerList) throws {
        var lowering = try Lowering(input: input)
        var scope = Lowering.Scope(path: LayerPath())
        try lowering.lowerContent(try layers(), in: &scope)
        graph = try Graph(nodes: lowering.nodes)
    }

    /// A network from a graph that was checked before, as a model file holds it.
    public init(graph: Graph) {
        self.graph = graph
    }

    /// The shape C×H×W of one image.
    public var inputShape: Shape { graph.inputShape }
    /// The shape of one image's outputs.
    public var outputShape: Shape { graph.outputShape }
    /// In the order of the layers that own them, those that are not trained included.
    public var parameters: [Parameter] { graph.parameters }

    /// The number of trainable numbers.
    public var parameterCount: Int { parameters.reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) } }
}
