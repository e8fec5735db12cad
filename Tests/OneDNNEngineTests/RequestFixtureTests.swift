#if CONVNET_ONEDNN
import ConvNetEngine
import ConvNetGraph
import ConvNetTesting
import TestSupport
import Testing

@testable import OneDNNEngine

/// Every operation's gradients, with respect to the images too, are PyTorch's, in training and outside it.
@Suite struct RequestFixtureTests {
    @Test(arguments: try OperationCase.all, [1, 2])
    func gradientsArePyTorchs(_ operation: OperationCase, threads: Int) throws {
        let file = try Fixtures.tensors("operations")
        func recorded(_ name: String) throws -> [Float] { try file.floats(named: "\(operation.name).\(name)") }
        let graph = operation.graph
        let session = try OneDNNEngine(threads: threads, algorithms: .exact).makeSession(for: graph)
        for (index, parameter) in graph.parameters.enumerated() {
            try session.setParameter(index, to: recorded(parameter.name))
        }
        let last = graph.nodes.count - 1
        let trainable = graph.parameters.indices.filter { graph.parameters[$0].isTrainable }
        let plan = try session.makePlan(
            batchSize: operation.batchSize,
            request: PlanRequest(
                mode: operation.isTraining ? .training(seed: 0) : .evaluation, outputs: [last],
                sources: Set(graph.auxiliaryOutputs + [last]), gradients: [0], parameterGradients: Set(trainable)))
        try plan.setGradient(recorded("output_gradient"), of: last)
        for node in graph.auxiliaryOutputs {
            try plan.setGradient(recorded("\(graph.nodes[node].path.dotted).output_gradient"), of: node)
        }
        _ = plan.images.update(fromContentsOf: try recorded("input"))
        try plan.run()
        try plan.backward()
        #expect(relativeError(try plan.output(of: last), try recorded("output")) < 1e-5)
        #expect(relativeError(try plan.gradient(ofNode: 0), try recorded("input_gradient")) < 1e-5)
        for index in trainable {
            let name = graph.parameters[index].name
            #expect(
                relativeError(try plan.gradient(ofParameter: index), try recorded("\(name)_gradient")) < 1e-5, "\(name)"
            )
        }
    }

    /// What nobody asked for is not computed, and what cannot be had is refused before anything runs.
    @Test func mistakesAreNamed() throws {
        let graph = try Network(input: [1, 6, 6]) {
            Conv2D(2, kernel: 3).named("conv")
            ReLU().named("relu")
            Flatten().named("flat")
            Dense(2).named("fc")
        }.graph
        let session = try OneDNNEngine(threads: 1).makeSession(for: graph)
        func refusal(_ request: PlanRequest) -> String {
            do {
                _ = try session.makePlan(batchSize: 2, request: request)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(refusal(PlanRequest(outputs: [7])) == "there is no node 7; the graph has 5, counted from 0")
        #expect(
            refusal(PlanRequest(sources: [4], parameterGradients: [9]))
                == "there is no parameter 9; the graph has 4, counted from 0")
        #expect(
            refusal(PlanRequest(sources: [2], gradients: [4]))
                == "fc: no gradient leads there; put one on a node's output that depends on it")
        #expect(
            refusal(PlanRequest(sources: [2], parameterGradients: [2]))
                == "fc.weight: no gradient leads there; put one on a node's output that depends on it")
        let normed = try Network(input: [1, 6, 6]) { BatchNorm().named("bn") }.graph
        #expect(throws: EngineError.notTrained("bn.running_mean")) {
            try PlanRequest(sources: [1], parameterGradients: [2]).validate(for: normed)
        }
        let plan = try session.makePlan(batchSize: 2, request: PlanRequest(outputs: [1], sources: [4], gradients: [0]))
        #expect(throws: EngineError.notRequested("the output of relu")) { try plan.output(of: 2) }
        #expect(throws: EngineError.notRequested("the gradient with respect to conv")) { try plan.gradient(ofNode: 1) }
        #expect(throws: EngineError.notRequested("the gradient of fc.weight")) { try plan.gradient(ofParameter: 2) }
        #expect(throws: EngineError.notRequested("a gradient on the output of relu")) {
            try plan.setGradient([], of: 2)
        }
        #expect(
            throws: EngineError.wrongValueCount(parameter: "the gradient on the output of fc", expected: 4, received: 1)
        ) {
            try plan.setGradient([1], of: 4)
        }
        #expect(throws: EngineError.noSuchNode(-1, count: 5)) { try plan.output(of: -1) }
    }

    /// A plan that is asked for nothing is as small as one for inference, and gives its bits.
    @Test func nothingMoreCostsNothing() throws {
        let graph = try Network(input: [3, 16, 16]) {
            for _ in 0..<2 {
                Residual {
                    Conv2D(3, kernel: 3, padding: 1)
                    BatchNorm()
                }
                ReLU()
            }
            Flatten()
            Dense(4)
        }.graph
        let session = try OneDNNEngine(threads: 2, algorithms: .estimated).makeSession(for: graph)
        for (index, parameter) in graph.parameters.enumerated() {
            try session.setParameter(index, to: parameter.initializer.values(for: parameter, seed: 1))
        }
        let (plain, asked) = (
            try session.makeInferencePlan(batchSize: 3), try session.makePlan(batchSize: 3, request: PlanRequest())
        )
        #expect(plain.arenaBytes == asked.arenaBytes)
        for plan in [plain, asked] {
            _ = plan.images.update(fromContentsOf: (0..<3 * 768).map { Float($0 % 97) / 97 })
            try plan.run()
        }
        #expect(plain.logits.elementsEqual(asked.logits))
    }
}
#endif
