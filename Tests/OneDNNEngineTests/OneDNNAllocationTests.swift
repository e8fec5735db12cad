#if CONVNET_ONEDNN
import OneDNNEngine
import TestSupport
import Testing

/// A training step works in memory that was set aside when its plan was compiled, and leaves nothing behind of what
/// oneDNN allocates by itself.
@Suite(.enabled(if: AllocationCount.isAvailable)) struct OneDNNAllocationTests {
    /// With one thread all the work is done where the counter sees it.
    @Test(arguments: SmallNetwork.allCases, [1, 2])
    func stepAllocatesNothing(_ network: SmallNetwork, threads: Int) throws {
        let engine = try OneDNNEngine(threads: threads)
        let training = try SeededTraining(engine, network.graph(), batchSize: 2)
        expectNothing(of: try training.allocations(inSteps: 200), engine)
    }

    @Test(arguments: [SmallNetwork.leNet, .inception], [1, 2])
    func stepWithEverythingAllocatesNothing(_ network: SmallNetwork, threads: Int) throws {
        let engine = try OneDNNEngine(threads: threads)
        let training = try SeededTraining(engine, network.graph(), batchSize: 2) { $0.addEverything() }
        expectNothing(of: try training.allocations(inSteps: 60, parts: 3), engine)
    }

    private func expectNothing(of allocations: AllocationCount, _ engine: OneDNNEngine) {
        #expect(allocations.own == 0, "first by\n\(allocations.firstOwnCallers)")
        // On other runtimes the library's own threads free what it allocated on ours.
        if engine.runtime == "OpenMP" { #expect(allocations.oneDNN == allocations.freed) }
    }
}
#endif
