#if CONVNET_ONEDNN
import CKernels
import ConvNetGraph
import TestSupport
import Testing

@testable import OneDNNEngine

/// In inference batch norms become part of the convolutions before them, and additions what these end with: the logits are
/// those of the plan that keeps them apart.
@Suite struct InferenceFusionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Whether blocks of channels are full, so that all maps lie alike.
        var isFull: Bool
        /// Whether something that is added is read after the addition too.
        var isReadLater = false
        var graph: @Sendable () throws -> Graph
    }

    static let cases =
        [true, false].flatMap { bias in
            [16, 20].flatMap { channels in
                let (suffix, isFull) = (", \(channels) channels, bias: \(bias)", channels.isMultiple(of: 16))
                return [
                    Case(testDescription: "identity" + suffix, isFull: isFull) {
                        try residual(channels: channels, bias: bias, shortcut: .identity)
                    },
                    Case(testDescription: "convolution" + suffix, isFull: isFull) {
                        try residual(channels: channels, bias: bias, shortcut: .convolution)
                    },
                    Case(testDescription: "read later" + suffix, isFull: isFull, isReadLater: true) {
                        try residual(channels: channels, bias: bias, shortcut: .identity, isReadLater: true)
                    },
                    Case(testDescription: "convolution read later" + suffix, isFull: isFull, isReadLater: true) {
                        try convolutionReadLater(channels: channels, bias: bias)
                    },
                ]
            }
        } + [Case(testDescription: "other norms and activations", isFull: false, graph: others)]

    @Test(arguments: cases, algorithms)
    func logitsAreThoseOfTheTrainingPlan(_ item: Case, algorithm: ConvolutionAlgorithm) throws {
        var engine = try OneDNNEngine(threads: 2)
        engine.preferredAlgorithm = algorithm
        engine.poisonsMemory = true
        let run = try SeededTraining(engine, item.graph(), batchSize: 6)
        try moveStatistics(run)
        let plan = try run.session.makeInferencePlan(batchSize: 6)
        for round in 1...3 {
            // The first round has the statistics of the plan's making, the others newer ones.
            if round > 1 { try run.step() }
            _ = plan.images.update(fromContentsOf: run.plan.images)
            try plan.run()
            try run.plan.run()
            #expect(relativeError(plan.logits, run.plan.logits) < 1e-5, "round \(round)")
        }

        let calls = try plan.profile(runs: 1) { try plan.run() }.map(\.purpose)
        let separate = try run.plan.profile(runs: 1) { try run.plan.run() }.map(\.purpose)
        #expect(!calls.contains { $0.hasSuffix("batch norm forward") })
        #expect(separate.contains { $0.hasSuffix("batch norm forward") }, "that is what they are called")
        // Winograd's algorithm adds without overwriting.
        if item.isFull, !item.isReadLater || algorithm == .winograd {
            #expect(!calls.contains { $0.hasSuffix("residual forward") })
        }
    }

    static let algorithms: [ConvolutionAlgorithm] = cker_available() ? [.winograd, .narrow, .direct] : [.direct]

    /// Trains some steps, after which the running statistics are neither 0 and 1 nor near.
    private func moveStatistics(_ run: SeededTraining) throws {
        for _ in 1...4 { try run.step() }
        for (index, parameter) in run.graph.parameters.enumerated() where !parameter.isTrainable {
            let start: Float = parameter.name.hasSuffix("running_var") ? 1 : 0
            let distance = try run.session.parameter(index).map { abs($0 - start) }.max() ?? 0
            #expect(distance > 0.01, "\(parameter.name)")
        }
    }

    // MARK: Networks

    enum Shortcut { case identity, convolution }

    private static func residual(
        channels: Int, bias: Bool, shortcut: Shortcut, isReadLater: Bool = false
    ) throws -> Graph {
        let block = Sequential {
            Residual {
                Conv2D(channels, kernel: 3, padding: 1, bias: bias)
                BatchNorm(momentum: 0.3)
                ReLU()
                Conv2D(channels, kernel: 3, padding: 1, bias: bias)
                BatchNorm(momentum: 0.3)
            } shortcut: {
                if shortcut == .convolution {
                    Conv2D(channels, kernel: 1, bias: bias)
                    BatchNorm(momentum: 0.3)
                }
            }
            ReLU()
        }
        return try Network(input: [3, 9, 9]) {
            Conv2D(channels, kernel: 3, padding: 1, bias: bias)
            BatchNorm(momentum: 0.3)
            ReLU()
            block
            if isReadLater {
                Branches {
                    block
                    Sequential {}
                }
                Conv2D(channels, kernel: 3, padding: 1)
            }
            block
            GlobalAveragePool2D()
            Dense(10)
        }.graph
    }

    /// A shortcut's convolution whose output another layer reads after the addition.
    private static func convolutionReadLater(channels: Int, bias: Bool) throws -> Graph {
        func convolution(_ kernel: Int) -> Conv2D { Conv2D(channels, kernel: kernel, padding: .same, bias: bias) }
        return try Graph(
            input: [3, 9, 9],
            operations: [
                convolution(3), BatchNorm(momentum: 0.3), ReLU(),
                // The shortcut.
                convolution(1), BatchNorm(momentum: 0.3),
                // The body.
                convolution(3), BatchNorm(momentum: 0.3), Add(), ReLU(),
                // Reads both.
                Concatenate(), GlobalAveragePool2D(), Dense(10),
            ],
            inputs: [[0], [1], [2], [3], [4], [3], [6], [7, 5], [8], [9, 5], [10], [11]])
    }

    @Sendable private static func others() throws -> Graph {
        try Network(input: [3, 9, 9]) {
            Conv2D(16, kernel: 3, padding: 1)
            BatchNorm(epsilon: 1e-2, momentum: 0.3, affine: false)
            ELU()
            Residual {
                Conv2D(16, kernel: 3, padding: 1, groups: 4, bias: false)
                BatchNorm(epsilon: 1e-3, momentum: 0.3)
                SiLU()
                Conv2D(16, kernel: 5, padding: 2)
                BatchNorm(momentum: 0.3, affine: false)
            }
            LeakyReLU(0.1)
            Conv2D(32, kernel: 3, stride: 2)
            BatchNorm(momentum: 0.3)
            Residual {
                Conv2D(32, kernel: 3, padding: 1)
                BatchNorm(momentum: 0.3)
            }
            GlobalAveragePool2D()
            Dense(10)
        }.graph
    }
}
#endif
