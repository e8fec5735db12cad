#if CONVNET_ONEDNN
import TestSupport
import Testing

/// Every operation computes the same in oneDNN as in the reference engine.
@Suite struct OperationAgreementTests {
    /// Reading the images: oneDNN takes them row-major, and computes no gradient for them.
    @Test(arguments: try OperationCase.all, [1, 2])
    func asFirstLayer(_ operation: OperationCase, threads: Int) throws {
        let agreement = try Agreement(
            operation.graph, batchSize: operation.batchSize, threads: threads, context: operation.name)
        try agreement.step()
        try agreement.expectEqualInference(batchSize: operation.batchSize)
    }

    /// Behind another layer, in whichever layout that leaves its output.
    @Test(arguments: try OperationCase.all, [1, 2])
    func behindWeights(_ operation: OperationCase, threads: Int) throws {
        let agreement = try Agreement(
            operation.graphBehindWeights(), batchSize: operation.batchSize, threads: threads, context: operation.name)
        try agreement.step()
        try agreement.expectEqualInference(batchSize: operation.batchSize)
    }
}
#endif
