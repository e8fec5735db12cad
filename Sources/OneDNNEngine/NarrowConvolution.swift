#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// The calls that compute the passes of a convolution of few channels, on row-major arrays.
struct NarrowConvolution {
    private let shape: cdnn_window_shape
    private let threads: Int

    /// A convolution that ``supports(_:)`` says yes to.
    init(_ shape: cdnn_window_shape, _ threads: Int) {
        self.shape = shape
        self.threads = threads
    }

    /// Whether the kernels can compute such a convolution, on this processor.
    static func supports(_ shape: cdnn_window_shape) -> Bool {
        func isLess(_ padding: (Int64, Int64), than kernel: (Int64, Int64)) -> Bool {
            padding.0 < kernel.0 && padding.1 < kernel.1
        }
        return cker_available() && shape.groups == 1 && shape.stride == (1, 1) && shape.dilation == (1, 1)
            && isLess(shape.padding_before, than: shape.kernel) && isLess(shape.padding_after, than: shape.kernel)
    }

    /// output = convolution + bias, rectified if asked for.
    func forward(
        _ purpose: String, _ input: PlanArray, _ weight: PlanMemory, bias: PlanMemory?, relu: Bool,
        to output: PlanArray
    ) -> PlannedCall {
        let memory = [input.memory, weight, output.memory] + [bias].compactMap { $0 }
        return call(purpose, cker_narrow_forward_pass, memory) { shape, scratch in
            let arguments = cker_narrow_forward_arguments(
                shape: shape, input: input.floats, weights: weight.floats, bias: bias?.floats, output: output.floats,
                relu: relu, scratch: scratch)
            return { _, part, parts in
                withUnsafePointer(to: arguments) { cker_narrow_forward($0, CInt(part), CInt(parts)) }
            }
        }
    }

    /// The input's gradient, from the output's.
    func backwardData(
        _ purpose: String, _ gradient: PlanArray, _ weight: PlanMemory, to result: PlanArray
    ) -> PlannedCall {
        call(purpose, cker_narrow_data_pass, [gradient.memory, weight, result.memory]) { shape, scratch in
            let arguments = cker_narrow_data_arguments(
                shape: shape, output_gradient: gradient.floats, weights: weight.floats,
                input_gradient: result.floats, scratch: scratch)
            return { _, part, parts in
                withUnsafePointer(to: arguments) { cker_narrow_backward_data($0, CInt(part), CInt(parts)) }
            }
        }
    }

    /// The gradients of weight and bias, from input and output gradient.
    func backwardWeights(
        _ purpose: String, _ input: PlanArray, _ gradient: PlanArray, to result: PlanMemory, bias: PlanMemory?
    ) -> PlannedCall {
        let memory = [input.memory, gradient.memory, result] + [bias].compactMap { $0 }
        return call(purpose, cker_narrow_weights_pass, memory) { shape, scratch in
            let arguments = cker_narrow_weights_arguments(
                shape: shape, input: input.floats, output_gradient: gradient.floats, weights_gradient: result.floats,
                bias_gradient: bias?.floats, scratch: scratch)
            return { phase, part, parts in
                withUnsafePointer(to: arguments) {
                    cker_narrow_backward_weights($0, CInt(phase), CInt(part), CInt(parts))
                }
            }
        }
    }

    /// The gradients of weight and bias where the output's gradient lies in blocks of channels; the weight's does, too.
    func backwardWeights(
        _ purpose: String, _ input: PlanArray, blocks gradient: PlanArray, to result: PlanMemory, bias: PlanMemory?
    ) -> PlannedCall {
        let memory = [input.memory, gradient.memory, result] + [bias].compactMap { $0 }
        return call(purpose, cker_narrow_block_pass, memory) { shape, scratch in
            let arguments = cker_narrow_block_arguments(
                shape: shape, input: input.floats, output_gradient: gradient.map, weights_gradient: result.floats,
                bias_gradient: bias?.floats, scratch: scratch)
            return { phase, part, parts in
                withUnsafePointer(to: arguments) {
                    cker_narrow_block_weights($0, CInt(phase), CInt(part), CInt(parts))
                }
            }
        }
    }

    /// Whether the gradient of the weight is best computed from blocks of the output's channels.
    var prefersBlocks: Bool { shape.output_channels > 8 }

    /// A pass on memory of its own, to be timed.
    func trial(_ pass: PlannedConvolution.Pass) throws -> PlannedCall {
        func array(_ sizes: [Int64], by block: Int = 1) throws -> PlanArray {
            let layout = try Layout.blocked(sizes.map(Int.init), by: block)
            return PlanArray(sizes: sizes.map(Int.init), layout: layout, memory: PlanMemory(bytes: layout.bytes))
        }
        let isBlocked = pass == .backwardWeights && prefersBlocks
        let input = try array([shape.samples, shape.input_channels, shape.input_size.0, shape.input_size.1])
        let output = try array(
            [shape.samples, shape.output_channels, shape.output_size.0, shape.output_size.1], by: isBlocked ? 16 : 1)
        let weight = [shape.output_channels, shape.input_channels, shape.kernel.0, shape.kernel.1].map(Int.init)
        let memory = PlanMemory(bytes: try isBlocked ? Layout.outputBlocks(weight).bytes : Layout.plain(weight).bytes)
        switch pass {
        case .forward: return forward("trial", input, memory, bias: nil, relu: false, to: output)
        case .backwardData: return backwardData("trial", output, memory, to: input)
        case .backwardWeights:
            return isBlocked
                ? backwardWeights("trial", input, blocks: output, to: memory, bias: nil)
                : backwardWeights("trial", input, output, to: memory, bias: nil)
        }
    }

    private func call(
        _ purpose: String, _ pass: cker_narrow_pass, _ memory: [PlanMemory],
        _ body: @escaping (cker_narrow_shape, UnsafeMutableRawPointer) -> (Int64, Int64, Int64) -> Void
    ) -> PlannedCall {
        var shape = shape.narrowShape
        let scratch = PlanMemory(bytes: cker_narrow_scratch_bytes(&shape, pass, CInt(threads)))
        let (complete, threads) = (shape, threads)
        let make = {
            KernelCall(
                threads: threads, phases: pass == cker_narrow_forward_pass || pass == cker_narrow_data_pass ? 1 : 2,
                implementation: "narrow",
                body(complete, scratch.pointer))
        }
        return PlannedCall(
            purpose: purpose, operations: self.shape.operations, memory: { memory + [scratch] }, make: make)
    }
}

extension cdnn_window_shape {
    fileprivate var narrowShape: cker_narrow_shape {
        cker_narrow_shape(
            samples: samples, input_channels: input_channels, output_channels: output_channels,
            input_height: input_size.0, input_width: input_size.1, output_height: output_size.0,
            output_width: output_size.1, kernel_height: kernel.0, kernel_width: kernel.1, top: padding_before.0,
            left: padding_before.1)
    }
}
#endif
