#if CONVNET_ONEDNN
import ConvNetEngine
import TestSupport
import Testing

@testable import OneDNNEngine

/// What a plan takes is known before it is made, and one that does not fit is refused with one that does.
@Suite struct PlanMemoryTests {
    private static let training = TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: SGD(), seed: 0)

    @Test(arguments: SmallNetwork.allCases, [1, 2])
    func bytesAreThoseOfThePlan(_ network: SmallNetwork, threads: Int) throws {
        let session = try session(network, threads: threads)
        for batchSize in [1, 3, 8] {
            let bytes = try session.planBytes(batchSize: batchSize, training: nil)
            #expect(try session.makeInferencePlan(batchSize: batchSize).arenaBytes == bytes)
        }
        // The first one finds the parameters in other layouts than the second.
        for batchSize in [4, 3, 8] {
            let bytes = try session.planBytes(batchSize: batchSize, training: Self.training)
            #expect(
                try session.makeTrainingPlan(batchSize: batchSize, training: Self.training).arenaBytes == bytes)
        }
        for batchSize in [1, 3, 8] {
            let bytes = try session.planBytes(batchSize: batchSize, training: nil)
            #expect(try session.makeInferencePlan(batchSize: batchSize).arenaBytes == bytes)
        }
    }

    /// What batches of 2 to 11 take, and a byte more or less, is there for a batch of 12.
    @Test(arguments: SmallNetwork.allCases, [false, true])
    func whatFitsIsFound(_ network: SmallNetwork, trains: Bool) throws {
        let session = try session(network)
        let training = trains ? Self.training : nil
        // Layouts are chosen by then.
        if trains { _ = try session.makeTrainingPlan(batchSize: 2, training: Self.training) }
        let wanted = try #require(try session.planBytes(batchSize: 12, training: training))
        for batchSize in 2...11 {
            let needed = try #require(try session.planBytes(batchSize: batchSize, training: training))
            for available in [needed - 1, needed, needed + 1] {
                session.availableMemory = { available }
                let error = #expect(throws: EngineError.self) { try make(session, 12, training) }
                guard case .planDoesNotFit(12, wanted, available, let fitting) = error else {
                    Issue.record("\(String(describing: error)) for \(available) bytes")
                    continue
                }
                #expect(throws: Never.self) { try make(session, fitting, training) }
                #expect(throws: EngineError.self, "\(fitting + 1) would fit \(available) bytes, too") {
                    try make(session, fitting + 1, training)
                }
            }
        }
        session.availableMemory = { wanted }
        #expect(throws: Never.self) { try make(session, 12, training) }
        session.availableMemory = { nil }
        #expect(throws: Never.self) { try make(session, 12, training) }
    }

    /// What other plans of the session have already need not be free.
    @Test func whatIsSharedNeedNotBeFree() throws {
        let session = try session(.residual)
        let bytes = try #require(try session.planBytes(batchSize: 8, training: nil))
        session.availableMemory = { bytes - 1 }
        #expect(throws: EngineError.self) { try session.makeInferencePlan(batchSize: 8) }
        session.availableMemory = { nil }
        let larger = try session.makeInferencePlan(batchSize: 16)
        session.availableMemory = { bytes - 1 }
        #expect(throws: Never.self) { try session.makeInferencePlan(batchSize: 8) }
        // With the last plan all of it is given back.
        withExtendedLifetime(larger) {}
    }

    @Test(arguments: [false, true])
    func nothingFits(trains: Bool) throws {
        let session = try session(.leNet)
        let training = trains ? Self.training : nil
        let bytes = try #require(try session.planBytes(batchSize: 4, training: training))
        for available in [0, 1000, try #require(try session.planBytes(batchSize: 1, training: training)) - 1] {
            session.availableMemory = { available }
            let error = EngineError.planDoesNotFit(batchSize: 4, bytes: bytes, available: available, fitting: 0)
            #expect(throws: error) { try make(session, 4, training) }
        }
    }

    /// A session that has refused a plan makes others, with the parameters that it had.
    @Test func refusalLeavesTheSessionUsable() throws {
        let run = try SeededTraining(OneDNNEngine(threads: 1), SmallNetwork.residual.graph(), batchSize: 4)
        let session = try #require(run.session as? OneDNNSession)
        let parameters = try run.weights()
        session.availableMemory = { 1000 }
        #expect(throws: EngineError.self) { try run.changeBatchSize(to: 5) }
        session.availableMemory = { nil }
        #expect(try run.weights() == parameters)
        try run.changeBatchSize(to: 5)
        #expect(try run.step().lossSum.isFinite)
    }

    /// With everything but its last layer frozen, a network trains in little more memory than it predicts in, and goes back
    /// through nothing but that layer.
    @Test func whatIsFrozenCostsNothing() throws {
        let graph = try SmallNetwork.residual.graph()
        let last = try #require(graph.parameters.last?.name.split(separator: ".").dropLast().joined(separator: "."))
        func run(freezes: Bool) throws -> (backward: [String], bytes: Int) {
            let run = try SeededTraining(OneDNNEngine(threads: 1, algorithms: .estimated), graph, batchSize: 8) {
                $0.parameterSettings = graph.parameters.map {
                    ParameterSettings(
                        learningRateFactor: freezes && !$0.name.hasPrefix(last + ".") ? 0 : 1, weightDecay: 0)
                }
            }
            let calls = try run.plan.profile(runs: 1) { try run.step() }.map(\.purpose)
            return (calls.filter { $0.contains("backward") }, run.plan.arenaBytes)
        }
        let (all, frozen) = (try run(freezes: false), try run(freezes: true))
        #expect(frozen.backward.allSatisfy { $0.hasPrefix(last + ":") }, "\(frozen.backward)")
        #expect(!frozen.backward.isEmpty && frozen.backward.count < all.backward.count)
        #expect(frozen.bytes < all.bytes)
    }

    @Test func sentences() {
        #expect(
            EngineError.planDoesNotFit(batchSize: 256, bytes: 3 << 30, available: 1 << 30, fitting: 85).description
                == "a plan for batches of 256 takes 3.0 GiB, and 1.0 GiB are free; batches of 85 fit")
        #expect(
            EngineError.planDoesNotFit(batchSize: 2, bytes: 3 << 20, available: 1000, fitting: 0).description
                == "a plan for batches of 2 takes 3.0 MiB, and 1000 B are free; not even single images fit: "
                + "free some memory")
    }

    private func session(_ network: SmallNetwork, threads: Int = 1) throws -> OneDNNSession {
        let engine = try OneDNNEngine(threads: threads, algorithms: .estimated)
        return try #require(try engine.makeSession(for: network.graph()) as? OneDNNSession)
    }

    private func make(_ session: OneDNNSession, _ batchSize: Int, _ training: TrainingConfiguration?) throws {
        if let training {
            _ = try session.makeTrainingPlan(batchSize: batchSize, training: training)
        } else {
            _ = try session.makeInferencePlan(batchSize: batchSize)
        }
    }
}
#endif
