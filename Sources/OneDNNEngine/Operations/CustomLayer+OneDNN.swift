#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

/// A custom layer: reads and writes row-major arrays, and allocates as much as it likes.
struct OneDNNCustomLayer: OneDNNOperation {
    let layer: CustomLayerNode

    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let source = compiler.source(node)
        let input = try compiler.plainArray(compiler.output(source), of: source, "input")
        let output = try compiler.allocate(compiler.sizes(node))
        compiler.append(
            CustomLayerCall(layer, try arrays(compiler, node, input: input, output: output), compiler.pass))
        compiler.setInput(node, input)
        compiler.setOutput(node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let input = compiler.input(node)
        var arrays = try arrays(compiler, node, input: input, output: compiler.output(node))
        arrays.outputGradient = try compiler.plainArray(compiler.gradient(node), of: node, "gradient").floats(
            compiler.sizes(node))
        arrays.parameterGradients = arrays.parameters.indices.map { index in
            UnsafeMutableBufferPointer(
                start: compiler.allocateParameterGradient(node, index).assumingMemoryBound(to: Float.self),
                count: arrays.parameters[index].count)
        }
        let result = try compiler.allocate(input.sizes)
        arrays.inputGradient = result.floats(input.sizes)
        compiler.append(CustomLayerCall(layer, arrays, compiler.pass))
        try compiler.addGradient(result, to: compiler.source(node))
    }

    private func arrays(
        _ compiler: PlanCompiler, _ node: Int, input: PlanArray, output: PlanArray
    ) throws -> CustomLayerCall.Arrays {
        let graph = compiler.graph
        let parameters = graph.nodes[node].operation.parameters(for: graph.inputShapes(of: graph.nodes[node]))
        return CustomLayerCall.Arrays(
            input: input.floats(input.sizes), output: output.floats(output.sizes),
            parameters: parameters.indices.map { index in
                UnsafeMutableBufferPointer(
                    start: compiler.master(node, index).assumingMemoryBound(to: Float.self),
                    count: parameters[index].count)
            })
    }
}

/// Calls a custom layer's forward or, where there is an output gradient, its backward.
final class CustomLayerCall: PlanCall {
    typealias Floats = UnsafeMutableBufferPointer<Float>

    struct Arrays {
        var input, output: Floats
        var parameters: [Floats]
        var outputGradient: Floats?
        var inputGradient: Floats?
        var parameterGradients: [Floats] = []
    }

    private let layer: CustomLayerNode
    private let arrays: Arrays
    private let pass: Pass

    init(_ layer: CustomLayerNode, _ arrays: Arrays, _ pass: Pass) {
        self.layer = layer
        self.arrays = arrays
        self.pass = pass
    }

    func run() throws {
        let pass = layer.pass(
            input: Array(arrays.input), parameters: arrays.parameters.map { Array($0) }, isTraining: pass.isTraining)
        guard let outputGradient = arrays.outputGradient else {
            _ = arrays.output.update(fromContentsOf: try layer.forward(pass))
            return
        }
        let gradients = try layer.backward(
            pass, output: Array(arrays.output), outputGradient: Array(outputGradient))
        _ = arrays.inputGradient?.update(fromContentsOf: gradients.input)
        for (gradient, values) in zip(arrays.parameterGradients, gradients.parameters) {
            _ = gradient.update(fromContentsOf: values)
        }
    }
}

extension PlanArray {
    fileprivate func floats(_ sizes: [Int]) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: floats, count: sizes.reduce(1, *))
    }
}
#endif
