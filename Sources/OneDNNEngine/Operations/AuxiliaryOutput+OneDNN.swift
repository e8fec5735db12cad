#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension AuxiliaryOutput: OneDNNOperation {
    /// Row-major, as the loss reads logits.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        compiler.setOutput(node, try compiler.plainArray(compiler.input(node), of: node, "logits"))
    }

    /// The gradient is the loss's.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        try compiler.passGradientOn(node)
    }
}
#endif
