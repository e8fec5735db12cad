#if CONVNET_ONEDNN
import ConvNetCore
import OneDNNEngine
import Testing

@testable import ConvNetTesting

/// Networks in which oneDNN steps out of its memory, which ends the process, unless the engine keeps it from that.
@Suite struct LibraryFaultTests {
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
