import ConvNetEngine
import TestSupport
import Testing

/// A training step works in memory that was set aside when its plan was made.
@Suite(.enabled(if: AllocationCount.isAvailable)) struct AllocationTests {
    @Test func counterSeesAnArray() {
        let allocations = AllocationCount {
            withExtendedLifetime([UInt8](repeating: 1, count: .random(in: 100...200))) {}
        }
        #expect((allocations.own, allocations.oneDNN, allocations.freed) == (1, 0, 1))
        #expect(allocations.firstOwnCallers.contains("swift"))
    }

    @Test(arguments: SmallNetwork.allCases)
    func stepInTheReferenceEngineAllocatesNothing(_ network: SmallNetwork) throws {
        let training = try SeededTraining(ReferenceEngine(), network.graph(), batchSize: 2)
        let allocations = try training.allocations(inSteps: 10)
        #expect(allocations.own == 0, "first by\n\(allocations.firstOwnCallers)")
        #expect(allocations.freed == 0)
    }

    @Test(arguments: [SmallNetwork.leNet, .inception])
    func stepWithEverythingAllocatesNothing(_ network: SmallNetwork) throws {
        let training = try SeededTraining(ReferenceEngine(), network.graph(), batchSize: 2) {
            $0.addEverything()
        }
        let allocations = try training.allocations(inSteps: 12, parts: 3)
        #expect(allocations.own == 0, "first by\n\(allocations.firstOwnCallers)")
        #expect(allocations.freed == 0)
    }
}
