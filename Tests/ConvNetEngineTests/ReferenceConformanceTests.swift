import ConvNetEngine
import ConvNetTesting
import Testing

@Suite struct ReferenceConformanceTests {
    @Test(arguments: ConformanceCheck.all)
    func conforms(_ check: ConformanceCheck) throws {
        try check.run(ReferenceEngine())
    }
}
