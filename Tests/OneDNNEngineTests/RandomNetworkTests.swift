#if CONVNET_ONEDNN
import TestSupport
import Testing

/// Layers in all sorts of orders, with layouts flowing between them, train the same in oneDNN as in the reference engine.
@Suite struct RandomNetworkTests {
    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func stepsAndInference(seed: UInt64) throws {
        let network = try RandomNetwork(seed: seed)
        let agreement = try Agreement(
            network.graph, batchSize: network.batchSize, threads: seed.isMultiple(of: 2) ? 2 : 1,
            context: network.description)
        let otherSize = network.batchSize % 9 + 1
        for batchSize in [network.batchSize, network.batchSize, otherSize, network.batchSize] {
            try agreement.changeBatchSize(to: batchSize)
            try agreement.step()
        }
        try agreement.expectEqualParameters()
        try agreement.expectEqualInference(batchSize: otherSize)
    }
}
#endif
