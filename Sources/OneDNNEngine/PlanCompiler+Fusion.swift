#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

/// Operations that become part of the calls of others.
extension PlanCompiler {
    /// The activation that follows a node and nothing else does, so that the node's primitive can apply it too.
    ///
    /// Where there is a way back, not where the derivative is told from the activation's input, which would then be nowhere.
    ///
    /// Saves a pass over memory: writing the output, reading it and writing it again.
    func fusableActivation(after node: Int) -> (node: Int, activation: cdnn_activation)? {
        guard let next = onlyConsumer(of: node),
            let activation = graph.nodes[next].operation as? any OneDNNActivation,
            !(hasBackward && activation.derivativeNeedsInput)
        else { return nil }
        return (next, activation.activation)
    }

    /// The addition of one other array that follows a node and nothing else does, and whose output is added.
    func fusableAddition(after node: Int) -> (node: Int, addend: Int)? {
        var end = node
        // In inference it passes its input on.
        while !hasBackward, !passesAsInTraining, let next = onlyConsumer(of: end),
            graph.nodes[next].operation is StochasticDepth
        {
            end = next
        }
        guard let next = onlyConsumer(of: end), graph.nodes[next].operation is Add,
            graph.nodes[next].inputs.count == 2,
            let addend = graph.nodes[next].inputs.first(where: { $0 != end }), hasOutput(addend)
        else { return nil }
        return (next, addend)
    }

    /// A ReLU that follows a node and nothing else does.
    func fusableReLU(after node: Int) -> Int? {
        guard let (next, _) = fusableActivation(after: node), graph.nodes[next].operation is ReLU else { return nil }
        return next
    }

    /// Says that the primitive of `node` also computes the activation `next`.
    func setOutput(_ node: Int, fusedWith next: Int?, _ array: PlanArray) {
        outputs[node] = array
        if let next {
            outputs[next] = array
            fused.insert(next)
        }
    }

    /// Says that the backward calls of `node` also undo the activation `next`: they start from the gradient with respect to
    /// the activation's output.
    func fuseBackward(of next: Int, into node: Int) {
        fusedBackward.insert(next)
        activationsUndone[node] = next
    }

    /// The node whose output's gradient the backward calls of `node` start from.
    func gradientNode(of node: Int) -> Int { activationsUndone[node] ?? node }
}
#endif
