#if CONVNET_ONEDNN
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
}
#endif
