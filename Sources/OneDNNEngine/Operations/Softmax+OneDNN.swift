#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension Softmax: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        var input = compiler.input(node)
        if !compiler.graph.nodes[node].shape.isFeatureMap {
            input = try compiler.plainArray(input, of: node, "input")
        }
        let output = try compiler.allocate(input.sizes, input.layout)
        let primitive = try Primitive(compiler.purpose(node, "softmax forward")) {
            cdnn_softmax_forward(compiler.context, 1, input.layout.pointer, $0)
        }
        primitive.bind(cdnn_source, to: input.memory)
        primitive.bind(cdnn_output, to: output.memory)
        try compiler.append(primitive)
        if input.isDense, input.layout.type == cdnn_float32 {
            compiler.append(compiler.purpose(node, "softmax of what is not a number"), using: [input, output]) {
                SoftmaxRepair(input, output)
            }
        }
        compiler.setOutput(node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let output = compiler.output(node)
        let (gradient, _) = try compiler.gradient(node, like: output)
        let result = try compiler.allocate(output.sizes, output.layout)
        let primitive = try Primitive(compiler.purpose(node, "softmax backward")) {
            cdnn_softmax_backward(compiler.context, 1, output.layout.pointer, $0)
        }
        primitive.bind(cdnn_output, to: output.memory)
        primitive.bind(cdnn_output_gradient, to: gradient.memory)
        primitive.bind(cdnn_source_gradient, to: result.memory)
        try compiler.append(primitive)
        try compiler.addGradient(result, to: compiler.source(node))
    }
}

/// Where an input is not a number, nor are the outputs that it counts in; oneDNN makes numbers of it.
private final class SoftmaxRepair: PlanCall {
    let implementation = "convnet"
    private let input, output: PlanArray
    private let count, area, block: Int

    init(_ input: PlanArray, _ output: PlanArray) {
        self.input = input
        self.output = output
        let channels = input.sizes[1]
        area = input.sizes.dropFirst(2).reduce(1, *)
        block = input.sizes.count == 4 ? input.layout.channelBlock ?? channels : channels
        count = input.sizes[0] * area * ((channels + block - 1) / block * block)
    }

    func run() {
        let values = UnsafeBufferPointer(start: input.floats, count: count)
        guard values.firstNotFinite != nil else { return }
        let channels = input.sizes[1]
        let blocks = (channels + block - 1) / block
        for sample in 0..<input.sizes[0] {
            for pixel in 0..<area {
                func place(_ channel: Int) -> Int {
                    ((sample * blocks + channel / block) * area + pixel) * block + channel % block
                }
                guard (0..<channels).contains(where: { values[place($0)].isNaN }) else { continue }
                for channel in 0..<channels { output.floats[place(channel)] = .nan }
            }
        }
    }
}
#endif
