#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

/// Gradients with respect to the nodes' outputs. A node that several others read gets the sum of what they contribute, and
/// an array may be the gradient of several nodes, none of which may then overwrite it.
extension PlanCompiler {
    /// The gradient with respect to a node's output.
    struct Gradient {
        var array: PlanArray
        /// Whether it is another node's gradient too, so that it may not be overwritten.
        var isShared: Bool
    }

    /// The gradient with respect to a node's output.
    func gradient(_ node: Int) -> PlanArray {
        guard let gradient = gradients[node] else { preconditionFailure("node \(node) has no gradient yet") }
        return gradient.array
    }

    /// The gradient with respect to a node's output, lying like `array`, and memory of that form for what is made of it:
    /// the same where nobody else reads it.
    func gradient(
        _ node: Int, like array: PlanArray
    ) throws -> (gradient: PlanArray, target: PlanArray) {
        let found = gradient(node)
        let gradient = try self.array(found, like: array, purpose(node, "gradient"))
        let isOwn = gradient.memory !== found.memory || !isGradientShared(node)
        return (gradient, isOwn ? gradient : try allocate(gradient.sizes, gradient.layout))
    }

    func isGradientShared(_ node: Int) -> Bool { gradients[node]?.isShared ?? false }

    /// Passes the gradient with respect to a node's output on to its only source as it is.
    func passGradientOn(_ node: Int) throws {
        try addGradient(gradient(node), to: source(node), isShared: isGradientShared(node))
    }

    /// Adds to the gradient with respect to a node's output what one of its readers contributes.
    ///
    /// - Parameter isShared: whether the array stays some other node's gradient.
    func addGradient(_ array: PlanArray, to node: Int, isShared: Bool = false) throws {
        guard node != 0 else { return }
        if array.sizes != output(node).sizes {
            // The flat gradient of a flattened feature map.
            let plain = try self.array(array, as: .plain(array.sizes, array.layout.type), purpose(node, "gradient"))
            try addGradient(
                try plain.described(as: output(node).sizes), to: node,
                isShared: isShared && plain.memory === array.memory)
            return
        }
        guard let earlier = gradients[node] else {
            gradients[node] = Gradient(array: array, isShared: isShared)
            return
        }
        // Into whichever of the two may be overwritten.
        let (first, second) = earlier.isShared && !isShared ? (array, earlier.array) : (earlier.array, array)
        let target = earlier.isShared && isShared ? try allocate(first.sizes, first.layout) : first
        let addend = try self.array(second, like: first, purpose(node, "gradient"))
        try appendSum(first, addend, into: target, purpose(node, "sum of gradients"))
        gradients[node] = Gradient(array: target, isShared: false)
    }

    /// Whether the gradient with respect to a node's input is asked for: that of the images is not.
    func needsInputGradient(_ node: Int) -> Bool { source(node) != 0 }
}
#endif
