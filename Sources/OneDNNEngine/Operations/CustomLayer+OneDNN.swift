#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

/// A custom layer: reads and writes row-major arrays, and allocates as much as it likes.
struct OneDNNCustomLayer: OneDNNOperation {
    let layer: CustomLayerNode

    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let inputs = try inputs(compiler, node)
        let output = try compiler.allocate(compiler.sizes(node))
        append("forward", compiler, node, CustomLayerCall.Arrays(inputs: inputs, output: output))
        compiler.setInput(node, inputs[0])
        compiler.setOutput(node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let inputs = try inputs(compiler, node)
        var arrays = CustomLayerCall.Arrays(inputs: inputs, output: compiler.output(node))
        arrays.outputGradient = try compiler.plainArray(compiler.gradient(node), of: node, "gradient")
        arrays.parameterGradients = parameterCounts(compiler, node).indices.map {
            compiler.allocateParameterGradient(node, $0)
        }
        arrays.inputGradients = try inputs.map { try compiler.allocate($0.sizes) }
        append("backward", compiler, node, arrays)
        for (source, gradient) in zip(compiler.graph.nodes[node].inputs, arrays.inputGradients) {
            try compiler.addGradient(gradient, to: source)
        }
    }

    /// Row-major, the first as the forward pass read it.
    private func inputs(_ compiler: PlanCompiler, _ node: Int) throws -> [PlanArray] {
        try compiler.graph.nodes[node].inputs.enumerated().map { index, source in
            try compiler.plainArray(
                index == 0 ? compiler.input(node) : compiler.output(source), of: source, "input")
        }
    }

    private func append(_ what: String, _ compiler: PlanCompiler, _ node: Int, _ arrays: CustomLayerCall.Arrays) {
        let counts = parameterCounts(compiler, node)
        var arrays = arrays
        arrays.parameters = counts.indices.map { compiler.master(node, $0) }
        let (complete, pass) = (arrays, compiler.pass)
        compiler.append(compiler.purpose(node, what), using: complete.memory) {
            CustomLayerCall(layer, complete, parameterCounts: counts, pass)
        }
    }

    private func parameterCounts(_ compiler: PlanCompiler, _ node: Int) -> [Int] {
        let graph = compiler.graph
        return graph.nodes[node].operation.parameters(for: graph.inputShapes(of: graph.nodes[node])).map(\.count)
    }
}

/// Calls a custom layer's forward or, where there is an output gradient, its backward.
final class CustomLayerCall: PlanCall {
    struct Arrays {
        var inputs: [PlanArray]
        var output: PlanArray
        var parameters: [PlanMemory] = []
        var outputGradient: PlanArray?
        var inputGradients: [PlanArray] = []
        var parameterGradients: [PlanMemory] = []

        var memory: [PlanMemory] {
            (inputs + inputGradients + [output]).map(\.memory) + (outputGradient.map { [$0.memory] } ?? []) + parameters
                + parameterGradients
        }
    }

    private let layer: CustomLayerNode
    private let arrays: Arrays
    private let parameterCounts: [Int]
    private let pass: Pass

    init(_ layer: CustomLayerNode, _ arrays: Arrays, parameterCounts: [Int], _ pass: Pass) {
        self.layer = layer
        self.arrays = arrays
        self.parameterCounts = parameterCounts
        self.pass = pass
    }

    func run() throws {
        let pass = layer.pass(
            inputs: arrays.inputs.map { Array($0.elements) },
            parameters: zip(arrays.parameters, parameterCounts).map(values),
            isTraining: pass.isTraining)
        guard let outputGradient = arrays.outputGradient else {
            _ = arrays.output.elements.update(fromContentsOf: try layer.forward(pass))
            return
        }
        let gradients = try layer.backward(
            pass, output: Array(arrays.output.elements), outputGradient: Array(outputGradient.elements))
        for (array, values) in zip(arrays.inputGradients, gradients.inputs) {
            _ = array.elements.update(fromContentsOf: values)
        }
        for (gradient, values) in zip(arrays.parameterGradients, gradients.parameters) {
            gradient.floats.update(from: values, count: values.count)
        }
    }

    private func values(_ parameter: PlanMemory, _ count: Int) -> [Float] {
        Array(UnsafeBufferPointer(start: parameter.floats, count: count))
    }
}

extension PlanArray {
    /// All elements, of a row-major array.
    fileprivate var elements: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: floats, count: sizes.reduce(1, *))
    }
}
#endif
