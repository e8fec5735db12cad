#if CONVNET_ONEDNN
import ConvNetTesting
import OneDNNEngine
import Testing

@Suite struct OneDNNConformanceTests {
    @Test(arguments: ConformanceCheck.all, [1, 2])
    func conforms(_ check: ConformanceCheck, threads: Int) throws {
        try check.run(OneDNNEngine(threads: threads))
    }
}
#endif
