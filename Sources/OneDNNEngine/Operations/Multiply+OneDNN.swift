#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

extension Multiply: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let (map, gates) = try factors(compiler, node)
        let output = try compiler.allocate(map.sizes, map.layout)
        let (threads, isGated) = (compiler.session.threads, isGated(compiler, node))
        compiler.append(compiler.purpose(node, "product forward"), using: [map, gates, output]) {
            let arguments = cker_channel_product_arguments(
                shape: map.productShape(isGated: isGated), map: map.memory.pointer, gates: gates.memory.pointer,
                output: output.memory.pointer)
            return KernelCall(threads: threads, phases: 1) { _, part, parts in
                withUnsafePointer(to: arguments) { cker_channel_product($0, CInt(part), CInt(parts)) }
            }
        }
        compiler.setOutput(node, try compiler.shaped(output, as: node))
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let (map, gates) = try factors(compiler, node)
        let (mapNode, gateNode) = sources(compiler, node)
        let (gradient, target) = try compiler.gradient(node, like: map)
        let (threads, isGated) = (compiler.session.threads, isGated(compiler, node))
        let mapGradient = compiler.needsGradient(mapNode) ? target : nil
        let gateGradients =
            compiler.needsGradient(gateNode) ? try compiler.allocate(gates.sizes, gates.layout) : nil
        compiler.append(
            compiler.purpose(node, "product backward"), using: [map, gates, gradient, mapGradient, gateGradients]
        ) {
            let arguments = cker_channel_product_gradient_arguments(
                shape: map.productShape(isGated: isGated), map: map.memory.pointer, gates: gates.memory.pointer,
                gradient: gradient.memory.pointer, map_gradient: mapGradient?.memory.pointer,
                gate_gradients: gateGradients?.memory.pointer)
            return KernelCall(threads: threads, phases: 1) { _, part, parts in
                withUnsafePointer(to: arguments) { cker_channel_product_gradients($0, CInt(part), CInt(parts)) }
            }
        }
        if let mapGradient { try compiler.addGradient(mapGradient, to: mapNode) }
        if let gateGradients { try compiler.addGradient(gateGradients, to: gateNode) }
    }
}

extension Multiply {
    private func gateIndex(_ compiler: PlanCompiler, _ node: Int) -> Int? {
        Self.gateIndex(among: compiler.graph.inputShapes(of: compiler.graph.nodes[node]))
    }

    private func isGated(_ compiler: PlanCompiler, _ node: Int) -> Bool { gateIndex(compiler, node) != nil }

    /// The nodes whose outputs are the map and what it is multiplied by.
    private func sources(_ compiler: PlanCompiler, _ node: Int) -> (map: Int, gates: Int) {
        let inputs = compiler.graph.nodes[node].inputs
        return gateIndex(compiler, node) == 0 ? (inputs[1], inputs[0]) : (inputs[0], inputs[1])
    }

    /// The map in a layout that the kernel knows, and what it is multiplied by in the same.
    private func factors(_ compiler: PlanCompiler, _ node: Int) throws -> (map: PlanArray, gates: PlanArray) {
        let (mapNode, gateNode) = sources(compiler, node)
        let map = try compiler.columns(compiler.output(mapNode), of: mapNode, "map")
        let gates = compiler.output(gateNode)
        guard isGated(compiler, node) else {
            return (map, try compiler.array(gates, like: map, compiler.purpose(node, "factor")))
        }
        let layout = try Layout.blocked(gates.sizes, by: map.layout.channelBlock ?? 1, map.layout.type)
        return (map, try compiler.array(gates, as: layout, compiler.purpose(node, "gates")))
    }
}

extension PlanArray {
    /// As the kernel takes it: without gates, every number has a factor of its own.
    fileprivate func productShape(isGated: Bool) -> cker_channel_shape {
        guard isGated else {
            // Planes of a map are divided among the threads, or else samples.
            let (all, area, block) = (
                layout.bytes / layout.kernelType.bytes, sizes[2] * sizes[3], layout.channelBlock ?? 1
            )
            let count = Int64(area * block > 64 ? area * block : all / sizes[0])
            return cker_channel_shape(
                type: layout.kernelType, samples: Int64(all) / count, channels: count, area: 1, block: count)
        }
        return cker_channel_shape(
            type: layout.kernelType, samples: Int64(sizes[0]), channels: Int64(sizes[1]),
            area: Int64(sizes[2] * sizes[3]), block: Int64(layout.channelBlock ?? 1))
    }
}
#endif
