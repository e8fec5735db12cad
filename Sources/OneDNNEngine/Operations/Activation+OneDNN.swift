#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

/// What the activations share: one element-wise primitive, its derivative told from its output.
protocol OneDNNActivation: ActivationOperation, OneDNNOperation {
    var activation: cdnn_activation { get }
}

extension cdnn_activation {
    static let none = cdnn_activation(kind: cdnn_no_activation, alpha: 0)
}

extension ReLU: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(kind: cdnn_relu, alpha: 0) }
}

extension Tanh: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(kind: cdnn_tanh, alpha: 0) }
}

extension Sigmoid: OneDNNActivation {
    var activation: cdnn_activation { cdnn_activation(kind: cdnn_sigmoid, alpha: 0) }
}

extension OneDNNActivation {
    /// Reached only where no primitive before it could take the activation on; see
    /// ``PlanCompiler/fusableActivation(after:)``.
    func compileForward(_ compiler: inout PlanCompiler, node: Int) throws {
        let input = compiler.input(node)
        let output = try compiler.allocate(input.sizes, input.layout)
        let primitive = try Primitive(compiler.purpose(node, "activation forward")) {
            cdnn_activation_forward(compiler.context, activation, input.layout.pointer, $0)
        }
        try primitive.bind(cdnn_source, to: input.pointer)
        try primitive.bind(cdnn_output, to: output.pointer)
        compiler.append(primitive)
        compiler.setOutput(node, output)
    }

    /// Works in place: nobody else reads the gradient of an activation's output.
    func compileBackward(_ compiler: inout PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let output = compiler.output(node)
        let gradient = try compiler.array(
            compiler.gradient(node), as: output.layout, compiler.purpose(node, "gradient"))
        let primitive = try Primitive(compiler.purpose(node, "activation backward")) {
            cdnn_activation_backward(compiler.context, activation, output.layout.pointer, true, $0)
        }
        try primitive.bind(cdnn_output, to: output.pointer)
        try primitive.bind(cdnn_output_gradient, to: gradient.pointer)
        try primitive.bind(cdnn_source_gradient, to: gradient.pointer)
        compiler.append(primitive)
        compiler.setGradient(compiler.source(node), gradient)
    }
}
#endif
