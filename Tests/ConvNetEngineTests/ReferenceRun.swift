import ConvNetEngine
import ConvNetGraph

/// A graph in the reference interpreter, with memory for its parameters.
struct ReferenceRun<Scalar: ReferenceScalar> {
    let interpreter: ReferenceInterpreter<Scalar>
    private let memory: [AlignedBuffer<Scalar>]

    init(_ graph: Graph, batchSize: Int) throws {
        memory = graph.parameters.map { AlignedBuffer(count: $0.count) }
        interpreter = try ReferenceInterpreter(
            graph: graph, batchSize: batchSize, parameters: memory.map(\.pointer), isTraining: true,
            differentiatesImages: true)
    }

    var images: Tensor<Scalar> { interpreter.outputs[0] }
    var imageGradient: Tensor<Scalar> { interpreter.gradients[0] }
    var output: Tensor<Scalar> { interpreter.outputs[interpreter.outputs.count - 1] }
    var outputGradient: Tensor<Scalar> { interpreter.gradients[interpreter.gradients.count - 1] }

    /// The network's output and the auxiliary ones.
    var heads: [(output: Tensor<Scalar>, gradient: Tensor<Scalar>)] {
        [(output, outputGradient)]
            + interpreter.graph.auxiliaryOutputs.map { (interpreter.outputs[$0], interpreter.gradients[$0]) }
    }
}

extension Tensor {
    var elements: UnsafeMutableBufferPointer<Scalar> { UnsafeMutableBufferPointer(start: pointer, count: count) }

    func fill(from values: [Float]) {
        precondition(values.count == count)
        for (index, value) in values.enumerated() { self[index] = Scalar(value) }
    }
}
