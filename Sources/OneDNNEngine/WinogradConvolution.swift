#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// The calls that compute a convolution's passes by Winograd's algorithm.
///
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.
struct WinogradConvolution {
    private let shape: cdnn_window_shape
    private let threads: Int

    /// A convolution that ``supports(_:)`` says yes to.
    init(_ shape: cdnn_window_shape, _ threads: Int) {
        self.shape = shape
        self.threads = threads
    }

    /// Whether the algorithm is for such a convolution, on this processor.
    static func supports(_ shape: cdnn_window_shape) -> Bool {
        guard cker_available(), shape.groups == 1, shape.stride == (1, 1), shape.dilation == (1, 1),
            shape.kernel.0 == shape.kernel.1
        else { return false }
        var shape = shape.kernelShape(cker_float32)
        return cker_winograd_supports(&shape)
    }

    /// output = convolution + bias + add, rectified if asked for. What is added may be NULL.
    func forward(
        _ purpose: String, _ input: PlanArray, _ weight: PlanMemory, bias: PlanMemory?, add: PlanArray?, relu: Bool,
        to output: PlanArray
    ) -> PlannedCall {
        let memory = [input.memory, weight, output.memory] + [bias, add?.memory].compactMap { $0 }
        return call(purpose, cker_winograd_forward_pass, memory, input.layout.kernelType) { shape, scratch in
            let arguments = cker_winograd_forward_arguments(
                shape: shape, input: input.map, output: output.map, weights: weight.floats, bias: bias?.floats,
                add: add.map, relu: relu, scratch: scratch)
            return { phase, part, parts in
                withUnsafePointer(to: arguments) { cker_winograd_forward($0, phase, part, parts) }
            }
        }
    }

    /// The input's gradient, from the output's.
    func backwardData(
        _ purpose: String, _ gradient: PlanArray, _ weight: PlanMemory, to result: PlanArray
    ) -> PlannedCall {
        let memory = [gradient.memory, weight, result.memory]
        return call(purpose, cker_winograd_data_pass, memory, gradient.layout.kernelType) { shape, scratch in
            let arguments = cker_winograd_data_arguments(
                shape: shape, output_gradient: gradient.map, input_gradient: result.map, weights: weight.floats,
                scratch: scratch)
            return { phase, part, parts in
                withUnsafePointer(to: arguments) { cker_winograd_backward_data($0, phase, part, parts) }
            }
        }
    }

    /// The gradients of weight and bias, from input and output gradient.
    func backwardWeights(
        _ purpose: String, _ input: PlanArray, _ gradient: PlanArray, to result: PlanMemory, bias: PlanMemory?
    ) -> PlannedCall {
        let memory = [input.memory, gradient.memory, result] + [bias].compactMap { $0 }
        return call(purpose, cker_winograd_weights_pass, memory, input.layout.kernelType) { shape, scratch in
            let arguments = cker_winograd_weights_arguments(
                shape: shape, input: input.map, output_gradient: gradient.map, weights_gradient: result.floats,
                bias_gradient: bias?.floats, scratch: scratch)
            return { phase, part, parts in
                withUnsafePointer(to: arguments) { cker_winograd_backward_weights($0, phase, part, parts) }
            }
        }
    }

    /// A pass on memory of its own, to be timed.
    func trial(_ pass: PlannedConvolution.Pass, _ type: cdnn_type) throws -> PlannedCall {
        func array(_ channels: Int64, _ size: (Int64, Int64)) throws -> PlanArray {
            let sizes = [shape.samples, channels, size.0, size.1].map(Int.init)
            let layout = try Layout.blocked(sizes, by: 16, type)
            return PlanArray(sizes: sizes, layout: layout, memory: PlanMemory(bytes: layout.bytes))
        }
        let input = try array(shape.input_channels, shape.input_size)
        let output = try array(shape.output_channels, shape.output_size)
        let weight = PlanMemory(
            bytes: try Layout.weights(
                outputs: Int(shape.output_channels), inputs: Int(shape.input_channels),
                kernel: Size(Int(shape.kernel.0), Int(shape.kernel.1))
            ).bytes)
        switch pass {
        case .forward: return forward("trial", input, weight, bias: nil, add: nil, relu: false, to: output)
        case .backwardData: return backwardData("trial", output, weight, to: input)
        case .backwardWeights: return backwardWeights("trial", input, output, to: weight, bias: nil)
        }
    }

    private func call(
        _ purpose: String, _ pass: cker_winograd_pass, _ memory: [PlanMemory], _ type: cker_type,
        _ body: @escaping (cker_winograd_shape, UnsafeMutableRawPointer) -> (Int64, Int64, Int64) -> Void
    ) -> PlannedCall {
        var shape = shape.kernelShape(type)
        let scratch = PlanMemory(bytes: cker_winograd_scratch_bytes(&shape, pass, Int64(threads)))
        let phases = cker_winograd_phases(&shape, pass, Int64(threads))
        let (complete, threads) = (shape, threads)
        let make = {
            KernelCall(
                threads: threads, phases: phases, implementation: "winograd", body(complete, scratch.pointer))
        }
        return PlannedCall(
            purpose: purpose, operations: self.shape.operations, memory: { memory + [scratch] }, make: make)
    }
}

extension cdnn_window_shape {
    fileprivate func kernelShape(_ type: cker_type) -> cker_winograd_shape {
        cker_winograd_shape(
            samples: samples, input_channels: input_channels, output_channels: output_channels,
            input_height: input_size.0, input_width: input_size.1, output_height: output_size.0,
            output_width: output_size.1, kernel: kernel.0, top: padding_before.0, left: padding_before.1, type: type)
    }
}
#endif
