#if CONVNET_ONEDNN
import ConvNetCore
import OneDNNEngine
import TestSupport
import Testing

/// The same training in oneDNN and in the reference engine, compared as it goes.
struct Agreement {
    let graph: Graph
    let oneDNN, reference: SeededTraining

    /// What a failure is reported with.
    private let context: String

    init(_ graph: Graph, batchSize: Int, threads: Int, context: String) throws {
        self.graph = graph
        self.context = context
        oneDNN = try SeededTraining(try OneDNNEngine(threads: threads), graph, batchSize: batchSize)
        reference = try SeededTraining(ReferenceEngine(), graph, batchSize: batchSize)
    }

    /// Takes a step in both engines and compares losses, logits and all gradients.
    func step(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let (result, expected) = (try oneDNN.step(), try reference.step())
        expect([result.lossSum], [expected.lossSum], "loss", sourceLocation)
        expect(oneDNN.plan.logits, reference.plan.logits, "logits", sourceLocation)
        try expect(oneDNN.gradients(), reference.gradients(), "gradient", sourceLocation)
    }

    func expectEqualParameters(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try expect(oneDNN.parameters(), reference.parameters(), "value", sourceLocation)
    }

    func expectEqualInference(batchSize: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let (logits, expected) = (try oneDNN.infer(batchSize: batchSize), try reference.infer(batchSize: batchSize))
        expect(logits, expected, "logits in inference", sourceLocation)
    }

    func changeBatchSize(to batchSize: Int) throws {
        try oneDNN.changeBatchSize(to: batchSize)
        try reference.changeBatchSize(to: batchSize)
    }

    /// The gradient of a bias that all logits share is nothing but rounding, as the logits' gradients add up to zero:
    /// there the tolerance is absolute.
    private func expect(
        _ values: [[Float]], _ expected: [[Float]], _ what: String, _ sourceLocation: SourceLocation
    ) {
        for (index, parameter) in graph.parameters.enumerated() {
            let floor: Float = parameter.shape.count == 1 ? 0.02 : 0
            expect(
                values[index], expected[index], "\(what) of \(parameter.name)", floor: floor, sourceLocation)
        }
    }

    private func expect<Scalar: BinaryFloatingPoint>(
        _ values: some Collection<Scalar>, _ expected: some Collection<Scalar>, _ what: String, floor: Scalar = 0,
        _ sourceLocation: SourceLocation
    ) {
        let error = relativeError(values, expected, floor: floor)
        #expect(error < 1e-5, "\(what), \(context)", sourceLocation: sourceLocation)
    }
}
#endif
