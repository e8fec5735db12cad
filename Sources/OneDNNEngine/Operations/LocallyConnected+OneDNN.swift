#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension LocallyConnected2D: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = try compiler.plainArray(compiler.input(node), of: compiler.source(node), "input")
        let output = try compiler.allocate(compiler.sizes(node))
        compiler.setInput(node, input)
        compiler.setOutput(node, output)
        try append(.forward, compiler, node, output: output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let (gradient, _) = try compiler.gradient(node, like: compiler.output(node))
        if compiler.trainsParameters(of: node) {
            let weightGradient = compiler.allocateParameterGradient(node, 0)
            let biasGradient = bias ? compiler.allocateParameterGradient(node, 1) : nil
            try append(.weightGradient(weightGradient, bias: biasGradient), compiler, node, output: gradient)
        }
        guard compiler.needsInputGradient(node) else { return }
        let result = try compiler.allocate(compiler.input(node).sizes)
        try append(.inputGradient(result.memory), compiler, node, output: gradient)
        try compiler.addGradient(result, to: compiler.source(node))
    }

    private func append(
        _ task: LocallyConnectedCall.Task, _ compiler: PlanCompiler, _ node: Int, output: PlanArray
    ) throws {
        let threads = compiler.session.threads
        let input = compiler.input(node)
        let patch = input.sizes[1] * kernel.height * kernel.width
        let scratch = try compiler.allocate([threads, compiler.batchSize * (patch + filters)])
        let purpose = compiler.purpose(node, "locally connected \(task.name)")
        let (weight, bias) = (compiler.master(node, 0), bias ? compiler.master(node, 1) : nil)
        let memory = [input.memory, output.memory, scratch.memory, weight] + task.results
        let pixels = compiler.graph.nodes[node].shape.height * compiler.graph.nodes[node].shape.width
        let make = {
            LocallyConnectedCall(
                task, purpose, window: window(of: Size(input.sizes[2], input.sizes[3])), input: input, output: output,
                weight: weight, bias: bias, scratch: scratch)
        }
        let call = PlannedCall(
            purpose: purpose, operations: 2 * Double(compiler.batchSize * pixels * patch * filters),
            memory: { memory }, make: make)
        compiler.append(call)
    }
}

/// One of the three products that a locally connected layer consists of, for each output pixel one of matrices:
///
///     outputs = patches · weightᵀ,    gradient of weight = output gradientsᵀ · patches,
///     gradient of patches = output gradients · weight
///
/// where outputs are N×F and patches N×K, K = C·kH·kW, gathered from row-major arrays into memory of the thread's own.
final class LocallyConnectedCall: ParallelCall {
    enum Task {
        case forward
        case weightGradient(PlanMemory, bias: PlanMemory?)
        case inputGradient(PlanMemory)

        fileprivate var name: String {
            switch self {
            case .forward: "forward"
            case .weightGradient: "backward, weights"
            case .inputGradient: "backward, data"
            }
        }

        fileprivate var results: [PlanMemory] {
            switch self {
            case .forward: []
            case .weightGradient(let weight, let bias): [weight] + (bias.map { [$0] } ?? [])
            case .inputGradient(let input): [input]
            }
        }
    }

    let threads: Int

    private let task: Task
    private let purpose: String
    private let window: Window
    private let input: PlanArray
    private let output: PlanArray
    private let weight: UnsafeMutablePointer<Float>
    private let bias: UnsafeMutablePointer<Float>?
    private let scratch: PlanArray
    /// Of each thread, oneDNN's last.
    private let statuses: AlignedBuffer<CInt>

    private let samples, channels, filters, height, width, columns, places: Int
    private var area: Int { window.kernel.height * window.kernel.width }
    private var patch: Int { channels * area }

    /// - Parameters:
    ///   - output: the output or, backwards, the gradient with respect to it.
    ///   - scratch: threads × N·(K + F).
    init(
        _ task: Task, _ purpose: String, window: Window, input: PlanArray, output: PlanArray,
        weight: PlanMemory, bias: PlanMemory?, scratch: PlanArray
    ) {
        self.task = task
        self.purpose = purpose
        self.window = window
        self.input = input
        self.output = output
        self.weight = weight.floats
        self.bias = bias?.floats
        self.scratch = scratch
        samples = input.sizes[0]
        channels = input.sizes[1]
        height = input.sizes[2]
        width = input.sizes[3]
        filters = output.sizes[1]
        columns = output.sizes[3]
        places = output.sizes[2] * output.sizes[3]
        threads = scratch.sizes[0]
        statuses = AlignedBuffer(count: threads)
    }

    func run() throws {
        runInParallel()
        for status in statuses.elements { try Library.check(status, purpose) }
    }

    func run(part: Int, of parts: Int) {
        let patches = scratch.floats + part * scratch.sizes[1]
        let values = patches + samples * patch
        switch task {
        case .forward:
            for place in (0..<places).part(part, of: parts) {
                gather(patches, at: place)
                multiply(
                    part, samples, filters, patch, matrix(patches, patch),
                    matrix(weights(at: place), patch, transposed: true),
                    values)
                for n in 0..<samples {
                    for f in 0..<filters {
                        let offset = bias.map { $0[f * places + place] } ?? 0
                        output.floats[(n * filters + f) * places + place] = values[n * filters + f] + offset
                    }
                }
            }
        case .weightGradient(let gradient, let biasGradient):
            let (gradient, biasGradient) = (gradient.floats, biasGradient?.floats)
            for place in (0..<places).part(part, of: parts) {
                gather(patches, at: place)
                gatherGradient(values, at: place)
                multiply(
                    part, filters, patch, samples, matrix(values, filters, transposed: true), matrix(patches, patch),
                    gradient + place * filters * patch)
                if let biasGradient {
                    for f in 0..<filters {
                        var sum: Float = 0
                        for n in 0..<samples { sum += values[n * filters + f] }
                        biasGradient[f * places + place] = sum
                    }
                }
            }
        case .inputGradient(let gradient):
            // Windows overlap, so each thread has channels to itself, not places.
            let own = (0..<channels).part(part, of: parts)
            guard !own.isEmpty else { return }
            let gradient = gradient.floats
            for n in 0..<samples {
                (gradient + (n * channels + own.lowerBound) * height * width)
                    .update(repeating: 0, count: own.count * height * width)
            }
            for place in 0..<places {
                gatherGradient(values, at: place)
                multiply(
                    part, samples, own.count * area, filters, matrix(values, filters),
                    matrix(weights(at: place) + own.lowerBound * area, patch), patches)
                scatter(patches, of: own, to: gradient, at: place)
            }
        }
    }

    private func weights(at place: Int) -> UnsafeMutablePointer<Float> { weight + place * filters * patch }

    private func matrix(
        _ elements: UnsafeMutablePointer<Float>, _ stride: Int, transposed: Bool = false
    ) -> cdnn_matrix {
        cdnn_matrix(elements: elements, stride: Int64(stride), transposed: transposed)
    }

    private func multiply(
        _ part: Int, _ rows: Int, _ columns: Int, _ inner: Int, _ first: cdnn_matrix, _ second: cdnn_matrix,
        _ result: UnsafeMutablePointer<Float>
    ) {
        let status = cdnn_matrix_product(Int64(rows), Int64(columns), Int64(inner), first, second, result)
        if status != 0 { statuses.elements[part] = status }
    }

    /// Copies what the window sees at one place, of all samples.
    private func gather(_ patches: UnsafeMutablePointer<Float>, at place: Int) {
        forEachRow(of: 0..<channels, at: place) { element, pixel, inside in
            let row = patches + element
            guard let pixel else { return row.update(repeating: 0, count: window.kernel.width) }
            for kx in 0..<window.kernel.width { row[kx] = inside.contains(kx) ? input.floats[pixel + kx] : 0 }
        }
    }

    /// Adds the gradient of what the window saw to that of the input.
    private func scatter(
        _ patches: UnsafeMutablePointer<Float>, of channels: Range<Int>, to gradient: UnsafeMutablePointer<Float>,
        at place: Int
    ) {
        forEachRow(of: channels, at: place) { element, pixel, inside in
            guard let pixel else { return }
            for kx in inside { gradient[pixel + kx] += patches[element + kx] }
        }
    }

    /// The gradients of all filters at one place: N×F.
    private func gatherGradient(_ values: UnsafeMutablePointer<Float>, at place: Int) {
        for i in 0..<samples * filters { values[i] = output.floats[i * places + place] }
    }

    /// Calls `body` with each row of the window at one place, by sample and channel: where it begins in patches that have
    /// these channels only, where in the input (nil in the padding), and which of its elements are inside the input.
    @inline(__always)
    private func forEachRow(
        of channels: Range<Int>, at place: Int, _ body: (_ element: Int, _ pixel: Int?, _ inside: Range<Int>) -> Void
    ) {
        let top = place / columns * window.stride.height - window.edges.top
        let left = place % columns * window.stride.width - window.edges.left
        let start = min(max(-left, 0), window.kernel.width)
        let inside = start..<max(min(width - left, window.kernel.width), start)
        var element = 0
        for n in 0..<samples {
            for c in channels {
                for row in top..<top + window.kernel.height {
                    let isInside = row >= 0 && row < height
                    body(element, isInside ? ((n * self.channels + c) * height + row) * width + left : nil, inside)
                    element += window.kernel.width
                }
            }
        }
    }
}
#endif
