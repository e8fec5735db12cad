import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

/// Checkpoints hold which algorithms a run computes with, and a run that goes on computes with those.
@Suite struct AlgorithmRecordTests {
    @Test func checkpointsHoldWhatAllPlansWereCompiledWith() async throws {
        let run = try ResumableRun(engine: ChoosingEngine("quick"))
        // The plans for validation are there before the first of them is needed.
        for step in [1, 3] {
            let checkpoint = try await run.checkpoint(stoppedAfterStep: step)
            #expect(checkpoint.algorithms == ["train 4": "quick", "train 2": "quick", "infer 7": "quick"])
            #expect(checkpoint.precision == .bf16)
        }
    }

    @Test func aResumedRunComputesWithThem() async throws {
        let run = try ResumableRun(engine: ChoosingEngine("quick"))
        let other = ChoosingEngine("quicker")
        let checkpoint = try await run.checkpoint(stoppedAfterStep: 4)
        let resumed = try await ResumableRun(engine: other).run(resuming: checkpoint)
        #expect(other.compiled == ["train 2: quick", "train 4: quick", "infer 7: quick"])
        #expect(try await resumed.checkpoint == run.run().checkpoint)
    }

    /// Plans that a model has from before are compiled anew, but only where they were compiled with other algorithms.
    @Test(arguments: ["quick", "quicker"])
    func plansFromBeforeAreGivenUp(algorithm: String) async throws {
        let run = try ResumableRun(engine: ChoosingEngine("quick"))
        let checkpoint = try await run.checkpoint(stoppedAfterStep: 4)
        let engine = ChoosingEngine(algorithm)
        let model = try Model(Corners.network(), classes: Corners.classes, engine: engine)
        let (training, validation) = try (Corners.dataset(count: 10), Corners.dataset(count: 7, seed: 2))
        _ = try await run.trainer.train(model, on: training, validation: validation)
        let before = ["train 2: \(algorithm)", "train 4: \(algorithm)", "infer 7: \(algorithm)"]
        #expect(engine.compiled == before)
        _ = try await run.trainer.train(model, on: training, validation: validation, resuming: checkpoint)
        let anew = ["train 2: quick", "train 4: quick", "infer 7: quick"]
        #expect(engine.compiled == before + (algorithm == "quick" ? [] : anew))
    }

    /// A checkpoint of another run leaves the choices alone, like all else.
    @Test func aRefusedCheckpointChangesNothing() async throws {
        let run = try ResumableRun(engine: ChoosingEngine("quick"))
        let checkpoint = try await run.checkpoint(stoppedAfterStep: 4)
        let engine = ChoosingEngine("quicker")
        let model = try Model(Corners.network(), classes: Corners.classes, engine: engine)
        await #expect(throws: TrainingError.self) {
            try await Trainer(epochs: 1, learningRate: 0.1).train(
                model, on: Corners.dataset(count: 10), resuming: checkpoint)
        }
        #expect(engine.compiled == [])
        _ = try await run.trainer.train(model, on: Corners.dataset(count: 10))
        #expect(engine.compiled == ["train 2: quicker", "train 4: quicker"])
    }
}

/// Leaves the work to the reference engine, and chooses the same algorithm for every plan, unless its session was given
/// another.
private final class ChoosingEngine: Engine {
    let name = "choosing"
    let version = "choosing 1"
    let threads = 1
    let precision = Precision.bf16
    private let algorithm: String
    private let log = Mutex<[String]>([])

    init(_ algorithm: String) {
        self.algorithm = algorithm
    }

    /// The plans in the order in which they were compiled, each with the algorithm that it computes with.
    var compiled: [String] { log.withLock { $0 } }

    func makeSession(for graph: Graph) throws -> any EngineSession {
        Session(engine: self, base: try ReferenceEngine().makeSession(for: graph))
    }

    private final class Session: EngineSession {
        private let engine: ChoosingEngine
        private let base: any EngineSession
        private var choices: [String: String] = [:]

        init(engine: ChoosingEngine, base: any EngineSession) {
            self.engine = engine
            self.base = base
        }

        var algorithms: [String: String] {
            get { choices }
            set { choices.merge(newValue) { _, new in new } }
        }

        private func choose(for plan: String) {
            let algorithm = choices[plan] ?? engine.algorithm
            choices[plan] = algorithm
            engine.log.withLock { $0.append("\(plan): \(algorithm)") }
        }

        func makeInferencePlan(batchSize: Int) throws -> any Plan {
            choose(for: "infer \(batchSize)")
            return try base.makeInferencePlan(batchSize: batchSize)
        }

        func makeTrainingPlan(batchSize: Int, training: TrainingConfiguration) throws -> any TrainingPlan {
            choose(for: "train \(batchSize)")
            return try base.makeTrainingPlan(batchSize: batchSize, training: training)
        }

        func makePlan(batchSize: Int, request: PlanRequest) throws -> any RequestPlan {
            try base.makePlan(batchSize: batchSize, request: request)
        }

        var layoutGeneration: Int { base.layoutGeneration }
        func parameter(_ index: Int) throws -> [Float] { try base.parameter(index) }
        func setParameter(_ index: Int, to values: [Float]) throws { try base.setParameter(index, to: values) }
        func optimizerState(_ name: String, of index: Int) throws -> [Float] {
            try base.optimizerState(name, of: index)
        }
        func setOptimizerState(_ name: String, of index: Int, to values: [Float]) throws {
            try base.setOptimizerState(name, of: index, to: values)
        }
    }
}
