import ConvNetGraph

/// What a plan computes besides the network's outputs, for whoever looks inside a network: nodes' outputs, and gradients from
/// what the caller puts on some of them.
///
///     var request = PlanRequest(outputs: [3])             // what node 3 makes
///     request.sources = [graph.nodes.count - 1]           // gradients start at the logits…
///     request.gradients = [0]                             // …and go back to the images
///
/// Nodes are indices of ``Graph/nodes``, parameters those of ``Graph/parameters``. A plan that is asked for nothing is one for
/// inference.
public struct PlanRequest: Hashable, Sendable {
    /// What a pass computes.
    public enum Mode: Hashable, Sendable {
        /// What inference computes: batch norms by their running statistics, no dropout.
        case evaluation
        /// What a training step computes: batch norms by the batch's statistics, which the running ones follow, dropout drawn from
        /// `seed`, auxiliary classifiers.
        case training(seed: UInt64)
    }

    /// What a pass computes, gradients included.
    public var mode: Mode
    /// Nodes whose outputs can be read after a pass.
    public var outputs: Set<Int>
    /// Nodes whose outputs the caller puts gradients on, of the same shape.
    public var sources: Set<Int>
    /// Nodes with respect to whose outputs there are gradients; node 0 is the images.
    public var gradients: Set<Int>
    /// Parameters with respect to which there are gradients.
    public var parameterGradients: Set<Int>

    /// Nothing, unless said otherwise.
    public init(
        mode: Mode = .evaluation, outputs: Set<Int> = [], sources: Set<Int> = [], gradients: Set<Int> = [],
        parameterGradients: Set<Int> = []
    ) {
        self.mode = mode
        self.outputs = outputs
        self.sources = sources
        self.gradients = gradients
        self.parameterGradients = parameterGradients
    }

    /// Whether passes are as in training.
    public var isTraining: Bool { mode != .evaluation }
    /// Whether there is a way back at all.
    public var hasGradients: Bool { !gradients.isEmpty || !parameterGradients.isEmpty }

    /// Nodes whose outputs, and gradients with respect to these, somebody looks at: engines keep them apart from what comes before
    /// and behind.
    public var watchedNodes: Set<Int> { outputs.union(sources).union(gradients) }

    /// Whether a pass computes auxiliary classifiers too.
    public func needsAuxiliary(in graph: Graph) -> Bool {
        if isTraining { return true }
        let isAuxiliary = graph.isAuxiliary
        return watchedNodes.contains { isAuxiliary[$0] }
    }

    /// By node, whether its gradient is computed: it lies between a source and something that a gradient is wanted of.
    package func isOnTheWay(in graph: Graph) -> [Bool] {
        var leads = graph.nodes.map { _ in false }
        for (index, (node, range)) in zip(graph.nodes, graph.parameterRanges).enumerated() {
            leads[index] =
                gradients.contains(index) || range.contains { parameterGradients.contains($0) }
                || node.inputs.contains { leads[$0] }
        }
        var isReached = graph.nodes.indices.map { sources.contains($0) }
        for index in graph.nodes.indices.reversed() where isReached[index] {
            for input in graph.nodes[index].inputs { isReached[input] = true }
        }
        return zip(leads, isReached).map { $0 && $1 }
    }
}

extension PlanRequest {
    /// Checks a request before anything is compiled for it.
    ///
    /// - Throws: ``EngineError/noSuchNode(_:count:)``, ``EngineError/noSuchParameter(_:count:)``,
    ///   ``EngineError/notTrained(_:)`` for a parameter that layers keep for themselves, such as running statistics, and
    ///   ``EngineError/gradientWithoutSource(_:)`` for a gradient that no source leads to.
    public func validate(for graph: Graph) throws(EngineError) {
        for node in watchedNodes.sorted() where !graph.nodes.indices.contains(node) {
            throw .noSuchNode(node, count: graph.nodes.count)
        }
        for parameter in parameterGradients.sorted() where !graph.parameters.indices.contains(parameter) {
            throw .noSuchParameter(parameter, count: graph.parameters.count)
        }
        for parameter in parameterGradients.sorted() where !graph.parameters[parameter].isTrainable {
            throw .notTrained(graph.parameters[parameter].name)
        }
        let isOnTheWay = isOnTheWay(in: graph)
        for node in gradients.sorted() where !isOnTheWay[node] {
            throw .gradientWithoutSource("\(graph.nodes[node].path)")
        }
        for (node, range) in graph.parameterRanges.enumerated() where !isOnTheWay[node] {
            if let parameter = range.first(where: parameterGradients.contains) {
                throw .gradientWithoutSource(graph.parameters[parameter].name)
            }
        }
    }
}

extension TrainingConfiguration {
    /// Checks what else than the update is asked for. Engines call it for each training plan.
    ///
    /// - Throws: ``EngineError/noSuchNode(_:count:)``, ``EngineError/gradientWithoutSource(_:)``.
    public func validate(for graph: Graph) throws(EngineError) {
        var request = PlanRequest(outputs: outputs, gradients: gradients)
        request.sources = Set(graph.auxiliaryOutputs + [graph.nodes.count - 1])
        try request.validate(for: graph)
    }
}

/// A plan that answers a request. Like one for inference it is out of date where ``EngineSession/layoutGeneration`` has increased.
public protocol RequestPlan: Plan {
    /// What it answers.
    var request: PlanRequest { get }

    /// N positions of the images in their dataset, which dropout depends on; to be filled before a pass in training mode.
    var samples: UnsafeMutableBufferPointer<Int32> { get }
    /// Counted from 0; what dropout depends on in training mode.
    var epoch: Int { get set }

    /// What the last pass has made at a node, N×C×H×W or N×features.
    ///
    /// - Throws: ``EngineError/notRequested(_:)``.
    func output(of node: Int) throws -> [Float]

    /// Puts a gradient on a node's output, N×C×H×W or N×features; all zeros until it is called first, and kept from then on.
    ///
    /// - Throws: ``EngineError/notRequested(_:)``, ``EngineError/wrongValueCount(parameter:expected:received:)``.
    func setGradient(_ values: [Float], of node: Int) throws

    /// Computes the gradients, from those of the sources and the last pass; one pass allows one call.
    ///
    /// - Throws: ``EngineError/passIsOver`` where another plan of the session has run since that, and what custom layers throw.
    func backward() throws

    /// The gradient with respect to a node's output, N×C×H×W or N×features, after ``backward()``.
    ///
    /// - Throws: ``EngineError/notRequested(_:)``.
    func gradient(ofNode node: Int) throws -> [Float]

    /// The gradient with respect to a parameter, summed over the batch, in the parameter's own layout, after ``backward()``.
    ///
    /// - Throws: ``EngineError/notRequested(_:)``.
    func gradient(ofParameter parameter: Int) throws -> [Float]
}

extension Graph {
    /// - Throws: ``EngineError/notRequested(_:)`` for a node that is not among those that were asked for.
    package func checkRequested(_ requested: Set<Int>, _ node: Int, _ what: String) throws(EngineError) {
        guard requested.contains(node) else { throw notRequested(node, what) }
    }

    /// What is to be said of a node that was not asked for.
    package func notRequested(_ node: Int, _ what: String) -> EngineError {
        nodes.indices.contains(node)
            ? .notRequested("\(what) \(nodes[node].path)") : .noSuchNode(node, count: nodes.count)
    }

    /// - Throws: ``EngineError/notRequested(_:)`` for a parameter that is not among those that were asked for.
    package func checkRequested(_ requested: Set<Int>, parameter: Int) throws(EngineError) {
        guard parameters.indices.contains(parameter) else {
            throw .noSuchParameter(parameter, count: parameters.count)
        }
        guard requested.contains(parameter) else {
            throw .notRequested("the gradient of \(parameters[parameter].name)")
        }
    }

    /// - Throws: ``EngineError/wrongValueCount(parameter:expected:received:)``.
    package func checkCount(_ values: [Float], of node: Int, batchSize: Int) throws(EngineError) {
        let expected = batchSize * nodes[node].shape.count
        guard values.count == expected else {
            throw .wrongValueCount(
                parameter: "the gradient on the output of \(nodes[node].path)", expected: expected,
                received: values.count)
        }
    }
}
