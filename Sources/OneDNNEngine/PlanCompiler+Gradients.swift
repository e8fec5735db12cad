#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// Gradients with respect to the nodes' outputs. A node that several others read gets what each of them contributes, which
/// is summed when somebody asks for it, and an array may be the gradient of several nodes, none of which may then overwrite
/// it.
extension PlanCompiler {
    /// What one reader of a node's output contributes to the gradient with respect to it.
    struct Gradient {
        var array: PlanArray
        /// Whether it is another node's gradient too, so that it may not be overwritten.
        var isShared: Bool
    }

    /// The gradient with respect to a node's output.
    func gradient(_ node: Int) throws -> PlanArray { try gradients(node, atMost: 1)[0].array }

    /// Arrays whose sum is the gradient with respect to a node's output, some of them summed if there were too many.
    func gradients(_ node: Int, atMost count: Int) throws -> [Gradient] {
        guard var addends = gradients[node] else { preconditionFailure("node \(node) has no gradient yet") }
        if addends.count > count {
            let sum = try sum(addends.dropLast(count - 1), purpose(node, "sum of gradients"))
            addends = [sum] + addends.suffix(count - 1)
            gradients[node] = addends
        }
        return addends
    }

    /// The gradient with respect to a node's output, lying like `array`, and memory of that form for what is made of it:
    /// the same where nobody else reads it.
    func gradient(
        _ node: Int, like array: PlanArray
    ) throws -> (gradient: PlanArray, target: PlanArray) {
        let found = try gradient(node)
        let gradient = try self.array(found, like: array, purpose(node, "gradient"))
        let isOwn = gradient.memory !== found.memory || !isGradientShared(node)
        return (gradient, isOwn ? gradient : try allocate(gradient.sizes, gradient.layout))
    }

    /// Whether the gradient with respect to a node's output, which has been asked for, may not be overwritten.
    func isGradientShared(_ node: Int) -> Bool { gradients[node]?.contains { $0.isShared } ?? false }

    /// Passes the gradient with respect to a node's output on to its only source as it is.
    func passGradientOn(_ node: Int) throws {
        let gradient = try gradient(node)
        try addGradient(gradient, to: source(node), isShared: isGradientShared(node))
    }

    /// Adds to the gradient with respect to a node's output what one of its readers contributes.
    ///
    /// - Parameter isShared: whether the array stays some other node's gradient.
    func addGradient(_ array: PlanArray, to node: Int, isShared: Bool = false) throws {
        guard needsGradient(node) else { return }
        if array.sizes != output(node).sizes {
            // The flat gradient of a flattened feature map.
            let plain = try self.array(
                array, as: .plain(array.sizes, array.layout.type), purpose(node, "gradient"))
            try addGradient(
                try plain.described(as: output(node).sizes), to: node,
                isShared: isShared && plain.memory === array.memory)
            return
        }
        gradients[node, default: []].append(Gradient(array: array, isShared: isShared))
    }

    /// Adds calls that sum arrays, into one that may be overwritten if there is such a one.
    private func sum(_ addends: ArraySlice<Gradient>, _ purpose: String) throws -> Gradient {
        var rest = addends
        let first = rest.remove(at: rest.firstIndex { !$0.isShared } ?? rest.startIndex)
        // Part of a larger array is no layout for an array of its own.
        let layout =
            first.array.isMap
            ? try Layout.blocked(first.array.sizes, by: 16, first.array.layout.type) : first.array.layout
        let target = first.isShared ? try allocate(first.array.sizes, layout) : first.array
        var arrays = [first.array]
        for addend in rest {
            let isReadable = target.isMap && addend.array.isMap && addend.array.layout.type == target.layout.type
            arrays.append(isReadable ? addend.array : try array(addend.array, like: target, purpose))
            if arrays.count == Int(cker_maximum_addends) || !target.isMap {
                try appendSum(arrays, into: target, purpose)
                arrays = [target]
            }
        }
        if arrays.count > 1 { try appendSum(arrays, into: target, purpose) }
        return Gradient(array: target, isShared: false)
    }

    /// Whether the gradient with respect to a node's input is asked for: that of the images is not, nor is any from which
    /// on all parameters are frozen.
    func needsInputGradient(_ node: Int) -> Bool { needsGradient(source(node)) }
}
#endif
