import ConvNetEngine
import ConvNetGraph
import TestSupport

extension OperationCase {
    /// What PyTorch recorded for this case: `input`, `output`, `0.weight`, and for each the gradient.
    func recorded(_ name: String, in file: SafetensorsFile) throws -> [Float] {
        try file.floats(named: "\(self.name).\(name)")
    }

    /// The case in the reference interpreter, with the recorded input, parameters and output gradient.
    func makeRun<Scalar: ReferenceScalar>(_ file: SafetensorsFile) throws -> ReferenceRun<Scalar> {
        let run = try ReferenceRun<Scalar>(graph, batchSize: batchSize)
        run.interpreter.pass.isTraining = isTraining
        run.images.fill(from: try recorded("input", in: file))
        for (tensor, parameter) in zip(run.interpreter.parameters, graph.parameters) {
            tensor.fill(from: try recorded(parameter.name, in: file))
        }
        run.outputGradient.fill(from: try recorded("output_gradient", in: file))
        for index in graph.auxiliaryOutputs {
            let path = graph.nodes[index].path.dotted
            run.interpreter.gradients[index].fill(from: try recorded("\(path).output_gradient", in: file))
        }
        return run
    }
}
