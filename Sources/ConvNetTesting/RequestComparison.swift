import ConvNetEngine
import ConvNetGraph

/// What an engine answers when it is asked for more than a network's outputs: what nodes make, and gradients with respect to
/// nodes and parameters from what is put on some nodes' outputs; each number compared with the ``Oracle``'s.
struct RequestComparison {
    private let graph: Graph
    private let session: any EngineSession
    private let batchSize: Int
    private let context: String

    init(_ engine: any Engine, _ graph: Graph, batchSize: Int, context: String = "") throws {
        self.graph = graph
        self.batchSize = batchSize
        self.context = graph.context(in: engine, context)
        session = try engine.makeInitializedSession(for: graph)
    }

    func run() throws {
        let last = graph.nodes.count - 1
        let middle = last / 2
        let trainable = Set(graph.parameters.indices.filter { graph.parameters[$0].isTrainable })
        // Everything at once, one thing at a time, and from inside the network.
        try check("everything", PlanRequest(sources: [last], parameterGradients: trainable), watchesAll: true)
        if batchSize >= graph.smallestTrainingBatch() {
            let training = PlanRequest(mode: .training(seed: 5), sources: [last], parameterGradients: trainable)
            try check("everything in training", training, watchesAll: true)
            try check("outputs in training", PlanRequest(mode: .training(seed: 5), outputs: [0, last]))
            try check("images in training", PlanRequest(mode: .training(seed: 5), sources: [last], gradients: [0]))
        }
        try check("images", PlanRequest(sources: [last], gradients: [0]))
        try check("outputs", PlanRequest(outputs: [0, middle, last]))
        try check("two sources", PlanRequest(outputs: [middle], sources: [middle, last], gradients: [0, middle]))
        try check("the parameters", PlanRequest(sources: [last], parameterGradients: trainable))
    }

    /// - Parameter watchesAll: whether every node's output is asked for, and every gradient that there is.
    private func check(_ name: String, _ request: PlanRequest, watchesAll: Bool = false) throws {
        var request = request
        let isComputed = zip(graph.nodes.indices, graph.isAuxiliary).filter { request.isTraining || !$1 }.map(\.0)
        if watchesAll {
            request.outputs = Set(isComputed)
            request.gradients = Set(graph.nodes.indices)
            request.sources.formUnion(graph.auxiliaryOutputs.filter { isComputed.contains($0) })
            request.gradients.formIntersection(isComputed)
        }
        // Of what no source leads to there is no gradient.
        let isOnTheWay = request.isOnTheWay(in: graph)
        request.gradients = request.gradients.filter { isOnTheWay[$0] }
        for (node, range) in graph.parameterRanges.enumerated() where !isOnTheWay[node] {
            request.parameterGradients.subtract(range)
        }
        let plan = try session.makePlan(batchSize: batchSize, request: request)
        for number in 0..<2 { try check("\(name), pass \(number + 1)", plan, number: number) }
    }

    private func check(_ name: String, _ plan: any RequestPlan, number: Int) throws {
        let request = plan.request
        let batch = Oracle.Batch(for: graph, size: batchSize, number: number)
        let parameters = try graph.parameters.indices.map(session.parameter)
        var given: [Int: [Float]] = [:]
        for node in request.sources {
            // Of a loss's size. What comes to nothing but rounding, such as the gradient of a bias that a batch norm takes away
            // again, is then judged as it is in training.
            let shape = graph.nodes[node].shape
            let scale = min(1, 2 / Float(shape.count)) / Float(batchSize)
            let values = RandomStream(seed: 4, purpose: .synthesis, first: UInt32(number), second: UInt32(node))
                .uniform(batchSize * shape.count, low: -scale, high: scale)
            given[node] = values
            try plan.setGradient(values, of: node)
        }
        _ = plan.images.update(fromContentsOf: batch.images)
        _ = plan.samples.update(fromContentsOf: batch.samples)
        plan.epoch = batch.epoch
        try plan.run()
        let oracle = try Oracle(graph, batch, parameters: parameters, .request(request, given: given))
        try oracle.checkLogits(plan.logits, "\(name): logits", context)
        if request.hasGradients { try plan.backward() }
        for node in request.outputs.sorted() {
            try oracle.checkOutput(
                node, plan.output(of: node), "\(name): output of \(graph.nodes[node].path) (\(node))", context)
        }
        for node in request.gradients.sorted() {
            try oracle.checkGradient(
                node, plan.gradient(ofNode: node),
                "\(name): gradient with respect to \(graph.nodes[node].path) (\(node))",
                context)
        }
        for index in request.parameterGradients.sorted() {
            try oracle.checkParameter(
                index, plan.gradient(ofParameter: index), "\(name): gradient of \(graph.parameters[index].name)",
                context)
        }
        // Running statistics follow the batch in training, and in training alone.
        for (index, parameter) in graph.parameters.enumerated() where !parameter.isTrainable {
            try oracle.checkParameter(index, session.parameter(index), "\(name): \(parameter.name)", context)
        }
    }
}

extension ConformanceCheck {
    /// The rows of the table of operations and random networks, looked into.
    static let requests: [ConformanceCheck] =
        onOperations(.request) { engine, graph, batchSize in
            try RequestComparison(engine, graph, batchSize: batchSize).run()
        }
        + (1...60).map { seed in
            ConformanceCheck(.request, "network of seed \(seed)") { engine in
                let network = try RandomNetwork(seed: UInt64(seed))
                try RequestComparison(
                    engine, network.graph, batchSize: network.batchSize, context: network.description
                ).run()
            }
        }
}
