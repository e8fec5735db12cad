#if CONVNET_ONEDNN
import CKernels
import ConvNetTesting
import Testing

@testable import OneDNNEngine

@Suite struct OneDNNConformanceTests {
    @Test(arguments: ConformanceCheck.all, [1, 2, 3])
    func conforms(_ check: ConformanceCheck, threads: Int) throws {
        var engine = try OneDNNEngine(threads: threads)
        engine.poisonsMemory = true
        try check.run(engine)
    }

    /// What can be computed by the engine's own algorithms is.
    @Test(
        .enabled(if: cker_available()), arguments: ConformanceCheck.all, [ConvolutionAlgorithm.winograd, .narrow])
    func conformsWithOwnAlgorithms(_ check: ConformanceCheck, algorithm: ConvolutionAlgorithm) throws {
        var engine = try OneDNNEngine(threads: 2)
        engine.poisonsMemory = true
        engine.preferredAlgorithm = algorithm
        try check.run(engine)
    }
}
#endif
