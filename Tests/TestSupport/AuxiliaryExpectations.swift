import ConvNetEngine
import ConvNetGraph
import Testing

/// Expects that a network with auxiliary classifiers takes, in evaluation, the memory of the same network without them, and
/// makes the same of the same images.
public func expectEvaluationWithoutThem(_ engine: any Engine) throws {
    let plans = try [true, false].map { auxiliary in
        let graph = try SmallNetwork.inceptionNetwork(auxiliary: auxiliary).graph
        let session = try engine.makeSession(for: graph)
        for (index, parameter) in graph.parameters.enumerated() {
            try session.setParameter(index, to: parameter.initializer.values(for: parameter, seed: 1))
        }
        let plan = try session.makeInferencePlan(batchSize: 3)
        let random = RandomStream(seed: 3, purpose: .synthesis)
        _ = plan.images.update(fromContentsOf: random.uniform(plan.images.count, low: -1, high: 1))
        try plan.run()
        return plan
    }
    #expect(plans[0].arenaBytes == plans[1].arenaBytes)
    // The logits are gone with their plan, which may go after its last use.
    let logits = withExtendedLifetime(plans) { plans.map { Array($0.logits) } }
    #expect(logits[0] == logits[1])
    #expect(Set(logits[0]).count > 20)
}
