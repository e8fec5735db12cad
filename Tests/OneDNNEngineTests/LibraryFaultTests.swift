#if CONVNET_ONEDNN
import ConvNetGraph
import OneDNNEngine
import Testing

@testable import ConvNetTesting

/// Networks in which oneDNN steps out of its memory, which ends the process, or computes something else than it should,
/// unless the engine keeps it from that.
@Suite struct LibraryFaultTests {
    /// Inference converts the weight of a dense layer behind 9 channels in blocks of 8 from the layout of training.
    @Test(arguments: [1, 2])
    func oneChannelConcatenated(threads: Int) throws {
        let operations: [(operation: any GraphOperation, inputs: [Int])] = [
            (
                Conv2D(
                    1, kernel: Size(2, 4), stride: 2, padding: .asymmetric(top: 0, bottom: 2, left: 2, right: 2),
                    dilation: Size(1, 2)), [0]
            ),
            (Conv2D(8, kernel: 3, padding: 1), [1]), (ELU(0.5), [2]), (Concatenate(), [3, 1]),
            (GlobalAveragePool2D(), [4]), (LeakyReLU(), [5]), (Dense(2), [6]), (Softmax(), [7]), (Dense(5), [8]),
            (ReLU(), [7]), (Concatenate(), [9, 10, 7]),
        ]
        let input: Shape = [17, 8, 5]
        var nodes = [Graph.Node(path: LayerPath(), operation: Input(input), inputs: [], shape: input)]
        for (operation, inputs) in operations {
            let shape = try operation.outputShape(for: inputs.map { nodes[$0].shape })
            nodes.append(
                Graph.Node(path: LayerPath([String(nodes.count)]), operation: operation, inputs: inputs, shape: shape))
        }
        try TrainingComparison(
            OneDNNEngine(threads: threads), Graph(nodes: nodes), batchSizes: [2, 2, 3, 2]
        ).run()
    }

    /// A sum and its ReLU, of 9 channels in blocks of 8, in inference.
    @Test func rectifiedSumOfBlocksNotFull() throws {
        let network = try Network(input: [17, 8, 5]) {
            Conv2D(1, kernel: 3, padding: 1)
            Branches {
                Sequential {
                    Conv2D(8, kernel: 3, padding: 1)
                    LeakyReLU()
                }
                Sequential {}
            }
            ReLU()
            MaxPool2D(Size(2, 1), stride: 1)
            Residual {
                Conv2D(9, kernel: 3, padding: 1, bias: false)
                Tanh()
            }
            ReLU()
        }
        try TrainingComparison(OneDNNEngine(threads: 1), network.graph, batchSize: 8).run()
    }

    /// The gradient of few inputs by more than 1024 units, on several threads; the last case is just wide enough to work.
    @Test(arguments: [(3, 1088, 3), (16, 1344, 3), (3, 1344, 16), (32, 1088, 3), (16, 1088, 128), (17, 1088, 3)])
    func wideDenseBehindNarrow(inputs: Int, units: Int, batchSize: Int) throws {
        let network = try Network(input: [5]) {
            Dense(inputs)
            Dense(units)
            Dense(3)
        }
        try TrainingComparison(OneDNNEngine(threads: 2), network.graph, batchSize: batchSize).run()
    }
}
#endif
