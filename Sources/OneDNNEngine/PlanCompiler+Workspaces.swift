#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension PlanCompiler {
    /// Adds a node's forward primitive, which reads the node's input, writes `output` and leaves, if it is to, a workspace
    /// for its backward one.
    func appendForward(_ primitive: Primitive, of node: Int, to output: PlanArray) throws {
        primitive.bind(cdnn_source, to: input(node).memory)
        primitive.bind(cdnn_output, to: output.memory)
        if let workspace = try primitive.layout(cdnn_workspace) {
            let memory = PlanMemory(bytes: workspace.bytes)
            primitive.bind(cdnn_workspace, to: memory)
            setWorkspace(node, memory)
        }
        try append(primitive)
        setForwardPrimitive(node, primitive)
        setOutput(node, output)
    }
}
#endif
