#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph
import ConvNetEngine
import TestSupport
import Testing

@testable import OneDNNEngine

/// Computing with bfloat16 comes to what float32 does, but for its precision.
@Suite(.enabled(if: Library.usesAVX512)) struct Bfloat16Tests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// Multiples of 16 or not: blocks of channels that are full, and those that are not.
        var channels: Int
        /// Whether nothing but rounding is rounded away: no ReLU that lets pass or not, no maximum that is here or there.
        var isSmooth: Bool
        var graph: @Sendable (_ channels: Int) throws -> Graph

        var testDescription: String { "\(name), \(channels) channels" }
    }

    static let cases = [16, 20].flatMap { channels in
        [
            Case(name: "residual", channels: channels, isSmooth: true) { try residual(channels: $0) { ELU() } },
            Case(name: "rectified residual", channels: channels, isSmooth: false) {
                try residual(channels: $0) { ReLU() }
            },
            Case(name: "average poolings", channels: channels, isSmooth: true) {
                try poolings(channels: $0) { AveragePool2D(3, stride: 2, padding: 1) }
            },
            Case(name: "max pooling", channels: channels, isSmooth: false) {
                try poolings(channels: $0) { MaxPool2D(3, stride: 2, padding: 1) }
            },
            Case(name: "concatenation", channels: channels, isSmooth: true, graph: concatenation),
            Case(name: "dense", channels: channels, isSmooth: true, graph: dense),
            Case(name: "gates and channels", channels: channels, isSmooth: true, graph: gates),
            Case(name: "clipped", channels: channels, isSmooth: false, graph: clipped),
        ]
    }

    /// A bfloat16 is off by 2⁻⁹ = 2e-3 at most; these networks round a number some ten times on its way to a result, the
    /// errors adding up like a random walk or, at worst, one on top of the other. A wrong factor or a term left out would be
    /// off by much more.
    private static let tolerance = 3e-2

    /// Of gradients where rounding decides what passes a ReLU or a maximum, as a distance in the Euclidean norm. Of values
    /// around 0 with a deviation of 1 and errors of 4e-3, three in a thousand have their sign changed: as a share of a sum of
    /// terms of either sign, √0.003 = 5 % for each such layer on the way, of which there are five.
    private static let toleranceAtCorners = 0.2

    @Test(arguments: cases, [1, 2])
    func comesToWhatFloat32Does(_ item: Case, threads: Int) throws {
        let graph = try item.graph(item.channels)
        let runs = try [Precision.fp32, .bf16].map { precision in
            var engine = try OneDNNEngine(threads: threads, precision: precision, algorithms: .estimated)
            engine.poisonsMemory = true
            let run = try SeededTraining(engine, graph, batchSize: 8)
            let loss = try run.step().lossSum
            return (run, logits: Array(run.plan.logits), loss: loss, gradients: try run.gradients())
        }
        expect(runs[1].logits, near: runs[0].logits, "logits")
        #expect(relativeError([runs[1].loss], [runs[0].loss]) < Self.tolerance, "loss")
        #expect(runs[1].logits != runs[0].logits, "computed in float32")
        for (index, parameter) in graph.parameters.enumerated() where parameter.isTrainable {
            let (gradient, expected) = (runs[1].gradients[index], runs[0].gradients[index])
            if item.isSmooth {
                expect(gradient, near: expected, "gradient of \(parameter.name)")
            } else {
                let error = norm(zip(gradient, expected).map { $0 - $1 }) / norm(expected)
                #expect(error < Self.toleranceAtCorners, "gradient of \(parameter.name)")
            }
        }
        for index in graph.parameters.indices where !graph.parameters[index].isTrainable {
            expect(
                try runs[1].0.session.parameter(index), near: try runs[0].0.session.parameter(index),
                graph.parameters[index].name)
        }
        for batchSize in [3, 8] {
            let logits = try runs.map { try $0.0.infer(batchSize: batchSize) }
            expect(logits[1], near: logits[0], "inference")
        }
    }

    /// What nobody wrote is nothing that a result depends on.
    @Test(arguments: cases)
    func poisonChangesNothing(_ item: Case) throws {
        let results = try [false, true].map { poisons in
            var engine = try OneDNNEngine(threads: 2, precision: .bf16, algorithms: .estimated)
            engine.poisonsMemory = poisons
            let run = try SeededTraining(engine, item.graph(item.channels), batchSize: 5)
            for _ in 1...3 { try run.step() }
            return (try run.weights(), try run.gradients(), try run.infer(batchSize: 5))
        }
        #expect(results[0].0 == results[1].0)
        #expect(results[0].1 == results[1].1)
        #expect(results[0].2 == results[1].2)
    }

    // MARK: Weights

    @Test func parametersKeepTheirBits() throws {
        let graph = try Self.residual(channels: 20) { ReLU() }
        let session = try OneDNNEngine(threads: 1, precision: .bf16).makeSession(for: graph)
        func values(_ index: Int) -> [Float] {
            RandomStream(seed: 9, purpose: .synthesis, first: UInt32(index))
                .uniform(graph.parameters[index].count, low: -1, high: 1)
        }
        for index in graph.parameters.indices { try session.setParameter(index, to: values(index)) }
        let training = TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: SGD(), seed: 0)
        _ = try session.makeTrainingPlan(batchSize: 4, training: training)
        for index in graph.parameters.indices { #expect(try session.parameter(index) == values(index)) }
    }

    /// Each update is less than a hundredth of a bfloat16's last place: rounded after each step, the weights would stay.
    @Test(arguments: [16, 20])
    func smallUpdatesAddUp(channels: Int) throws {
        let graph = try Self.residual(channels: channels) { ReLU() }
        let engine = try OneDNNEngine(threads: 1, precision: .bf16, algorithms: .estimated)
        let run = try SeededTraining(engine, graph, batchSize: 8, optimizer: SGD(momentum: 0))
        // Fills images and labels, which later steps then share.
        try run.step()
        let (start, steps, rate) = (try run.weights(), 50, Float(2e-5))
        var sums = start.map { $0.map { _ in 0.0 } }
        for step in 1...steps {
            _ = try run.plan.step(TrainingStep(learningRate: rate, epoch: 0, update: step + 1))
            for (index, gradient) in try run.gradients().enumerated() {
                for (element, value) in gradient.enumerated() { sums[index][element] += Double(value) }
            }
        }
        for (index, parameter) in graph.parameters.enumerated() where parameter.isTrainable {
            let (before, after) = (start[index], try run.session.parameter(index))
            let change = zip(after, before).map { Double($0 - $1) }
            let expected = sums[index].map { -Double(rate) * $0 }
            let largest = before.map(abs).max()!
            let step = change.map(abs).max()! / Double(steps)
            // Vectors are not computed with in bfloat16, and may begin with 0.
            if parameter.shape.count > 1 {
                #expect(step < Double(largest) / 256 / 100, "\(parameter.name): the updates are not small")
            }
            // Float32 rounds each update by 6e-8 of the weight.
            let rounding = Double(steps) * 6e-8 * Double(largest)
            let error = zip(change, expected).map { abs($0 - $1) }.max()!
            #expect(error <= 1e-3 * expected.map(abs).max()! + rounding, "\(parameter.name): \(error)")
        }
    }

    // MARK: The processor

    @Test func warnsWhereItIsEmulated() throws {
        let engine = try OneDNNEngine(precision: .bf16)
        #expect(engine.precision == .bf16)
        let multiplies = engine.instructionSet.contains("bf16") || engine.instructionSet.contains("amx")
        #expect(engine.warnings.contains { $0.contains("emulated") } == !multiplies)
        #expect(try !OneDNNEngine().warnings.contains { $0.contains("bf16") })
    }

    // MARK: Networks

    private static func residual(channels: Int, activation: () -> any Layer) throws -> Graph {
        try Network(input: [3, 12, 12]) {
            Conv2D(channels, kernel: 3, padding: 1, bias: false).named("conv")
            BatchNorm().named("bn")
            activation()
            Residual {
                Conv2D(channels, kernel: 3, padding: 1, bias: false).named("a1")
                BatchNorm().named("abn1")
                activation()
                Conv2D(channels, kernel: 3, padding: 1, bias: false).named("a2")
                BatchNorm().named("abn2")
            }
            activation()
            Residual {
                Conv2D(2 * channels, kernel: 3, stride: 2, padding: 1, bias: false).named("b1")
                BatchNorm().named("bbn1")
                activation()
                Conv2D(2 * channels, kernel: 3, padding: 1, bias: false).named("b2")
                BatchNorm().named("bbn2")
            } shortcut: {
                Conv2D(2 * channels, kernel: 1, stride: 2, bias: false).named("downsample")
                BatchNorm().named("bbn3")
            }
            activation()
            GlobalAveragePool2D()
            Dense(10).named("fc")
        }.graph
    }

    private static func poolings(channels: Int, pooling: () -> any Layer) throws -> Graph {
        try Network(input: [3, 16, 16]) {
            Conv2D(channels, kernel: 5, padding: 2)
            ELU()
            pooling()
            Conv2D(2 * channels, kernel: 3, padding: 1)
            Tanh()
            AveragePool2D(2)
            Dropout(0.25)
            AdaptiveAveragePool2D(3)
            Flatten()
            Dense(10)
        }.graph
    }

    @Sendable private static func concatenation(channels: Int) throws -> Graph {
        try Network(input: [3, 10, 10]) {
            Conv2D(channels, kernel: 3, padding: 1, bias: false)
            BatchNorm()
            ELU()
            Branches {
                Sequential {
                    Conv2D(channels, kernel: 1, bias: false)
                    BatchNorm()
                    Tanh()
                }
                Sequential {
                    Conv2D(2 * channels, kernel: 3, padding: 1)
                    ELU()
                }
                Sequential {
                    AveragePool2D(3, stride: 1, padding: 1)
                    Conv2D(channels, kernel: 1)
                }
                Sequential {}
            }
            Conv2D(channels, kernel: 3)
            ELU()
            GlobalAveragePool2D()
            Dense(10)
        }.graph
    }

    @Sendable private static func dense(channels: Int) throws -> Graph {
        try Network(input: [channels]) {
            Dense(4 * channels)
            Tanh()
            Dropout(0.5)
            Dense(3 * channels)
            ELU()
            Dense(10)
        }.graph
    }

    @Sendable private static func gates(channels: Int) throws -> Graph {
        try Network(input: [3, 12, 12]) {
            Conv2D(channels, kernel: 3, padding: 1)
            Gate {
                AdaptiveAveragePool2D(1)
                Conv2D(channels, kernel: 1)
                Sigmoid()
            }
            ChannelShuffle(4)
            Join(by: Add()) {
                Conv2D(channels, kernel: 1)
                ChannelAffine()
                Sequential {
                    ChannelSlice(1, count: channels - 4)
                    ChannelPadding(before: 3, after: 1)
                    StochasticDepth(0.3)
                }
            }
            Gate { Tanh() }
            GlobalAveragePool2D()
            Dense(10)
        }.graph
    }

    @Sendable private static func clipped(channels: Int) throws -> Graph {
        try Network(input: [3, 12, 12]) {
            Conv2D(channels, kernel: 3, padding: 1)
            Clip(low: -0.7, high: 0.7)
            Conv2D(channels, kernel: 1)
            PReLU()
            Conv2D(channels, kernel: 1)
            HardSigmoid()
            GlobalAveragePool2D()
            Dense(10)
        }.graph
    }

    /// What is clipped passes no gradient, though the limit that it is stored as is another number.
    @Test(arguments: [Float(0.7), 0.1])
    func whatIsClippedPassesNothing(limit: Float) throws {
        let graph = try Network(input: [16, 2, 2]) {
            Conv2D(16, kernel: 1, bias: false)
            Clip(low: Double(-limit), high: Double(limit))
            Conv2D(16, kernel: 1, bias: false)
        }.graph
        var engine = try OneDNNEngine(threads: 1, precision: .bf16, algorithms: .estimated)
        engine.poisonsMemory = true
        let session = try engine.makeSession(for: graph)
        for index in 0..<2 { try session.setParameter(index, to: (0..<256).map { $0 % 17 == 0 ? 1 : 0 }) }
        let plan = try session.makePlan(batchSize: 1, request: PlanRequest(sources: [3], gradients: [1]))
        let values = (0..<64).map { Float($0) / 16 - 2 }
        _ = plan.images.update(fromContentsOf: values)
        try plan.setGradient([Float](repeating: 1, count: 64), of: 3)
        try plan.run()
        try plan.backward()
        for (value, gradient) in zip(values, try plan.gradient(ofNode: 1)) {
            #expect(gradient == (abs(value) < limit ? 1 : 0), "\(value)")
        }
    }

    private func norm(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    private func expect(
        _ values: [Float], near expected: [Float], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = relativeError(values, expected)
        #expect(error < Self.tolerance, "\(what)", sourceLocation: sourceLocation)
    }
}
#endif
