#if CONVNET_ONEDNN
import CKernels
import ConvNetGraph
import TestSupport
import Testing

@testable import ConvNetTesting
@testable import OneDNNEngine

/// In training, batch norms write to their place in a concatenation and read their gradient there, where blocks of channels
/// allow for it: the results are those of the formulas either way.
@Suite struct ConcatenationTests {
    @Test(
        arguments: [[16, 32, 16, 48], [16, 20, 16, 16], [8, 8, 16, 16], [5, 7, 11, 13], [16, 16, 16, 9]], [1, 2])
    func inceptionIsComputedRight(channels: [Int], threads: Int) throws {
        try compare(try Self.inception(channels), threads: threads)
    }

    @Test(.enabled(if: cker_available()), arguments: [[16, 32, 16, 48], [16, 16, 16, 9]])
    func nothingIsCopiedWhereBlocksAreFull(channels: [Int]) throws {
        let copies = try copies(Self.inception(channels))
        #expect(copies == [], "only the last branch may fill its blocks in part")
    }

    /// 20 channels begin a block that the next branch would have to go on with.
    @Test func copiesWhereBlocksAreNotFull() throws {
        let copies = try copies(Self.inception([16, 20, 16, 16]))
        #expect(copies.filter { $0.contains("forward") }.count >= 4)
        #expect(copies.filter { $0.contains("backward") }.count >= 4)
    }

    /// Some branches that others read too, that have no batch norm, that end with a batch norm and no ReLU, or with a
    /// residual; concatenations of concatenations, and one that reads a branch twice.
    @Test(arguments: 0..<7, [1, 2])
    func otherBranchesAreComputedRight(graph: Int, threads: Int) throws {
        func convolution(_ filters: Int = 16, _ kernel: Int = 1) -> Conv2D {
            Conv2D(filters, kernel: kernel, padding: .same, bias: false)
        }
        let stem: [(operation: any GraphOperation, inputs: [Int])] = [(convolution(16, 3), [0]), (BatchNorm(), [1])]
        let branches: [[(operation: any GraphOperation, inputs: [Int])]] = [
            // 5 is read by the concatenation and by 7.
            [
                (convolution(), [2]), (BatchNorm(), [3]), (ReLU(), [4]), (convolution(32, 3), [5]), (BatchNorm(), [6]),
                (Concatenate(), [5, 7]),
            ],
            // The images' batch norm itself, and a convolution without any.
            [(convolution(32, 3), [2]), (ReLU(), [3]), (Concatenate(), [2, 4])],
            // One that ends with a residual.
            [
                (convolution(16, 3), [2]), (BatchNorm(), [3]), (Add(), [4, 2]), (ReLU(), [5]), (convolution(), [2]),
                (BatchNorm(), [7]), (Concatenate(), [6, 8]),
            ],
            // One in the other, and a batch norm behind.
            [
                (convolution(), [2]), (BatchNorm(), [3]), (convolution(), [2]), (BatchNorm(), [5]),
                (Concatenate(), [4, 6]), (convolution(), [7]), (BatchNorm(), [8]), (Concatenate(), [7, 9]),
                (BatchNorm(), [10]),
            ],
            // Twice the same.
            [(convolution(), [2]), (BatchNorm(), [3]), (ReLU(), [4]), (Concatenate(), [5, 5])],
            // One that three read, two of which pass on a gradient that others have too.
            [(convolution(), [2]), (Add(), [3, 2]), (Concatenate(), [4, 2])],
            // A part of two concatenations' gradients.
            [(convolution(), [2]), (Concatenate(), [3, 2]), (Concatenate(), [4, 2])],
        ]
        var nodes = stem + branches[graph]
        for operation in [convolution(16, 3), BatchNorm(), ReLU(), GlobalAveragePool2D(), Dense(10)]
            as [any GraphOperation]
        {
            nodes.append((operation, [nodes.count]))
        }
        try compare(
            try Graph(input: [3, 7, 7], operations: nodes.map(\.operation), inputs: nodes.map(\.inputs)),
            threads: threads)
    }

    // MARK: Networks

    private func compare(_ graph: Graph, threads: Int) throws {
        for algorithm in cker_available() ? [ConvolutionAlgorithm.direct, .winograd, .narrow] : [.direct] {
            var engine = try OneDNNEngine(threads: threads)
            engine.poisonsMemory = true
            engine.preferredAlgorithm = algorithm
            try TrainingComparison(engine, graph, batchSizes: [4, 4, 3]).run()
        }
    }

    /// The calls of a training step that copy.
    private func copies(_ graph: Graph) throws -> [String] {
        let run = try SeededTraining(OneDNNEngine(threads: 1, algorithms: .estimated), graph, batchSize: 4)
        let calls = try run.plan.profile(runs: 1) { try run.step() }.map(\.purpose)
        #expect(calls.filter { $0.hasSuffix("batch norm backward") }.count == 8)
        return calls.filter { $0.hasSuffix("concatenation forward") || $0.hasSuffix("concatenation backward") }
    }

    /// A module with four branches, all of which end with batch norm and ReLU.
    private static func inception(_ channels: [Int]) throws -> Graph {
        try Network(input: [3, 8, 8]) {
            unit(16, kernel: 3)
            Branches {
                unit(channels[0], kernel: 1)
                Sequential {
                    unit(16, kernel: 1)
                    unit(channels[1], kernel: 3)
                }
                Sequential {
                    unit(16, kernel: 1)
                    unit(channels[2], kernel: 5)
                }
                Sequential {
                    MaxPool2D(3, stride: 1, padding: 1)
                    unit(channels[3], kernel: 1)
                }
            }
            unit(16, kernel: 3)
            GlobalAveragePool2D()
            Dense(10)
        }.graph
    }

    private static func unit(_ filters: Int, kernel: Int) -> Sequential {
        Sequential {
            Conv2D(filters, kernel: kernel, padding: .same, bias: false)
            BatchNorm()
            ReLU()
        }
    }
}
#endif
