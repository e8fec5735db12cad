#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

/// Parameters in the layouts that primitives want, and their gradients.
extension PlanCompiler {
    /// The graph's index of a node's parameter.
    func parameterIndex(_ node: Int, _ parameter: Int) -> Int { parameterRanges[node].lowerBound + parameter }

    /// The graph's indices of a node's parameters.
    func parameterIndices(of node: Int) -> Range<Int> { parameterRanges[node] }

    /// A node's parameter in the layout that a primitive wants.
    ///
    /// Where that is not the master's, the copy is renewed in every training step, and in inference when the weights
    /// have changed.
    func parameter(_ node: Int, _ parameter: Int, as layout: Layout) throws -> PlanMemory {
        let index = parameterIndex(node, parameter)
        let master = session.masters[index]
        guard master.layout != layout else { return master.memory }
        if let copy = parameterCopies[index]?.first(where: { $0.layout == layout }) { return copy.memory }
        let from = PlanArray(sizes: [], layout: master.layout, memory: master.memory)
        let copy = try allocate([], layout, lifetime: isTraining ? .used : .always)
        let renewal = try conversion(from, to: copy, "\(graph.parameters[index].name): conversion")
        if isTraining { calls += renewal } else { refreshCalls += renewal }
        parameterCopies[index, default: []].append(copy)
        return copy.memory
    }

    /// A node's parameter that lies row-major in every plan, such as a vector.
    func master(_ node: Int, _ parameter: Int) -> PlanMemory {
        session.masters[parameterIndex(node, parameter)].memory
    }

    /// Lets the parameter move to `layout` if this plan is the one that chooses.
    func prefer(_ layout: Layout, for node: Int, _ parameter: Int) throws {
        if choosesLayouts { try session.move(parameterIndex(node, parameter), to: layout) }
    }

    /// Where the calls of a node write the gradient of its parameter, as the master lies.
    func allocateParameterGradient(_ node: Int, _ parameter: Int) -> PlanMemory {
        let index = parameterIndex(node, parameter)
        let gradient =
            contiguousGradients?.memory(index)
            ?? PlanMemory(bytes: session.masters[index].layout.bytes, lifetime: .toTheEnd)
        parameterGradients[index] = gradient
        return gradient
    }

    /// Lets `compute` add a call that writes the gradient of a node's parameter in a layout of its own.
    ///
    /// A conversion to the master's layout follows it in the list, where need be.
    func withParameterGradient(
        _ node: Int, _ parameter: Int, _ layout: Layout, _ compute: (PlanMemory) throws -> Void
    ) throws {
        let index = parameterIndex(node, parameter)
        let master = session.masters[index].layout
        let gradient = allocateParameterGradient(node, parameter)
        if layout == master { return try compute(gradient) }
        let own = try allocate([], layout)
        try compute(own.memory)
        let target = PlanArray(sizes: [], layout: master, memory: gradient)
        calls += try conversion(own, to: target, "gradient of \(graph.parameters[index].name): conversion")
    }
}
#endif
