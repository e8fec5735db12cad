#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// A pooling by the engine's own kernels, on a feature map in blocks of 16 channels or a row-major one.
///
/// A ReLU in front is undone in the same pass backwards. A maximum that is not above 0 was held back by it, so no place is
/// taken down for that; the ReLU's output, several times larger than the pooling's, need not be kept then.
struct PoolKernel {
    private let compiler: PlanCompiler
    private let node: Int
    private let shape: cker_pool_shape

    /// Nil where the kernels do not suit.
    init?(_ algorithm: cdnn_pooling, _ window: Window, _ compiler: PlanCompiler, _ node: Int) {
        let input = compiler.input(node)
        let taps = window.kernel.height * window.kernel.width
        guard input.isMap || input.isPlainMap, window.dilation == Size(1, 1),
            // A maximum's place is remembered for its gradient only.
            algorithm != cdnn_max || taps <= Int(cker_no_place) || !compiler.needsInputGradient(node)
        else { return nil }
        self.compiler = compiler
        self.node = node
        let shape = compiler.poolingShape(node, window)
        self.shape = cker_pool_shape(
            kind: algorithm.kernelKind, type: input.layout.kernelType, is_plain: !input.isMap, samples: shape.samples,
            channels: shape.input_channels, input_height: shape.input_size.0, input_width: shape.input_size.1,
            output_height: shape.output_size.0, output_width: shape.output_size.1, kernel_height: shape.kernel.0,
            kernel_width: shape.kernel.1, stride_height: shape.stride.0, stride_width: shape.stride.1,
            top: shape.padding_before.0, left: shape.padding_before.1)
    }

    private var isMaximum: Bool { shape.kind == cker_maximum }
    private var block: Int { shape.is_plain ? 1 : 16 }

    func compileForward() throws {
        let input = compiler.input(node)
        let sizes = compiler.pooledSizes(node)
        let layout = try Layout.blocked(sizes, by: block, input.layout.type)
        let output = try compiler.concatenationSlot(for: node, like: input) ?? compiler.allocate(sizes, layout)
        var places: PlanMemory?
        if isMaximum, compiler.needsInputGradient(node) {
            let memory = PlanMemory(bytes: output.places(in: block))
            compiler.setWorkspace(node, memory)
            places = memory
        }
        let (shape, threads) = (shape, compiler.session.threads)
        let followsReLU = reluInFront != nil
        compiler.append(compiler.purpose(node, "pooling forward"), using: [input, output], [places]) {
            let arguments = cker_pool_forward_arguments(
                shape: shape, input: input.poolingMap, output: output.poolingMap, places: places?.places,
                follows_relu: followsReLU)
            return KernelCall(threads: threads, phases: 1) { _, part, parts in
                withUnsafePointer(to: arguments) { cker_pool_forward($0, CInt(part), CInt(parts)) }
            }
        }
        compiler.setInput(node, input)
        compiler.setOutput(node, output)
        compiler.acceptSlicedGradient(node)
    }

    func compileBackward() throws {
        let (input, output) = (compiler.input(node), compiler.output(node))
        let gradient = try readableGradient(like: output)
        let result = try compiler.allocate(input.sizes, .blocked(input.sizes, by: block, input.layout.type))
        let relu = reluInFront
        let reluOutput = relu != nil && !isMaximum ? input : nil
        let (shape, threads, places) = (shape, compiler.session.threads, compiler.workspace(node))
        let arrays = [gradient, result, reluOutput]
        compiler.append(compiler.purpose(node, "pooling backward"), using: arrays, [places]) {
            let arguments = cker_pool_backward_arguments(
                shape: shape, output_gradient: gradient.poolingMap, input_gradient: result.poolingMap,
                places: places?.places,
                relu_output: reluOutput.poolingMap)
            return KernelCall(threads: threads, phases: 1) { _, part, parts in
                withUnsafePointer(to: arguments) { cker_pool_backward($0, CInt(part), CInt(parts)) }
            }
        }
        if let relu { compiler.skipBackward([relu]) }
        try compiler.addGradient(result, to: compiler.source(relu ?? node))
    }

    /// The gradient of what the pooling wrote, as it lies if the kernels can read that.
    private func readableGradient(like output: PlanArray) throws -> PlanArray {
        let gradient = try compiler.gradient(node)
        let isReadable =
            !shape.is_plain && gradient.isMap && gradient.sizes == output.sizes
            && gradient.layout.type == output.layout.type
        if isReadable { return gradient }
        return try compiler.array(gradient, like: output, compiler.purpose(node, "gradient"))
    }

    /// A ReLU that only this pooling reads, and whose derivative is not part of another call.
    private var reluInFront: Int? {
        let source = compiler.source(node)
        guard compiler.graph.nodes[source].operation is ReLU, compiler.onlyConsumer(of: source) == node,
            !compiler.fusedBackward.contains(source)
        else { return nil }
        return source
    }
}

extension cdnn_pooling {
    fileprivate var kernelKind: cker_pool_kind {
        switch self {
        case cdnn_average_with_padding: cker_average_with_padding
        case cdnn_average_without_padding: cker_average_without_padding
        default: cker_maximum
        }
    }
}

extension PlanArray {
    /// Whether it is a row-major feature map of single precision.
    fileprivate var isPlainMap: Bool { layout.channelBlock == 1 && layout.type == cdnn_float32 }

    /// The array as the kernels take it, once its memory has its place.
    fileprivate var poolingMap: cker_map {
        guard isPlainMap else { return map }
        let area = Int64(sizes[2] * sizes[3])
        return cker_map(elements: memory.pointer, sample_stride: Int64(sizes[1]) * area, block_stride: area)
    }

    /// Bytes for the place of each element, in blocks of so many channels.
    fileprivate func places(in block: Int) -> Int {
        sizes[0] * ((sizes[1] + block - 1) / block) * block * sizes[2] * sizes[3] * MemoryLayout<cker_place>.stride
    }
}

extension PlanArray? {
    fileprivate var poolingMap: cker_map { self?.poolingMap ?? map }
}

extension PlanMemory {
    fileprivate var places: UnsafeMutablePointer<cker_place> { pointer.assumingMemoryBound(to: cker_place.self) }
}
#endif
