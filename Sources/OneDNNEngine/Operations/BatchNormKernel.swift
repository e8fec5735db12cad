#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// A batch norm in training by the engine's own kernels. The addition that ends a residual and the ReLU behind it are part of
/// the same pass over memory, backwards too, and so is the sum of what two readers of the output contribute to its gradient.
struct BatchNormKernel {
    /// What the forward pass leaves for the backward pass.
    struct Record {
        var mask: PlanMemory?
        /// Whose output is added.
        var addend: Int?
        /// The last node that is part of the pass.
        var end: Int
    }

    let layer: BatchNorm
    let compiler: PlanCompiler
    let node: Int

    private var threads: Int { compiler.session.threads }

    func compileForward(_ input: PlanArray) throws {
        var record = Record(end: node)
        var added: PlanArray?
        if let (next, addend) = compiler.fusableAddition(after: node),
            // Whoever goes back through the addition has to pass its gradient on to both.
            compiler.needsGradient(node) || !compiler.needsGradient(addend)
        {
            let array = compiler.output(addend)
            if array.isMap, array.layout.type == input.layout.type {
                added = array
                record.addend = addend
                record.end = next
            }
        }
        let relu = compiler.fusableReLU(after: record.end)
        if let relu {
            record.mask = try mask(input)
            record.end = relu
        }
        let output =
            try compiler.concatenationSlot(for: record.end, like: input)
            ?? compiler.allocate(input.sizes, .blocked(input.sizes, by: 16, input.layout.type))
        appendForward(input, added, record, to: output)
        let last = record.end
        let others = [relu, record.addend == nil ? nil : compiler.onlyConsumer(of: node)].compactMap { $0 }
        for done in [node] + others { compiler.setOutput(done, output) }
        compiler.skip(others)
        compiler.skipBackward(others)
        compiler.setInput(node, input)
        compiler.setBatchNormRecord(node, record)
        compiler.acceptSlicedGradient(last)
    }

    private func appendForward(_ input: PlanArray, _ added: PlanArray?, _ record: Record, to output: PlanArray) {
        let (layer, pass, threads) = (layer, compiler.pass, threads)
        let statistics =
            compiler.hasGivenStatistics(node) ? nil : compiler.batchStatistics(node, channels: input.sizes[1])
        let running = layer.runningStatistics(of: node, compiler)
        let (scale, shift) = layer.scaleAndShift(of: node, compiler)
        let scratch = scratch(input)
        let others = [record.mask, statistics?.mean, statistics?.variance, scratch]
        compiler.append(compiler.purpose(node, "batch norm forward"), using: [input, output, added], others) {
            var given = cker_batch_norm_forward_arguments(
                shape: input.mapShape, source: input.map, output: output.map, addend: added.map, scale: scale?.floats,
                shift: shift?.floats, epsilon: Float(layer.epsilon), mean: running.mean.floats,
                variance: running.variance.floats, running_mean: nil, running_variance: nil,
                momentum: Float(layer.momentum), relu: record.mask != nil, mask: record.mask?.bits,
                scratch: scratch.pointer)
            let evaluation = given
            guard let statistics else {
                return KernelCall(threads: threads, phases: 1) { _, part, parts in
                    withUnsafePointer(to: evaluation) { cker_batch_norm_by_given($0, CInt(part), CInt(parts)) }
                }
            }
            given.mean = statistics.mean.floats
            given.variance = statistics.variance.floats
            given.running_mean = running.mean.floats
            given.running_variance = running.variance.floats
            let training = given
            let phases = phases(input)
            return KernelCall(threads: threads, phases: Int64(phases)) { phase, part, parts in
                if pass.isTraining {
                    withUnsafePointer(to: training) {
                        cker_batch_norm_forward($0, CInt(phase), CInt(part), CInt(parts))
                    }
                } else if phase == 0 {
                    withUnsafePointer(to: evaluation) { cker_batch_norm_by_given($0, CInt(part), CInt(parts)) }
                }
            }
        }
    }

    func compileBackward(_ record: Record) throws {
        let input = compiler.input(node)
        let gradients = try compiler.gradients(record.end, atMost: 2).map {
            var gradient = $0
            gradient.array = try compiler.array(
                gradient.array, as: gradient.array.layout(of: input.layout.type),
                compiler.purpose(node, "gradient"))
            if !gradient.array.isMap {
                gradient.array = try compiler.array(
                    gradient.array, as: input.layout, compiler.purpose(node, "gradient"))
            }
            return gradient
        }
        // Whichever may be overwritten comes first.
        let ordered = gradients.sorted { !$0.isShared && $1.isShared }
        let first = ordered[0]
        let second = ordered.count > 1 ? ordered[1].array : nil
        var masked: PlanArray?
        var target: PlanArray?
        if first.array.layout == input.layout, !first.isShared { target = first.array }
        if let addend = record.addend, compiler.needsGradient(addend) {
            if record.mask == nil, second == nil {
                try compiler.addGradient(first.array, to: addend, isShared: true)
            } else {
                let array = try target ?? compiler.allocate(input.sizes, input.layout)
                masked = array
                try compiler.addGradient(array, to: addend)
            }
            target = nil
        }
        let result = try target ?? compiler.allocate(input.sizes, input.layout)
        appendBackward(input, first.array, second, masked, record, to: result)
        try compiler.addGradient(result, to: compiler.source(node))
    }

    private func appendBackward(
        _ input: PlanArray, _ gradient: PlanArray, _ second: PlanArray?, _ masked: PlanArray?, _ record: Record,
        to result: PlanArray
    ) {
        let (layer, threads) = (layer, threads)
        let statistics = layer.trainingStatistics(of: node, channels: input.sizes[1], compiler)
        let scale = layer.scaleAndShift(of: node, compiler).scale
        let (scaleGradient, shiftGradient) = layer.allocateGradients(of: node, compiler)
        let scratch = scratch(input)
        let arrays = [input, gradient, second, masked, result]
        let isGiven = compiler.hasGivenStatistics(node)
        let others = [record.mask, scaleGradient, shiftGradient, statistics.mean, statistics.variance, scratch]
        compiler.append(compiler.purpose(node, "batch norm backward"), using: arrays, others) {
            let arguments = cker_batch_norm_backward_arguments(
                shape: input.mapShape, source: input.map, gradient: gradient.map, second_gradient: second.map,
                masked_gradient: masked.map, source_gradient: result.map, mask: record.mask?.bits,
                scale: scale?.floats, mean: statistics.mean.floats, variance: statistics.variance.floats,
                statistics_are_given: isGiven, epsilon: Float(layer.epsilon),
                scale_gradient: scaleGradient?.floats, shift_gradient: shiftGradient?.floats, scratch: scratch.pointer)
            let phases = phases(input)
            return KernelCall(threads: threads, phases: Int64(phases)) { phase, part, parts in
                withUnsafePointer(to: arguments) {
                    cker_batch_norm_backward($0, CInt(phase), CInt(part), CInt(parts))
                }
            }
        }
    }

    private func phases(_ input: PlanArray) -> CInt {
        var shape = input.mapShape
        return cker_batch_norm_phases(&shape, CInt(threads))
    }

    private func scratch(_ input: PlanArray) -> PlanMemory {
        var shape = input.mapShape
        return PlanMemory(bytes: cker_batch_norm_scratch(&shape, CInt(threads)))
    }

    private func mask(_ input: PlanArray) throws -> PlanMemory { PlanMemory(bytes: input.maskBytes) }
}

extension PlanArray {
    /// Whether it is a feature map in blocks of 16 channels, on a processor that kernels are written for.
    var isMap: Bool { cker_available() && layout.map != nil }

    var mapShape: cker_map_shape {
        cker_map_shape(
            type: layout.kernelType, samples: Int64(sizes[0]), channels: Int64(sizes[1]),
            area: Int64(sizes[2] * sizes[3]))
    }

    /// A bit an element, as kernels write where ReLU lets pass.
    var maskBytes: Int { sizes[0] * ((sizes[1] + 15) / 16) * sizes[2] * sizes[3] * MemoryLayout<cker_mask>.stride }
}

extension PlanMemory {
    var bits: UnsafeMutablePointer<cker_mask> { pointer.assumingMemoryBound(to: cker_mask.self) }
}
#endif
