#if CONVNET_ONEDNN
import ConvNetGraph
import ConvNetEngine
import OneDNNEngine
import TestSupport
import Testing

/// What follows the backward pass, divided among threads or not, comes to what it does in the reference engine.
@Suite struct UpdateTests {
    /// Every rule with accumulated and clipped gradients, parameter groups, averages and soft targets, over batches of parts of
    /// 5, 5 and 2 images. Epsilons are so large that rounding does not decide which way an element goes whose gradient is
    /// nearly zero.
    @Test(
        arguments: [
            SGD(nesterov: true), Adam(epsilon: 0.1), AdamW(epsilon: 0.1), RMSProp(epsilon: 0.1, momentum: 0.5),
            AdaGrad(epsilon: 0.1),
        ] as [any Optimizer], [1, 2])
    func everyOptimizerWithEverythingElse(optimizer: any Optimizer, threads: Int) throws {
        let graph = try Graph(input: [301], operations: [Dense(257), Tanh(), Dense(10)])
        let engines: [any Engine] = [try OneDNNEngine(threads: threads), ReferenceEngine()]
        let runs = try engines.map { engine in
            let run = try SeededTraining(engine, graph, batchSize: 5) {
                $0.addEverything()
                $0.optimizer = optimizer
                $0.parameterSettings = graph.parameters.indices.map {
                    ParameterSettings(learningRateFactor: [0.5, 0, 1, 2][$0], weightDecay: 0.01)
                }
            }
            var losses: [Double] = []
            for _ in 1...3 {
                var before = 0.0
                for (index, size) in [5, 5, 2].enumerated() {
                    try run.changeBatchSize(to: size)
                    let part = BatchPart(isFirst: index == 0, isLast: index == 2, weightBefore: before)
                    let result = try run.step(part)
                    before += result.weight
                    losses.append(result.lossSum)
                }
            }
            return (run: run, losses: losses)
        }
        let (found, expected) = (runs[0].run, runs[1].run)
        #expect(relativeError(runs[0].losses, runs[1].losses) < 1e-5)
        let arrays = [("value", try found.weights(), try expected.weights())]
        let states = try expected.states().map { (name, arrays) in (name, try found.states()[name] ?? [], arrays) }
        for (name, found, expected) in arrays + states {
            for index in graph.parameters.indices {
                #expect(
                    relativeError(found[index], expected[index], floor: 1e-6) < 1e-4,
                    "\(name) of \(graph.parameters[index].name)")
            }
        }
    }
}
#endif
