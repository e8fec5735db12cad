#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// What the activations share: one element-wise primitive each way.
protocol OneDNNActivation: ActivationOperation, OneDNNOperation {
    var activation: cdnn_activation { get }
}

extension cdnn_activation {
    /// Nothing is applied.
    static let none = cdnn_activation(cdnn_no_activation)

    init(_ kind: cdnn_activation_kind, alpha: Float = 0, beta: Float = 0) {
        self.init(kind: kind, alpha: alpha, beta: beta)
    }
}

extension ReLU: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(cdnn_relu) }
}

extension ReLU6: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(cdnn_clip, alpha: 0, beta: 6) }
}

extension LeakyReLU: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(cdnn_relu, alpha: Float(slope)) }
}

extension ELU: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(cdnn_elu, alpha: Float(alpha)) }
}

extension GELU: OneDNNActivation {
    var activation: cdnn_activation {
        cdnn_activation(formula == .exact ? cdnn_gelu_erf : cdnn_gelu_tanh)
    }
}

extension SiLU: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(cdnn_swish, alpha: 1) }
}

extension HardSwish: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(cdnn_hard_swish, alpha: 1 / 6, beta: 0.5) }
}

extension Tanh: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(cdnn_tanh) }
}

extension Sigmoid: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(cdnn_sigmoid) }
}

extension OneDNNActivation {
    /// Reached only where no primitive before it could take the activation on; see
    /// ``PlanCompiler/fusableActivation(after:)``.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = compiler.input(node)
        let output = try compiler.allocate(input.sizes, input.layout)
        let purpose = compiler.purpose(node, "activation forward")
        if let ceiling, input.isDense {
            let threads = compiler.session.threads
            compiler.append(purpose, using: [input, output]) { ClipCall(input, to: output, ceiling, threads) }
        } else {
            let primitive = try Primitive(purpose) {
                cdnn_activation_forward(compiler.context, activation, input.layout.pointer, $0)
            }
            primitive.bind(cdnn_source, to: input.memory)
            primitive.bind(cdnn_output, to: output.memory)
            try compiler.append(primitive)
        }
        compiler.setOutput(node, output)
    }

    /// What ReLU and its like bring numbers above it to; nil for other functions. oneDNN makes 0 of what is not a number in these.
    private var ceiling: Float? {
        switch (activation.kind, activation.alpha) {
        case (cdnn_relu, 0): .infinity
        case (cdnn_clip, 0): activation.beta
        default: nil
        }
    }

    /// Works in place where nobody else reads the gradient.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let output = compiler.output(node)
        let (gradient, result) = try compiler.gradient(node, like: output)
        let primitive = try Primitive(compiler.purpose(node, "activation backward")) {
            cdnn_activation_backward(
                compiler.context, activation, output.layout.pointer, !derivativeNeedsInput, $0)
        }
        if derivativeNeedsInput {
            primitive.bind(cdnn_source, to: compiler.input(node).memory)
        } else {
            primitive.bind(cdnn_output, to: output.memory)
        }
        primitive.bind(cdnn_output_gradient, to: gradient.memory)
        primitive.bind(cdnn_source_gradient, to: result.memory)
        try compiler.append(primitive)
        try compiler.addGradient(result, to: compiler.source(node))
    }
}

/// ReLU and its like on a dense array, parts of it divided among the threads.
private final class ClipCall: ParallelCall {
    let threads: Int
    private let input, output: PlanArray
    private let count: Int
    private let ceiling: Float

    init(_ input: PlanArray, to output: PlanArray, _ ceiling: Float, _ threads: Int) {
        self.input = input
        self.output = output
        self.ceiling = ceiling
        count = input.bytes / input.layout.kernelType.bytes
        // Fewer numbers are done before another thread has begun.
        self.threads = max(1, min(threads, count / 16_384))
    }

    func run() { runInParallel() }

    func run(part: Int, of parts: Int) {
        let type = input.layout.kernelType
        let share = (0..<count).part(part, of: parts)
        let start = share.lowerBound * type.bytes
        cker_clip(type, input.memory.pointer + start, output.memory.pointer + start, Int64(share.count), ceiling)
    }
}
#endif
