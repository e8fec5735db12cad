#if CONVNET_ONEDNN
import CKernels
import ConvNetTesting
import Testing

/// The passes of Winograd's convolution compute what a direct convolution does.
@Suite(.enabled(if: cker_available())) struct WinogradKernelTests {
    struct Convolution: Sendable, CustomTestStringConvertible {
        var kernel = 3
        var samples = 2
        var inputs = 16
        var outputs = 16
        var height = 8
        var width = 8
        /// At the top, left, bottom and right.
        var padding = [1, 1, 1, 1]
        var type = cker_float32
        var parts = 2
        var bias = false
        var adds = false
        var relu = false

        var direct: DirectConvolution {
            DirectConvolution(
                samples: samples, inputs: inputs, outputs: outputs, height: height, width: width,
                kernelHeight: kernel, kernelWidth: kernel, padding: padding)
        }
        var outputHeight: Int { direct.outputHeight }
        var outputWidth: Int { direct.outputWidth }

        var testDescription: String {
            "\(inputs)->\(outputs) \(height)x\(width) kernel \(kernel) padding \(padding) type \(type.rawValue)"
                + " \(parts) parts"
        }

        var shape: cker_winograd_shape {
            cker_winograd_shape(
                samples: Int64(samples), input_channels: Int64(inputs), output_channels: Int64(outputs),
                input_height: Int64(height), input_width: Int64(width), output_height: Int64(outputHeight),
                output_width: Int64(outputWidth), kernel: Int64(kernel), top: Int64(padding[0]),
                left: Int64(padding[1]), type: type)
        }

        /// Of the largest value: a few times float32's, or half of bfloat16's last place.
        var tolerance: Double { type == cker_float32 ? 1e-5 : 5e-3 }
    }

    /// Sizes that tiles of 4 × 4 and 2 × 2 outputs divide and those they don't, channels that fill their blocks and
    /// don't; many weights take another way than few.
    static let convolutions = [
        Convolution(),
        Convolution(samples: 3, inputs: 3, outputs: 40, height: 13, width: 7, parts: 3, bias: true, relu: true),
        Convolution(inputs: 17, outputs: 5, height: 1, width: 1, parts: 1, adds: true),
        Convolution(inputs: 40, outputs: 17, height: 14, width: 9, padding: [0, 2, 1, 0], bias: true, adds: true),
        Convolution(samples: 1, inputs: 33, outputs: 80, height: 5, width: 30, padding: [2, 2, 2, 2], parts: 3),
        Convolution(inputs: 200, outputs: 260, height: 7, width: 6, bias: true, adds: true, relu: true),
        Convolution(kernel: 5, inputs: 5, outputs: 33, height: 9, width: 8, padding: [2, 2, 2, 2], bias: true),
        Convolution(kernel: 5, inputs: 20, outputs: 16, height: 6, width: 7, padding: [0, 4, 3, 1], adds: true),
        Convolution(inputs: 24, outputs: 48, height: 7, width: 11, type: cker_bfloat16, adds: true, relu: true),
        Convolution(kernel: 5, inputs: 16, outputs: 7, padding: [2, 1, 2, 3], type: cker_bfloat16, bias: true),
    ]

    @Test(arguments: convolutions) func computesAConvolution(_ convolution: Convolution) throws {
        var shape = convolution.shape
        try #require(cker_winograd_supports(&shape))
        var random = SplitMix64(seed: 1)
        let input = BlockedMap(
            convolution.samples, convolution.inputs, convolution.height, convolution.width, convolution.type)
        let output = BlockedMap(
            convolution.samples, convolution.outputs, convolution.outputHeight, convolution.outputWidth,
            convolution.type)
        let gradient = BlockedMap(like: output)
        let inputGradient = BlockedMap(like: input)
        let outputAddend = BlockedMap(like: output)
        for map in [input, gradient, outputAddend] { map.fill(using: &random) }
        let weights = BlockedWeights(convolution, using: &random)
        let weightsGradient = BlockedWeights(convolution)
        let bias = (0..<convolution.outputs).map { _ in Float.random(in: -1...1, using: &random) }
        var biasGradient = [Float](repeating: .nan, count: convolution.outputs)

        bias.withUnsafeBufferPointer { bias in
            run(convolution, cker_winograd_forward_pass) { scratch, phase, part, parts in
                var arguments = cker_winograd_forward_arguments(
                    shape: shape, input: input.map, output: output.map, weights: weights.elements,
                    bias: convolution.bias ? bias.baseAddress : nil,
                    add: convolution.adds ? outputAddend.map : cker_map(), relu: convolution.relu, scratch: scratch)
                cker_winograd_forward(&arguments, phase, part, parts)
            }
        }
        run(convolution, cker_winograd_data_pass) { scratch, phase, part, parts in
            var arguments = cker_winograd_data_arguments(
                shape: shape, output_gradient: gradient.map, input_gradient: inputGradient.map,
                weights: weights.elements, scratch: scratch)
            cker_winograd_backward_data(&arguments, phase, part, parts)
        }
        biasGradient.withUnsafeMutableBufferPointer { bias in
            run(convolution, cker_winograd_weights_pass) { scratch, phase, part, parts in
                var arguments = cker_winograd_weights_arguments(
                    shape: shape, input: input.map, output_gradient: gradient.map,
                    weights_gradient: weightsGradient.elements, bias_gradient: bias.baseAddress, scratch: scratch)
                cker_winograd_backward_weights(&arguments, phase, part, parts)
            }
        }

        let expected = convolution.direct.passes(
            input: input.values(), gradient: gradient.values(), weights: weights.values(),
            bias: convolution.bias ? bias : nil, outputAddend: convolution.adds ? outputAddend.values() : nil,
            relu: convolution.relu)
        expect(output.values(), near: expected.output, within: convolution.tolerance)
        expect(inputGradient.values(), near: expected.inputGradient, within: convolution.tolerance)
        expect(weightsGradient.values(), near: expected.weightsGradient, within: 1e-5)
        expect(biasGradient, near: expected.biasGradient, within: 1e-5)
        #expect(output.isPaddedWithZeros && inputGradient.isPaddedWithZeros && weightsGradient.isPaddedWithZeros)
    }

    @Test(arguments: [
        Convolution(kernel: 7, padding: [3, 3, 3, 3]), Convolution(padding: [3, 1, 1, 1]),
        Convolution(padding: [1, 1, 1, 3]), Convolution(height: 2, padding: [0, 1, 0, 1]),
    ]) func refusesOtherConvolutions(_ convolution: Convolution) {
        var shape = convolution.shape
        #expect(!cker_winograd_supports(&shape))
    }

    /// All parts of all phases, the last ones first, on scratch memory full of what is not a number.
    private func run(
        _ convolution: Convolution, _ pass: cker_winograd_pass,
        _ body: (_ scratch: UnsafeMutableRawPointer, _ phase: Int64, _ part: Int64, _ parts: Int64) -> Void
    ) {
        var shape = convolution.shape
        let parts = Int64(convolution.parts)
        let bytes = cker_winograd_scratch_bytes(&shape, pass, parts)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
        defer { scratch.deallocate() }
        scratch.initializeMemory(as: UInt8.self, repeating: 0xff)
        for phase in 0..<cker_winograd_phases(&shape, pass, parts) {
            for part in (0..<parts).reversed() { body(scratch.baseAddress!, phase, part, parts) }
        }
    }
}

/// A map in blocks of 16 channels that is part of a larger one: a block of others precedes it in each sample.
private final class BlockedMap {
    let samples, channels, height, width: Int
    let type: cker_type
    private let storage: UnsafeMutableRawBufferPointer

    init(_ samples: Int, _ channels: Int, _ height: Int, _ width: Int, _ type: cker_type) {
        (self.samples, self.channels, self.height, self.width, self.type) = (samples, channels, height, width, type)
        let count = samples * (1 + (channels + 15) / 16) * height * width * 16
        storage = .allocate(byteCount: count * (type == cker_float32 ? 4 : 2), alignment: 64)
        storage.initializeMemory(as: UInt8.self, repeating: 0xff)
    }

    convenience init(like map: BlockedMap) { self.init(map.samples, map.channels, map.height, map.width, map.type) }

    deinit { storage.deallocate() }

    private var blocks: Int { (channels + 15) / 16 }
    private var blockStride: Int { height * width * 16 }

    var map: cker_map {
        cker_map(
            elements: storage.baseAddress! + blockStride * (type == cker_float32 ? 4 : 2),
            sample_stride: Int64((1 + blocks) * blockStride), block_stride: Int64(blockStride))
    }

    private subscript(sample: Int, channel: Int, pixel: Int) -> Float {
        get {
            let index = (sample * (1 + blocks) + 1 + channel / 16) * blockStride + pixel * 16 + channel % 16
            if type == cker_float32 { return storage.load(fromByteOffset: index * 4, as: Float.self) }
            return Float(bitPattern: UInt32(storage.load(fromByteOffset: index * 2, as: UInt16.self)) << 16)
        }
        set {
            let index = (sample * (1 + blocks) + 1 + channel / 16) * blockStride + pixel * 16 + channel % 16
            if type == cker_float32 {
                storage.storeBytes(of: newValue, toByteOffset: index * 4, as: Float.self)
            } else {
                storage.storeBytes(of: UInt16(newValue.bitPattern >> 16), toByteOffset: index * 2, as: UInt16.self)
            }
        }
    }

    /// With numbers that both types hold, and zeros in the rest of the last block.
    func fill(using random: inout SplitMix64) {
        for sample in 0..<samples {
            for channel in 0..<blocks * 16 {
                for pixel in 0..<height * width {
                    let value = Float(Int.random(in: -128...128, using: &random)) / 128
                    self[sample, channel, pixel] = channel < channels ? value : 0
                }
            }
        }
    }

    func values() -> [Float] { values(of: 0..<channels) }

    var isPaddedWithZeros: Bool { values(of: channels..<blocks * 16).allSatisfy { $0 == 0 } }

    private func values(of channels: Range<Int>) -> [Float] {
        (0..<samples).flatMap { sample in
            channels.flatMap { channel in (0..<height * width).map { self[sample, channel, $0] } }
        }
    }
}

/// Weights in blocks of 16 × 16 channels.
private final class BlockedWeights {
    private let inputs, outputs, kernel: Int
    private let storage: UnsafeMutableBufferPointer<Float>

    init(_ convolution: WinogradKernelTests.Convolution) {
        (inputs, outputs, kernel) = (convolution.inputs, convolution.outputs, convolution.kernel)
        storage = .allocate(capacity: (outputs + 15) / 16 * ((inputs + 15) / 16) * kernel * kernel * 256)
        storage.initialize(repeating: .nan)
    }

    convenience init(_ convolution: WinogradKernelTests.Convolution, using random: inout SplitMix64) {
        self.init(convolution)
        storage.update(repeating: 0)
        for index in indices { storage[index] = Float.random(in: -1...1, using: &random) }
    }

    deinit { storage.deallocate() }

    var elements: UnsafeMutablePointer<Float> { storage.baseAddress! }

    /// Of the elements in use, in the order output, input, row, column.
    private var indices: [Int] {
        let blocks = (inputs + 15) / 16
        return (0..<outputs).flatMap { output in
            (0..<inputs).flatMap { input in
                (0..<kernel * kernel).map { tap in
                    ((output / 16 * blocks + input / 16) * kernel * kernel + tap) * 256 + input % 16 * 16 + output % 16
                }
            }
        }
    }

    func values() -> [Float] { indices.map { storage[$0] } }

    var isPaddedWithZeros: Bool {
        let used = Set(indices)
        return storage.indices.allSatisfy { used.contains($0) || storage[$0] == 0 }
    }
}
#endif
