#if CONVNET_ONEDNN
import ConvNetEngine
import TestSupport
import Testing

@testable import OneDNNEngine

/// A profile leaves nothing out, and counts nothing twice.
@Suite struct PlanProfileTests {
    @Test(arguments: [SmallNetwork.leNet, .residual, .inception])
    func stepsAddUp(_ network: SmallNetwork) throws {
        let run = try SeededTraining(OneDNNEngine(threads: 1), network.graph(), batchSize: 16)
        try run.step()
        let step = TrainingStep(learningRate: 0, epoch: 0, update: 2)
        try expectSum(of: run.plan) { _ = try run.plan.step(step) }
        try expectSum(of: run.plan) { try run.plan.run() }
        let inference = try run.session.makeInferencePlan(batchSize: 16)
        try expectSum(of: inference) { try inference.run() }
    }

    /// Each body's time is that of the calls in it and hardly more.
    private func expectSum(
        of plan: any Plan, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) throws {
        var shares: [Double] = []
        // Other work on the machine may come between two calls, but not always.
        while shares.count < 10, shares.last.map({ $0 < 0.7 }) ?? true {
            var time = Duration.zero
            let calls = try plan.profile(runs: 20) { time += try ContinuousClock().measure(body) }
            shares.append(calls.reduce(0) { $0 + $1.seconds } * 20 / (time / .seconds(1)))
            #expect(calls.allSatisfy { $0.bytes > 0 && !$0.purpose.isEmpty }, sourceLocation: sourceLocation)
        }
        #expect(shares.allSatisfy { $0 <= 1 }, sourceLocation: sourceLocation)
        #expect(shares.contains { $0 >= 0.7 }, "\(shares)", sourceLocation: sourceLocation)
    }

    /// What a run does not do takes no time; what it does takes some.
    @Test func runsAreToldFromSteps() throws {
        let run = try SeededTraining(OneDNNEngine(threads: 1), SmallNetwork.leNet.graph(), batchSize: 16)
        let calls = try run.plan.profile(runs: 2) { try run.plan.run() }
        #expect(calls.contains { $0.purpose.contains("backward") })
        for call in calls {
            if call.purpose.hasSuffix("forward") { #expect(call.seconds > 0, "\(call.purpose)") }
            if call.purpose.contains("backward") || ["loss", "update of the weights"].contains(call.purpose) {
                #expect(call.seconds == 0, "\(call.purpose)")
            }
        }
    }

    /// Its calls run without a stopwatch afterwards: to the same results, and another profile begins at 0.
    @Test func profilesBeginAtZero() throws {
        let run = try SeededTraining(OneDNNEngine(threads: 1), SmallNetwork.leNet.graph(), batchSize: 2)
        _ = try run.plan.profile(runs: 1) { try run.step() }
        try run.step()
        let idle = try run.plan.profile(runs: 1) {}
        #expect(idle.allSatisfy { $0.seconds == 0 })
    }
}
#endif
