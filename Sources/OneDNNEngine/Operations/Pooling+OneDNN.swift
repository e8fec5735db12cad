#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension MaxPool2D: OneDNNOperation {}
extension GlobalMaxPool2D: OneDNNOperation {}

extension MaxPooling where Self: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let window = poolingWindow(for: compiler.inputSize(node))
        if let kernel = PoolKernel(cdnn_max, window, compiler, node) { return try kernel.compileForward() }
        let pooling = PrimitivePooling(cdnn_max, window, compiler, node)
        try pooling.appendForward(try pooling.makeForward(compiler), compiler)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let window = poolingWindow(for: compiler.inputSize(node))
        if let kernel = PoolKernel(cdnn_max, window, compiler, node) { return try kernel.compileBackward() }
        try PrimitivePooling(cdnn_max, window, compiler, node).appendBackward(compiler)
    }
}

/// An average pooling, which oneDNN has a primitive for where all windows are alike.
protocol OneDNNAveragePooling: AveragePooling, OneDNNOperation {
    /// The window and how padding counts; nil where oneDNN has no words for it.
    func uniformWindow(for input: Size) -> (window: Window, algorithm: cdnn_pooling)?
}

extension AveragePool2D: OneDNNAveragePooling {
    /// oneDNN either counts every place of a window or only those inside the input, not those inside the padding.
    func uniformWindow(for input: Size) -> (window: Window, algorithm: cdnn_pooling)? {
        let window = poolingWindow(for: input)
        let padding = paddingEdges(for: input)
        let hangsOver = window.edges.bottom > padding.bottom || window.edges.right > padding.right
        if countsPadding && !hangsOver { return (window, cdnn_average_with_padding) }
        if countsPadding && padding != .zero { return nil }
        return (window, cdnn_average_without_padding)
    }
}

extension GlobalAveragePool2D: OneDNNAveragePooling {
    func uniformWindow(for input: Size) -> (window: Window, algorithm: cdnn_pooling)? {
        (Window(kernel: input), cdnn_average_without_padding)
    }
}

extension AdaptiveAveragePool2D: OneDNNAveragePooling {
    func uniformWindow(for input: Size) -> (window: Window, algorithm: cdnn_pooling)? {
        guard input.height.isMultiple(of: size.height), input.width.isMultiple(of: size.width) else { return nil }
        let side = Size(input.height / size.height, input.width / size.width)
        return (Window(kernel: side, stride: side), cdnn_average_without_padding)
    }
}

extension OneDNNAveragePooling {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let size = compiler.inputSize(node)
        if let (window, algorithm) = uniformWindow(for: size) {
            if let kernel = PoolKernel(algorithm, window, compiler, node) { return try kernel.compileForward() }
            let pooling = PrimitivePooling(algorithm, window, compiler, node)
            let primitive = try pooling.makeForward(compiler)
            // oneDNN adds one number after the other in single precision, which loses digits in large windows.
            if !primitive.isSlow, window.kernel.height * window.kernel.width <= largestSimpleSum {
                return try pooling.appendForward(primitive, compiler)
            }
        }
        let input = try compiler.readableArray(compiler.input(node), of: node, "input")
        let sizes = compiler.pooledSizes(node)
        let output = try compiler.allocate(sizes, try .blocked(sizes, by: input.layout.channelBlock ?? 1))
        compiler.append(compiler.purpose(node, "pooling forward"), using: [input, output]) {
            AveragePoolingCall(averagingWindows(for: size), small: output, large: input, isBackward: false, compiler)
        }
        compiler.setInput(node, input)
        compiler.setOutput(node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let size = compiler.inputSize(node)
        if let (window, algorithm) = uniformWindow(for: size) {
            if let kernel = PoolKernel(algorithm, window, compiler, node) { return try kernel.compileBackward() }
            if compiler.hasForwardPrimitive(node) {
                return try PrimitivePooling(algorithm, window, compiler, node).appendBackward(compiler)
            }
        }
        let input = compiler.input(node)
        let (gradient, _) = try compiler.gradient(node, like: compiler.output(node))
        let result = try compiler.allocate(input.sizes, input.layout)
        compiler.append(compiler.purpose(node, "pooling backward"), using: [gradient, result]) {
            AveragePoolingCall(averagingWindows(for: size), small: gradient, large: result, isBackward: true, compiler)
        }
        try compiler.addGradient(result, to: compiler.source(node))
    }
}

extension PlanCompiler {
    /// Height and width of what a node reads.
    func inputSize(_ node: Int) -> Size { graph.inputShapes(of: graph.nodes[node])[0].size }

    /// A pooling's output, a flat one lying as a feature map of one pixel.
    func pooledSizes(_ node: Int) -> [Int] {
        let sizes = sizes(node)
        return sizes.count == 4 ? sizes : sizes + [1, 1]
    }

    /// A pooling with such windows.
    func poolingShape(_ node: Int, _ window: Window) -> cdnn_window_shape {
        cdnn_window_shape(
            window, samples: batchSize, input: graph.inputShapes(of: graph.nodes[node])[0],
            output: Shape(Array(pooledSizes(node).dropFirst())))
    }
}

/// Pixels of a window up to which it does not matter how they are summed.
private let largestSimpleSum = 256

/// A pooling that a primitive of oneDNN carries out.
private struct PrimitivePooling {
    let algorithm: cdnn_pooling
    let node: Int
    let shape: cdnn_window_shape

    init(_ algorithm: cdnn_pooling, _ window: Window, _ compiler: PlanCompiler, _ node: Int) {
        self.algorithm = algorithm
        self.node = node
        shape = compiler.poolingShape(node, window)
    }

    func makeForward(_ compiler: PlanCompiler) throws -> Primitive {
        var shape = shape
        let input = compiler.input(node)
        return try Primitive(compiler.purpose(node, "pooling forward")) {
            cdnn_pooling_forward(compiler.context, algorithm, &shape, input.layout.pointer, compiler.hasBackward, $0)
        }
    }

    func appendForward(_ primitive: Primitive, _ compiler: PlanCompiler) throws {
        let output = try compiler.allocate(
            compiler.pooledSizes(node), try primitive.requiredLayout(cdnn_output))
        try compiler.appendForward(primitive, of: node, to: output)
    }

    /// The layouts are those of the forward pass: its workspace remembers places in them.
    func appendBackward(_ compiler: PlanCompiler) throws {
        let (input, output) = (compiler.input(node), compiler.output(node))
        let forward = compiler.forwardPrimitive(node)
        var shape = shape
        let primitive = try Primitive(compiler.purpose(node, "pooling backward")) {
            cdnn_pooling_backward(
                compiler.context, algorithm, &shape, input.layout.pointer, output.layout.pointer, forward.pointer, $0)
        }
        let (gradient, _) = try compiler.gradient(node, like: output)
        let result = try compiler.allocate(input.sizes, try primitive.requiredLayout(cdnn_source_gradient))
        primitive.bind(cdnn_output_gradient, to: gradient.memory)
        primitive.bind(cdnn_source_gradient, to: result.memory)
        if let workspace = compiler.workspace(node) { primitive.bind(cdnn_workspace, to: workspace) }
        try compiler.append(primitive)
        try compiler.addGradient(result, to: compiler.source(node))
    }
}

/// An average pooling whose windows differ, blocks of channels divided among the threads.
final class AveragePoolingCall: ParallelCall {
    let threads: Int

    private let windows: AveragingWindows
    private let small, large: UnsafeMutablePointer<Float>
    private let smallSize, largeSize: Size
    /// Channels side by side in memory, and how many such planes there are.
    private let block, planes: Int
    private let isBackward: Bool

    /// - Parameters:
    ///   - small: the pooling's output or, backwards, the gradient with respect to it.
    ///   - large: the pooling's input or, backwards, the gradient with respect to it, which is computed. Of one layout.
    init(
        _ windows: AveragingWindows, small: PlanArray, large: PlanArray, isBackward: Bool, _ compiler: PlanCompiler
    ) {
        self.windows = windows
        self.small = small.floats
        self.large = large.floats
        smallSize = Size(small.sizes[2], small.sizes[3])
        largeSize = Size(large.sizes[2], large.sizes[3])
        block = large.layout.channelBlock ?? 1
        planes = large.sizes[0] * ((large.sizes[1] + block - 1) / block)
        self.isBackward = isBackward
        threads = min(compiler.session.threads, planes)
    }

    func run() { runInParallel() }

    func run(part: Int, of parts: Int) {
        for plane in (0..<planes).part(part, of: parts) {
            let small = small + plane * smallSize.height * smallSize.width * block
            let large = large + plane * largeSize.height * largeSize.width * block
            if isBackward { large.update(repeating: 0, count: largeSize.height * largeSize.width * block) }
            for y in 0..<smallSize.height {
                for x in 0..<smallSize.width { pool(small, large, y, x) }
            }
        }
    }

    /// The mean of one window or, backwards, its share for each of the window's pixels.
    private func pool(_ small: UnsafeMutablePointer<Float>, _ large: UnsafeMutablePointer<Float>, _ y: Int, _ x: Int) {
        let divisor = Float(windows.rows.divisor(at: y) * windows.columns.divisor(at: x))
        let mean = small + (y * smallSize.width + x) * block
        if !isBackward { mean.update(repeating: 0, count: block) }
        for row in windows.rows.range(at: y) {
            let pixels = large + row * largeSize.width * block
            let columns = windows.columns.range(at: x)
            if isBackward {
                for column in columns {
                    for c in 0..<block { pixels[column * block + c] += mean[c] / divisor }
                }
            } else {
                // Rows by themselves first: a mean over a whole map is a long sum.
                for c in 0..<block {
                    var sum: Float = 0
                    for column in columns { sum += pixels[column * block + c] }
                    mean[c] += sum
                }
            }
        }
        if !isBackward {
            for c in 0..<block { mean[c] /= divisor }
        }
    }
}
#endif
