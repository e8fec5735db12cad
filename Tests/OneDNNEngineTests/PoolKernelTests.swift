import CKernels
import Testing

/// The pooling kernels compute what plain loops do, whatever the windows, the type, the strides in memory and the number of
/// parts.
@Suite(.enabled(if: cker_available()))
struct PoolKernelTests {
    typealias Map = PassKernelTests.Map

    struct Case: Sendable, CustomTestStringConvertible {
        var input: (height: Int, width: Int)
        var kernel: (height: Int, width: Int)
        var stride: (height: Int, width: Int)
        var padding = (top: 0, left: 0)
        var output: (height: Int, width: Int)
        var samples = 2
        var channels = 20
        var parts = 2
        var isHalf = false
        var isSlice = false

        var testDescription: String {
            "\(samples)×\(channels)×\(input.height)×\(input.width) by \(kernel.height)×\(kernel.width), stride "
                + "\(stride.height)×\(stride.width), padding \(padding.top)×\(padding.left), to "
                + "\(output.height)×\(output.width)\(isHalf ? ", bfloat16" : "")\(isSlice ? ", slice" : "")"
        }

        func map(_ size: (height: Int, width: Int)) -> PassKernelTests.Case {
            PassKernelTests.Case(
                samples: samples, channels: channels, area: size.height * size.width, parts: parts, isHalf: isHalf,
                isSlice: isSlice)
        }

        func shape(_ kind: cker_pool_kind, isPlain: Bool = false) -> cker_pool_shape {
            cker_pool_shape(
                kind: kind, type: isHalf && !isPlain ? cker_bfloat16 : cker_float32, is_plain: isPlain,
                samples: Int64(samples),
                channels: Int64(channels), input_height: Int64(input.height), input_width: Int64(input.width),
                output_height: Int64(output.height), output_width: Int64(output.width),
                kernel_height: Int64(kernel.height), kernel_width: Int64(kernel.width),
                stride_height: Int64(stride.height), stride_width: Int64(stride.width), top: Int64(padding.top),
                left: Int64(padding.left))
        }

        /// The input's pixels in each window, with their places in it.
        func window(_ index: Int) -> [(place: Int, pixel: Int)] {
            let (top, left) = (
                index / output.width * stride.height - padding.top, index % output.width * stride.width - padding.left
            )
            return (0..<kernel.height * kernel.width).compactMap { place in
                let (y, x) = (top + place / kernel.width, left + place % kernel.width)
                let exists = (0..<input.height).contains(y) && (0..<input.width).contains(x)
                return exists ? (place, y * input.width + x) : nil
            }
        }
    }

    static let cases = [
        Case(input: (6, 8), kernel: (2, 2), stride: (2, 2), output: (3, 4)),
        Case(input: (7, 9), kernel: (2, 2), stride: (2, 2), output: (3, 4), samples: 3, parts: 3),
        Case(input: (7, 9), kernel: (2, 2), stride: (2, 2), output: (4, 5)),  // hangs over
        Case(input: (14, 14), kernel: (3, 3), stride: (2, 2), padding: (1, 1), output: (7, 7), channels: 64),
        Case(input: (13, 13), kernel: (3, 3), stride: (2, 2), output: (6, 6), isHalf: true),
        Case(input: (14, 12), kernel: (3, 3), stride: (2, 2), output: (7, 6), isSlice: true),  // hangs over
        Case(input: (5, 6), kernel: (3, 3), stride: (1, 1), padding: (1, 1), output: (5, 6), channels: 32),
        Case(input: (9, 11), kernel: (5, 4), stride: (3, 2), padding: (2, 1), output: (3, 5), channels: 1, parts: 3),
        Case(input: (9, 9), kernel: (2, 2), stride: (3, 3), output: (3, 3), isHalf: true, isSlice: true),  // gaps
        Case(input: (7, 7), kernel: (7, 7), stride: (1, 1), output: (1, 1), samples: 5, parts: 4),
        Case(input: (2, 2), kernel: (3, 3), stride: (2, 2), padding: (1, 1), output: (1, 1)),
        Case(input: (64, 64), kernel: (2, 2), stride: (2, 2), output: (32, 32), samples: 8, channels: 64),  // 8 MB
    ]

    @Test(arguments: cases, [false, true])
    func maximum(_ of: Case, followsReLU: Bool) {
        let input = Map(of.map(of.input), seed: 1)
        let output = Map(of.map(of.output))
        let gradient = Map(of.map(of.output), seed: 2)
        let inputGradient = Map(of.map(of.input))
        let places = KernelArray([cker_place](repeating: 0, count: of.map(of.output).maskCount * 16))
        forward(of, cker_maximum, input, output, places.start, followsReLU: followsReLU)
        backward(of, cker_maximum, gradient, inputGradient, places.start)

        let (values, gradients) = (input.values, gradient.values)
        let areas = (of.input.height * of.input.width, of.output.height * of.output.width)
        var spread = [Double](repeating: 0, count: values.count)
        let expected = of.map(of.output).map { sample, channel, index in
            let first = index / areas.1 * areas.0
            let window = of.window(index % areas.1)
            guard let largest = window.max(by: { values[first + $0.pixel] < values[first + $1.pixel] }) else {
                return 0
            }
            let value = values[first + largest.pixel]
            let winner = window.first { values[first + $0.pixel] == value }
            if let winner, !followsReLU || value > 0 { spread[first + winner.pixel] += gradients[index] }
            return value
        }
        #expect(output.values == expected)
        expectEqual(inputGradient.values, spread, of.isHalf ? 0.01 : 1e-6)
        let plain = plain(of, cker_maximum, values, gradients, followsReLU: followsReLU)
        #expect(plain.output == expected)
        expectEqual(plain.inputGradient, spread, 1e-6)
        #expect(output.isClean, "padding and surroundings")
        #expect(inputGradient.isClean, "padding and surroundings")
    }

    @Test(arguments: cases, [cker_average_with_padding, cker_average_without_padding])
    func average(_ of: Case, kind: cker_pool_kind) {
        let input = Map(of.map(of.input), seed: 1)
        let output = Map(of.map(of.output))
        let gradient = Map(of.map(of.output), seed: 2)
        let (inputGradient, throughReLU) = (Map(of.map(of.input)), Map(of.map(of.input)))
        forward(of, kind, input, output, nil)
        backward(of, kind, gradient, inputGradient, nil)
        backward(of, kind, gradient, throughReLU, nil, relu: input)

        let (values, gradients) = (input.values, gradient.values)
        let areas = (of.input.height * of.input.width, of.output.height * of.output.width)
        var spread = [Double](repeating: 0, count: values.count)
        let expected = of.map(of.output).map { sample, channel, index in
            let first = index / areas.1 * areas.0
            let window = of.window(index % areas.1)
            let taps = kind == cker_average_with_padding ? of.kernel.height * of.kernel.width : window.count
            for (_, pixel) in window { spread[first + pixel] += gradients[index] / Double(taps) }
            return window.reduce(0) { $0 + values[first + $1.pixel] } / Double(taps)
        }
        let tolerance = of.isHalf ? 0.01 : 1e-6
        expectEqual(output.values, expected, tolerance)
        expectEqual(inputGradient.values, spread, tolerance)
        let held = zip(spread, values).map { $1 > 0 ? $0 : 0 }
        expectEqual(throughReLU.values, held, tolerance)
        let plain = plain(of, kind, values, gradients, throughReLU: true)
        expectEqual(plain.output, expected, 1e-6)
        expectEqual(plain.inputGradient, held, 1e-6)
        #expect(output.isClean, "padding and surroundings")
        #expect(throughReLU.isClean, "padding and surroundings")
    }

    /// What is not a number should not go unnoticed.
    @Test(arguments: 0..<4)
    func notANumber(place: Int) {
        let of = Case(input: (2, 2), kernel: (2, 2), stride: (2, 2), output: (1, 1), samples: 1, channels: 16)
        let (input, output) = (Map(of.map(of.input), seed: 1), Map(of.map(of.output)))
        let pixels = input.map.elements.assumingMemoryBound(to: Float.self)
        pixels[place * 16 + 3] = .nan
        let places = KernelArray([cker_place](repeating: 0, count: 16))
        forward(of, cker_maximum, input, output, places.start, followsReLU: true)
        #expect(output.values[3].isNaN)
        #expect(places.values[3] == place)
    }

    /// The same on row-major maps.
    private func plain(
        _ of: Case, _ kind: cker_pool_kind, _ input: [Double], _ gradient: [Double], followsReLU: Bool = false,
        throughReLU: Bool = false
    ) -> (output: [Double], inputGradient: [Double]) {
        let shape = of.shape(kind, isPlain: true)
        let areas = (shape.input_height * shape.input_width, shape.output_height * shape.output_width)
        func map(_ elements: UnsafeMutablePointer<Float>?, _ area: Int64) -> cker_map {
            cker_map(elements: elements, sample_stride: shape.channels * area, block_stride: area)
        }
        let (input, gradient) = (KernelArray(input.map { Float($0) }), KernelArray(gradient.map { Float($0) }))
        let (output, inputGradient) = (KernelArray(count: gradient.count), KernelArray(count: input.count))
        let places = KernelArray([cker_place](repeating: 0, count: gradient.count))
        var forward = cker_pool_forward_arguments(
            shape: shape, input: map(input.start, areas.0), output: map(output.start, areas.1),
            places: kind == cker_maximum ? places.start : nil, follows_relu: followsReLU)
        for part in 0..<of.parts { cker_pool_forward(&forward, CInt(part), CInt(of.parts)) }
        var backward = cker_pool_backward_arguments(
            shape: shape, output_gradient: map(gradient.start, areas.1),
            input_gradient: map(inputGradient.start, areas.0), places: places.start,
            relu_output: map(throughReLU ? input.start : nil, areas.0))
        for part in 0..<of.parts { cker_pool_backward(&backward, CInt(part), CInt(of.parts)) }
        return (output.values.map { Double($0) }, inputGradient.values.map { Double($0) })
    }

    private func forward(
        _ of: Case, _ kind: cker_pool_kind, _ input: Map, _ output: Map, _ places: UnsafeMutablePointer<cker_place>?,
        followsReLU: Bool = false
    ) {
        var arguments = cker_pool_forward_arguments(
            shape: of.shape(kind), input: input.map, output: output.map, places: places, follows_relu: followsReLU)
        for part in 0..<of.parts { cker_pool_forward(&arguments, CInt(part), CInt(of.parts)) }
    }

    private func backward(
        _ of: Case, _ kind: cker_pool_kind, _ gradient: Map, _ inputGradient: Map,
        _ places: UnsafeMutablePointer<cker_place>?, relu: Map? = nil
    ) {
        let none = cker_map(elements: nil, sample_stride: 0, block_stride: 0)
        var arguments = cker_pool_backward_arguments(
            shape: of.shape(kind), output_gradient: gradient.map, input_gradient: inputGradient.map, places: places,
            relu_output: relu?.map ?? none)
        for part in 0..<of.parts { cker_pool_backward(&arguments, CInt(part), CInt(of.parts)) }
    }

    private func expectEqual(_ found: [Double], _ expected: [Double], _ tolerance: Double) {
        let worst = zip(found, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
        #expect(worst <= tolerance && found.count == expected.count)
    }
}
