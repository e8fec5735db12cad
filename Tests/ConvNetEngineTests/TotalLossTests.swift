import ConvNetTesting
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph

/// The loss of a network with auxiliary classifiers, which weights take part in.
@Suite struct TotalLossTests {
    /// A training step against PyTorch's sum of weighted cross entropies and its gradients.
    @Test(arguments: try OperationCase.all.filter { !$0.graph.auxiliaryOutputs.isEmpty })
    func lossAndGradientsArePyTorchs(_ operation: OperationCase) throws {
        let file = try Fixtures.tensors("operations")
        let graph = operation.graph
        let session = try ReferenceEngine().makeSession(for: graph)
        for (index, parameter) in graph.parameters.enumerated() {
            try session.setParameter(index, to: operation.recorded(parameter.name, in: file))
        }
        let plan = try session.makeTrainingPlan(
            batchSize: operation.batchSize,
            training: TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: SGD(), seed: 0))
        _ = plan.images.update(fromContentsOf: try operation.recorded("input", in: file))
        let labels = try file.integers(named: "\(operation).labels").map { Int32($0) }
        _ = plan.labels.update(fromContentsOf: labels)
        let result = try plan.step(TrainingStep(learningRate: 0, epoch: 0))
        #expect(
            relativeError([Float(result.loss)], try operation.recorded("loss", in: file)) < 1e-6)
        for (index, parameter) in graph.parameters.enumerated() {
            let expected = try operation.recorded("\(parameter.name)_loss_gradient", in: file)
            #expect(relativeError(try plan.gradient(index), expected) < 1e-5, "\(parameter.name)")
        }
    }

    /// With soft targets and weights of classes, each output is judged alike.
    @Test(arguments: [true, false])
    func everyOutputHasTheSameTargets(soft: Bool) throws {
        let graph = try Network(input: [3]) {
            AuxiliaryClassifier(weight: 0.5) {}
            AuxiliaryClassifier(weight: 2) {}
            ReLU()
        }.graph
        let loss = SoftmaxCrossEntropy(labelSmoothing: 0.1, classWeights: [1, 2, 0.5])
        let logits: [[Float]] = [[0, 1, 2, 3, 1, 0], [5, 0, 0, 0, 0, 5], [1, 0, 0, 0, -1, 4]]
        let labels: [Int32] = [2, 0]
        let targets: [Float] = [0.2, 0.3, 0.5, 0, 1, 0]
        var (alone, gradientsAlone): ([StepResult], [[Float]]) = ([], [])
        for logits in logits {
            var gradient = [Float](repeating: .nan, count: 6)
            alone.append(
                loss.evaluate(
                    logits: logits, labels: labels, softTargets: soft ? targets : nil, samples: 2, classes: 3,
                    gradient: &gradient))
            gradientsAlone.append(gradient)
        }

        let arrays = logits.map { logits in
            let (values, gradient) = (AlignedBuffer<Float>(count: 6), AlignedBuffer<Float>(count: 6))
            _ = values.elements.update(fromContentsOf: logits)
            return (values: values, gradient: gradient)
        }
        // The nodes are the images, the two auxiliary outputs and the output.
        let order = [3: 0, 1: 1, 2: 2]
        let total = try TotalLoss<Float>(graph, batchSize: 2) { node in
            let (values, gradient) = arrays[try #require(order[node])]
            return .init(logits: values.pointer, gradient: gradient.pointer)
        }
        let result = targets.withUnsafeBufferPointer { targets in
            total.evaluate(loss, labels: labels, softTargets: soft ? targets.baseAddress : nil)
        }
        #expect(result.lossSum == alone[0].lossSum + 0.5 * alone[1].lossSum + 2 * alone[2].lossSum)
        #expect(result.weight == alone[0].weight)
        for (index, weight) in [1, 0.5, 2].enumerated() {
            #expect(Array(arrays[index].gradient.elements) == gradientsAlone[index].map { $0 * Float(weight) })
        }
    }
}
