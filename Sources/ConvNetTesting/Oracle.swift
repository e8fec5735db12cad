import ConvNetEngine
import ConvNetGraph

/// What the textbook formulas give for one batch, in double precision, and how far single precision strays from that.
///
/// A gradient that is the small difference of large numbers cannot be had to five digits in single precision by anyone.
/// The formulas computed in `Float` show how many digits there are.
final class Oracle {
    private let exact: Values
    private lazy var rounded = Result { try computeRounded() }
    private let computeRounded: () throws -> [Values]
    private let findTie: () throws -> Bool

    /// The digits that any engine must get where single precision does.
    static let tolerance = 1e-5
    /// How much further from the exact value than the formulas in `Float` an engine may be, which adds up in another order.
    static let slack = 4.0
    /// Differences are taken relative to this at least: a few of single precision's epsilons, 5e-7, count as zero,
    /// since sums of numbers around 1 leave that much.
    static let floor = 0.05

    struct Batch {
        var size: Int
        var images: [Float]
        var labels: [Int32]
        var samples: [Int32]
        var epoch: Int
    }

    /// What is computed.
    enum Task {
        case evaluation
        case training(loss: SoftmaxCrossEntropy, seed: UInt64, frozenNorms: Set<Int>?)
        /// The gradients that are put on the outputs of nodes.
        case request(PlanRequest, given: [Int: [Float]])

        fileprivate var hasGradients: Bool { if case .evaluation = self { false } else { true } }

        fileprivate var isTraining: Bool {
            switch self {
            case .evaluation: false
            case .training: true
            case .request(let request, _): request.isTraining
            }
        }

        fileprivate var seed: UInt64 {
            switch self {
            case .training(_, let seed, _): seed
            case .request(let request, _): if case .training(let seed) = request.mode { seed } else { 0 }
            case .evaluation: 0
            }
        }

        fileprivate var frozenNorms: Set<Int>? {
            if case .training(_, _, let frozen) = self { frozen } else { nil }
        }

        fileprivate func needsAuxiliary(_ graph: Graph) -> Bool {
            if case .request(let request, _) = self { request.needsAuxiliary(in: graph) } else { isTraining }
        }
    }

    private struct Values {
        var loss: [Double] = []
        var logits: [Double]
        /// By parameter: the gradient of one that is trained, the new value of one that the layer keeps.
        var parameters: [[Double]] = []
        /// By node, of a request: what it makes, and the gradient with respect to that.
        var outputs: [[Double]] = []
        var gradients: [[Double]] = []
    }

    /// - Parameter parameters: in the graph's order, before the step.
    init(_ graph: Graph, _ batch: Batch, parameters: [[Float]], _ task: Task) throws {
        exact = try Self.compute(Double.self, graph, batch, parameters, task)
        // Asked for only where five digits were not reached, as they are nearly always. One result may be right by luck, and
        // engines' functions, unlike the formulas', are exact to a few units in the last place only: the second result is
        // for images and parameters that differ by as much.
        computeRounded = {
            var neighbour = batch
            neighbour.images = Self.shaken(batch.images)
            return try [
                Self.compute(Float.self, graph, batch, parameters, task),
                Self.compute(Float.self, graph, neighbour, parameters.map(Self.shaken), task),
            ]
        }
        findTie = {
            try Self.withForwardPass(Double.self, graph, batch, parameters, task) { exact in
                try Self.withForwardPass(Float.self, graph, batch, parameters, task) { rounded in
                    exact.hasTie(comparedWith: rounded)
                }
            }
        }
    }

    /// Whether the batch has a window of a max pooling whose two largest values are so near each other that rounding may
    /// exchange them. Gradients then go to one pixel in one engine and to its neighbour in another, and both are right.
    func hasTie() throws -> Bool { try findTie() }

    /// Every other number four units in the last place larger.
    private static func shaken(_ values: [Float]) -> [Float] {
        values.enumerated().map { $0.isMultiple(of: 2) ? $1 + 4 * $1.ulp : $1 }
    }

    /// A single number may be exact by luck: it may be as far off as the logits that it is made of.
    ///
    /// - Throws: ``ConformanceFailure``.
    func checkLoss(_ loss: Double, _ what: String, _ context: String) throws {
        try check([loss], \.loss, what, context, unavoidable: \.logits)
    }

    func checkLogits(_ logits: some Sequence<Float>, _ what: String, _ context: String) throws {
        try check(logits.map(Double.init), \.logits, what, context)
    }

    /// The exact gradient of a parameter or, where it is not trained, its new value.
    func parameter(_ index: Int) -> [Double] { exact.parameters[index] }

    /// A gradient or, of a parameter that is not trained, its new value.
    func checkParameter(_ index: Int, _ values: [Float], _ what: String, _ context: String) throws {
        try check(values.map(Double.init), \.parameters[index], what, context)
    }

    /// What a node makes.
    func checkOutput(_ node: Int, _ values: [Float], _ what: String, _ context: String) throws {
        try check(values.map(Double.init), \.outputs[node], what, context)
    }

    /// The gradient with respect to what a node makes.
    func checkGradient(_ node: Int, _ values: [Float], _ what: String, _ context: String) throws {
        try check(values.map(Double.init), \.gradients[node], what, context)
    }

    private func check(
        _ values: [Double], _ array: KeyPath<Values, [Double]>, _ what: String, _ context: String,
        unavoidable others: KeyPath<Values, [Double]>...
    ) throws {
        let error = relativeError(values, exact[keyPath: array], floor: Self.floor)
        guard error > Self.tolerance else { return }
        let rounded = try rounded.get()
        let unavoidable = ([array] + others).flatMap { array in
            rounded.map { relativeError($0[keyPath: array], exact[keyPath: array], floor: Self.floor) }
        }
        let tolerance = unavoidable.reduce(Self.tolerance) { max($0, Self.slack * $1) }
        guard error <= tolerance else {
            throw ConformanceFailure(what: what, error: error, tolerance: tolerance, context: context)
        }
    }

    private static func compute<Scalar: ReferenceScalar>(
        _: Scalar.Type, _ graph: Graph, _ batch: Batch, _ parameters: [[Float]], _ task: Task
    ) throws -> Values {
        try withForwardPass(Scalar.self, graph, batch, parameters, task) { interpreter in
            let logits = interpreter.outputs[interpreter.outputs.count - 1]
            var values = Values(logits: logits.doubles)
            switch task {
            case .evaluation: return values
            case .training(let loss, _, _):
                let result = TotalLoss(interpreter).evaluate { logits, gradient in
                    loss.measure(
                        logits: logits, labels: batch.labels, samples: batch.size, classes: graph.outputShape.count,
                        gradient: gradient)
                }
                values.loss = [result.lossSum]
                try interpreter.backward()
            case .request(let request, let given):
                values.outputs = interpreter.outputs.enumerated().map {
                    request.outputs.contains($0) ? $1.doubles : []
                }
                try interpreter.backward(from: given.mapValues { $0.map { Scalar($0) } })
                values.gradients = interpreter.gradients.enumerated().map {
                    request.gradients.contains($0) ? $1.doubles : []
                }
            }
            values.parameters = graph.parameters.indices.map { index in
                graph.parameters[index].isTrainable
                    ? interpreter.parameterGradients[index].doubles : interpreter.parameters[index].doubles
            }
            return values
        }
    }

    private static func withForwardPass<Scalar: ReferenceScalar, T>(
        _: Scalar.Type, _ graph: Graph, _ batch: Batch, _ parameters: [[Float]], _ task: Task,
        _ body: (ReferenceInterpreter<Scalar>) throws -> T
    ) throws -> T {
        let memory = parameters.map { values in
            let buffer = AlignedBuffer<Scalar>(count: values.count)
            for (index, value) in values.enumerated() { buffer.elements[index] = Scalar(value) }
            return buffer
        }
        let interpreter = try ReferenceInterpreter<Scalar>(
            graph: graph, batchSize: batch.size, parameters: memory.map(\.pointer), isTraining: task.hasGradients,
            frozenNorms: task.frozenNorms, differentiatesImages: true)
        for (index, value) in batch.images.enumerated() { interpreter.outputs[0][index] = Scalar(value) }
        interpreter.pass.isTraining = task.isTraining
        interpreter.pass.epoch = batch.epoch
        interpreter.pass.seed = task.seed
        _ = interpreter.pass.samples.update(fromContentsOf: batch.samples)
        try interpreter.forward(auxiliary: task.needsAuxiliary(graph))
        return try withExtendedLifetime(memory) { try body(interpreter) }
    }
}

extension ReferenceInterpreter<Double> {
    /// See ``Oracle/hasTie()``.
    ///
    /// - Parameter rounded: the same batch in single precision, whose differences from this one are what rounding does.
    fileprivate func hasTie(comparedWith rounded: ReferenceInterpreter<Float>) -> Bool {
        graph.nodes.contains { node in
            guard let pooling = node.operation as? any MaxPooling else { return false }
            let (input, other) = (outputs[node.inputs[0]], rounded.outputs[node.inputs[0]])
            let squares = (0..<input.count).reduce(0) {
                $0 + (input[$1] - Double(other[$1])) * (input[$1] - Double(other[$1]))
            }
            // Of single values, whose errors may be some times the typical one, and in either direction.
            let near = 8 * (squares / Double(max(input.count, 1))).squareRoot()
            return pooling.poolingWindow(for: input.size).smallestLead(in: input) < near
        }
    }
}

extension Window {
    /// How far the largest value of a window is ahead of the second largest, in the window where that is the least.
    fileprivate func smallestLead(in input: Tensor<Double>) -> Double {
        let output = outputSize(for: input.size)
        var smallest = Double.infinity
        for n in 0..<input.samples {
            for c in 0..<input.channels {
                for y in 0..<output.height {
                    let top = y * stride.height - edges.top
                    for x in 0..<output.width {
                        let left = x * stride.width - edges.left
                        var (first, second) = (-Double.infinity, -Double.infinity)
                        for row in max(top, 0)..<min(top + kernel.height, input.height) {
                            for column in max(left, 0)..<min(left + kernel.width, input.width) {
                                let value = input[n, c, row, column]
                                second = max(second, min(first, value))
                                first = max(first, value)
                            }
                        }
                        if second > -.infinity { smallest = min(smallest, first - second) }
                    }
                }
            }
        }
        return smallest
    }
}

extension Tensor {
    fileprivate var doubles: [Double] { (0..<count).map { Double(self[$0]) } }
}
