#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

extension PlanCompiler {
    /// Adds a node's forward primitive, which reads the node's input, writes `output` and leaves, if it is to, a workspace
    /// for its backward one.
    func appendForward(_ primitive: Primitive, of node: Int, to output: PlanArray) throws {
        try primitive.bind(cdnn_source, to: input(node).pointer)
        try primitive.bind(cdnn_output, to: output.pointer)
        if let workspace = try primitive.layout(cdnn_workspace) {
            let memory = allocate(bytes: workspace.bytes)
            try primitive.bind(cdnn_workspace, to: memory)
            setWorkspace(node, memory)
        }
        append(primitive)
        setForwardPrimitive(node, primitive)
        setOutput(node, output)
    }
}
#endif
