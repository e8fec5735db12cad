#if CONVNET_ONEDNN
import CKernels
import ConvNetTesting
import Testing

@testable import OneDNNEngine

@Suite struct OneDNNConformanceTests {
    @Test(arguments: ConformanceCheck.all, [1, 2])
    func conforms(_ check: ConformanceCheck, threads: Int) throws {
        var engine = try OneDNNEngine(threads: threads)
        engine.poisonsMemory = true
        try check.run(engine)
    }

    /// What can be computed by Winograd's algorithm is.
    @Test(.enabled(if: cker_available()), arguments: ConformanceCheck.all, [1, 2])
    func conformsWithWinograd(_ check: ConformanceCheck, threads: Int) throws {
        var engine = try OneDNNEngine(threads: threads)
        engine.poisonsMemory = true
        engine.preferredAlgorithm = .winograd
        try check.run(engine)
    }
}
#endif
