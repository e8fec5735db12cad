#if CONVNET_ONEDNN
import ConvNetGraph
import ConvNetZoo
import Testing

@testable import OneDNNEngine

@Suite struct ThreadRuleTests {
    /// Batches, and the threads of a plan that predicts them, of an engine's four.
    @Test(
        .enabled(if: Library.hasTeam),
        arguments: [
            ("lenet5", 1, 1), ("lenet5", 2, 4), ("lenet5", 64, 4), ("resnet20", 1, 4), ("resnet18", 1, 4),
            ("mlp", 1, 1),
            ("mlp", 64, 4),
        ])
    func predictions(network: String, batchSize: Int, threads: Int) throws {
        let graph = try NetworkCatalog.entry(named: network).network().graph
        #expect(ThreadRule.threads(for: graph, batchSize: batchSize, isTraining: false, of: 4) == threads)
        #expect(ThreadRule.threads(for: graph, batchSize: batchSize, isTraining: false, of: 1) == 1)
        #expect(ThreadRule.threads(for: graph, batchSize: batchSize, isTraining: true, of: 4) == 4)
    }

    /// A network without products has nothing to go by.
    @Test func networkWithoutProducts() throws {
        let graph = try Network(input: [3, 8, 8]) { MaxPool2D(2) }.graph
        #expect(ThreadRule.threads(for: graph, batchSize: 1, isTraining: false, of: 4) == 4)
    }

    @Test(.enabled(if: Library.hasTeam)) func weightGradients() {
        let limit = ThreadRule.largestDividedWeight
        #expect(ThreadRule.parts(weightCount: limit, samples: 64, of: 4) == 4)
        #expect(ThreadRule.parts(weightCount: limit, samples: 3, of: 4) == 3)
        #expect(ThreadRule.parts(weightCount: limit, samples: 64, of: 1) == 1)
        #expect(ThreadRule.parts(weightCount: limit + 1, samples: 64, of: 4) == 1)
    }

    /// A plan has the threads that it is said to have, and one made afterwards the engine's again.
    @Test func plansHaveTheirThreads() throws {
        let graph = try NetworkCatalog.entry(named: "lenet5").network().graph
        let session = try OneDNNSession(graph: graph, engine: OneDNNEngine(threads: 2, algorithms: .estimated))
        let engineThreads = session.threads
        for batchSize in [1, 8] {
            let plan = try session.makeInferencePlan(batchSize: batchSize)
            #expect(plan.threads == session.planThreads(batchSize: batchSize, training: nil))
        }
        #expect(session.threads == engineThreads)
    }
}
#endif
