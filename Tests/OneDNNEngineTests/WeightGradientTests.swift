#if CONVNET_ONEDNN
import ConvNetGraph
import ConvNetEngine
import TestSupport
import Testing

@testable import OneDNNEngine

/// The gradient of a weight, computed for the samples of each thread by themselves.
@Suite(.enabled(if: (try? OneDNNEngine()) != nil && Library.hasTeam)) struct WeightGradientTests {
    private static let operations: [any GraphOperation] = [
        Conv2D(16, kernel: 3, padding: 1), ReLU(), Conv2D(32, kernel: 3, groups: 2), Conv2D(8, kernel: 1), Flatten(),
        Dense(5),
    ]

    /// Two threads come to the sum of what one thread makes of each half of the batch. Not to the bit everywhere: what oneDNN
    /// computes before, without AVX-512, depends on the number of samples.
    @Test func isTheSumOverTheThreads() throws {
        let graph = try Graph(input: [3, 12, 12], operations: Self.operations)
        let whole = try Run(graph, threads: 2, samples: 0..<4).gradients
        let halves = try [0..<2, 2..<4].map { try Run(graph, threads: 1, samples: $0).gradients }
        for (index, parameter) in graph.parameters.enumerated() where parameter.name.hasSuffix("weight") {
            // The mean over twice as many images.
            let sum = zip(halves[0][index], halves[1][index]).map { $0 / 2 + $1 / 2 }
            #expect(relativeError(whole[index], sum) < 1e-5, "\(parameter.name)")
        }
    }

    /// All four weights are, and in bfloat16, too.
    @Test(arguments: Library.usesAVX512 ? [Precision.fp32, .bf16] : [.fp32])
    func smallWeightsAreDivided(precision: Precision) throws {
        let graph = try Graph(input: [3, 12, 12], operations: Self.operations)
        let run = try Run(graph, threads: 2, samples: 0..<4, precision: precision)
        let divided = run.plan.compiled.backward.compactMap { $0 as? DividedGradientCall }
        #expect(divided.map(\.threads) == [2, 2, 2, 2])
        let one = try Run(graph, threads: 1, samples: 0..<4, precision: precision)
        #expect(!one.plan.compiled.backward.contains { $0 is DividedGradientCall })
        let bound: Float = precision == .bf16 ? 0.02 : 1e-5
        for index in graph.parameters.indices {
            #expect(relativeError(run.gradients[index], one.gradients[index]) < Double(bound))
        }
    }

    /// Parts of 2, 1 and 2 samples, and more threads than samples.
    @Test(arguments: [3, 8])
    func unevenPartsAddUp(threads: Int) throws {
        let graph = try Graph(input: [3, 12, 12], operations: Self.operations)
        let (one, several) = (
            try Run(graph, threads: 1, samples: 0..<5).gradients,
            try Run(graph, threads: threads, samples: 0..<5).gradients
        )
        for index in graph.parameters.indices { #expect(relativeError(several[index], one[index]) < 1e-5) }
    }

    /// A step without a change of the weights.
    private struct Run {
        let gradients: [[Float]]
        let plan: OneDNNTrainingPlan

        init(_ graph: Graph, threads: Int, samples: Range<Int>, precision: Precision = .fp32) throws {
            var engine = try OneDNNEngine(threads: threads, precision: precision, algorithms: .exact)
            engine.poisonsMemory = true
            let session = try engine.makeSession(for: graph)
            for (index, parameter) in graph.parameters.enumerated() {
                try session.setParameter(index, to: parameter.initializer.values(for: parameter, seed: 1))
            }
            let training = TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: SGD(), seed: 0)
            let made = try session.makeTrainingPlan(batchSize: samples.count, training: training)
            plan = try #require(made as? OneDNNTrainingPlan)
            for (position, sample) in samples.enumerated() {
                for element in 0..<graph.inputShape.count {
                    plan.images[position * graph.inputShape.count + element] =
                        Float((element * 7919 + sample * 104_729) % 1009) / 1009 - 0.5
                }
                plan.labels[position] = Int32(sample % graph.outputShape.count)
            }
            _ = try plan.step(TrainingStep(learningRate: 0, epoch: 0, update: 1))
            let trained = plan
            gradients = try graph.parameters.indices.map { try trained.gradient($0) }
        }
    }
}
#endif
