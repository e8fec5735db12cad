import CKernels
import ConvNetTesting
import Testing

/// The passes of a convolution of few channels compute what its definition says.
@Suite(.enabled(if: cker_available())) struct NarrowKernelTests {
    struct Convolution: Sendable, CustomTestStringConvertible {
        var samples = 3
        var inputs = 1
        var outputs = 6
        var height = 28
        var width = 28
        var kernel = [5, 5]
        /// At the top, left, bottom and right.
        var padding = [2, 2, 2, 2]
        var parts = 2
        var bias = false
        var relu = false

        var testDescription: String {
            "\(samples) × \(inputs)->\(outputs) \(height)x\(width) kernel \(kernel) padding \(padding) \(parts) parts"
        }

        var direct: DirectConvolution {
            DirectConvolution(
                samples: samples, inputs: inputs, outputs: outputs, height: height, width: width,
                kernelHeight: kernel[0], kernelWidth: kernel[1], padding: padding)
        }

        var shape: cker_narrow_shape {
            cker_narrow_shape(
                samples: Int64(samples), input_channels: Int64(inputs), output_channels: Int64(outputs),
                input_height: Int64(height), input_width: Int64(width), output_height: Int64(direct.outputHeight),
                output_width: Int64(direct.outputWidth), kernel_height: Int64(kernel[0]),
                kernel_width: Int64(kernel[1]), top: Int64(padding[0]), left: Int64(padding[1]))
        }
    }

    /// Rows of whole vectors and parts of them, kernels whose columns come in fives and don't, channels in blocks and
    /// beside them, more parts than samples, and a kernel as large as the image.
    static let convolutions = [
        Convolution(bias: true),
        Convolution(inputs: 6, outputs: 16, height: 14, width: 14, padding: [0, 0, 0, 0], bias: true, relu: true),
        Convolution(
            samples: 1, inputs: 3, outputs: 8, height: 9, width: 32, kernel: [3, 3], padding: [1, 1, 1, 1], parts: 3),
        Convolution(
            inputs: 8, outputs: 1, height: 3, width: 70, kernel: [1, 1], padding: [0, 0, 0, 0], parts: 1, bias: true),
        Convolution(inputs: 2, outputs: 9, height: 6, width: 17, kernel: [2, 7], padding: [1, 0, 0, 6], relu: true),
        Convolution(
            samples: 2, inputs: 5, outputs: 20, height: 8, width: 5, kernel: [4, 11], padding: [0, 10, 3, 4], bias: true
        ),
        Convolution(
            inputs: 4, outputs: 3, height: 5, width: 6, kernel: [5, 6], padding: [0, 0, 0, 0], parts: 4, bias: true),
        Convolution(samples: 1, inputs: 1, outputs: 2, height: 1, width: 1, kernel: [3, 3], padding: [1, 1, 1, 1]),
    ]

    @Test(arguments: convolutions) func computesAConvolution(_ convolution: Convolution) {
        let (shape, direct) = (convolution.shape, convolution.direct)
        let input = KernelArray(numbers(direct.samples * direct.inputs * direct.height * direct.width, 1))
        let gradient = KernelArray(
            numbers(direct.samples * direct.outputs * direct.outputHeight * direct.outputWidth, 2))
        let weights = KernelArray(numbers(direct.inputs * direct.outputs * direct.kernelHeight * direct.kernelWidth, 3))
        let bias = KernelArray(numbers(direct.outputs, 4))
        let (output, inputGradient) = (KernelArray(count: gradient.count), KernelArray(count: input.count))
        let (weightsGradient, biasGradient) = (KernelArray(count: weights.count), KernelArray(count: direct.outputs))

        run(convolution, cker_narrow_forward_pass) { scratch, _, part, parts in
            var arguments = cker_narrow_forward_arguments(
                shape: shape, input: input.start, weights: weights.start, bias: convolution.bias ? bias.start : nil,
                output: output.start, relu: convolution.relu, scratch: scratch)
            cker_narrow_forward(&arguments, part, parts)
        }
        run(convolution, cker_narrow_data_pass) { scratch, _, part, parts in
            var arguments = cker_narrow_data_arguments(
                shape: shape, output_gradient: gradient.start, weights: weights.start,
                input_gradient: inputGradient.start, scratch: scratch)
            cker_narrow_backward_data(&arguments, part, parts)
        }
        run(convolution, cker_narrow_weights_pass) { scratch, phase, part, parts in
            var arguments = cker_narrow_weights_arguments(
                shape: shape, input: input.start, output_gradient: gradient.start,
                weights_gradient: weightsGradient.start, bias_gradient: convolution.bias ? biasGradient.start : nil,
                scratch: scratch)
            cker_narrow_backward_weights(&arguments, phase, part, parts)
        }

        let expected = direct.passes(
            input: input.values, gradient: gradient.values, weights: weights.values,
            bias: convolution.bias ? bias.values : nil, relu: convolution.relu)
        expect(output.values, near: expected.output, within: 1e-6)
        expect(inputGradient.values, near: expected.inputGradient, within: 1e-6)
        expect(weightsGradient.values, near: expected.weightsGradient, within: 1e-5)
        if convolution.bias { expect(biasGradient.values, near: expected.biasGradient, within: 1e-5) }
    }

    @Test(arguments: convolutions) func computesTheWeightsGradientFromBlocks(_ convolution: Convolution) {
        let (shape, direct) = (convolution.shape, convolution.direct)
        let area = direct.outputHeight * direct.outputWidth
        let input = KernelArray(numbers(direct.samples * direct.inputs * direct.height * direct.width, 1))
        let gradient = PassKernelTests.Map(
            PassKernelTests.Case(samples: direct.samples, channels: direct.outputs, area: area, isSlice: true), seed: 2)
        let taps = direct.inputs * direct.kernelHeight * direct.kernelWidth
        let blocks = (direct.outputs + 15) / 16
        let (weightsGradient, biasGradient) = (
            KernelArray(count: blocks * taps * 16), KernelArray(count: direct.outputs)
        )
        run(convolution, cker_narrow_block_pass) { scratch, phase, part, parts in
            var arguments = cker_narrow_block_arguments(
                shape: shape, input: input.start, output_gradient: gradient.map,
                weights_gradient: weightsGradient.start, bias_gradient: convolution.bias ? biasGradient.start : nil,
                scratch: scratch)
            cker_narrow_block_weights(&arguments, phase, part, parts)
        }

        let expected = direct.passes(
            input: input.values, gradient: gradient.values.map { Float($0) },
            weights: [Float](repeating: 0, count: taps * direct.outputs))
        let values = weightsGradient.values
        let found = (0..<direct.outputs).flatMap { output in
            (0..<taps).map { values[(output / 16 * taps + $0) * 16 + output % 16] }
        }
        expect(found, near: expected.weightsGradient, within: 1e-5)
        if convolution.bias { expect(biasGradient.values, near: expected.biasGradient, within: 1e-5) }
    }

    /// All parts of all phases, the last ones first, on scratch memory full of what is not a number.
    private func run(
        _ convolution: Convolution, _ pass: cker_narrow_pass,
        _ body: (_ scratch: UnsafeMutableRawPointer, _ phase: Int32, _ part: Int32, _ parts: Int32) -> Void
    ) {
        var shape = convolution.shape
        let parts = Int32(convolution.parts)
        let scratch = UnsafeMutableRawBufferPointer.allocate(
            byteCount: cker_narrow_scratch_bytes(&shape, pass, parts), alignment: 64)
        defer { scratch.deallocate() }
        scratch.initializeMemory(as: UInt8.self, repeating: 0xff)
        let isGradient = pass == cker_narrow_weights_pass || pass == cker_narrow_block_pass
        for phase in 0..<Int32(isGradient ? 2 : 1) {
            for part in (0..<parts).reversed() { body(scratch.baseAddress!, phase, part, parts) }
        }
    }
}
