#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph
import ConvNetZoo
import Testing

@testable import OneDNNEngine

/// Winograd's algorithm loses no more digits than it should in any convolution that the zoo's networks compute with it.
@Suite(.enabled(if: cker_available())) struct WinogradZooTests {
    struct Convolution: Hashable, Comparable, Sendable, CustomTestStringConvertible {
        var kernel, inputs, outputs, height, width: Int
        var edges: Edges
        var outputSize: Size

        var testDescription: String {
            "\(inputs)x\(height)x\(width) to \(outputs), kernel \(kernel), padding \(edges.top) \(edges.left)"
        }

        var shape: cdnn_window_shape {
            cdnn_window_shape(
                samples: 1, groups: 1, input_channels: Int64(inputs), output_channels: Int64(outputs),
                input_size: (Int64(height), Int64(width)),
                output_size: (Int64(outputSize.height), Int64(outputSize.width)),
                kernel: (Int64(kernel), Int64(kernel)), stride: (1, 1), dilation: (1, 1),
                padding_before: (Int64(edges.top), Int64(edges.left)),
                padding_after: (Int64(edges.bottom), Int64(edges.right)))
        }

        private var order: [Int] { [kernel, height, width, inputs, outputs, edges.top, edges.left] }

        static func < (a: Self, b: Self) -> Bool { a.order.lexicographicallyPrecedes(b.order) }
    }

    /// Those of stride 1 in all networks, for their own images.
    static let convolutions: [Convolution] = {
        var found: Set<Convolution> = []
        for entry in NetworkCatalog.all {
            guard let graph = try? entry.network().graph else { continue }
            for node in graph.nodes.dropFirst() {
                guard let layer = node.operation as? Conv2D, [Size(3), Size(5)].contains(layer.kernel),
                    layer.stride == Size(1), layer.dilation == Size(1), layer.groups == 1
                else { continue }
                let input = graph.inputShapes(of: node)[0]
                guard min(input.channels, layer.filters) >= 16 else { continue }
                let window = Window(kernel: layer.kernel, padding: layer.padding, input: input.size)
                found.insert(
                    Convolution(
                        kernel: layer.kernel.height, inputs: input.channels, outputs: layer.filters,
                        height: input.height, width: input.width, edges: window.edges, outputSize: node.shape.size))
            }
        }
        return found.sorted()
    }()

    /// A convolution of each kind of network, so that the list is not empty for want of somebody's `Conv2D`.
    @Test func convolutionsAreFound() {
        let sizes = Set(Self.convolutions.map { [$0.kernel, $0.inputs, $0.outputs, $0.height] })
        #expect(
            sizes.isSuperset(of: [
                [3, 64, 64, 224], [3, 64, 64, 56], [5, 16, 32, 28], [3, 128, 32, 7], [3, 16, 16, 32],
            ]))
    }

    @Test(arguments: convolutions)
    func losesFewDigits(_ convolution: Convolution) throws {
        let pair = try PassPair(convolution)
        for (pass, error) in try pair.errors() { #expect(error < 5e-5, "\(pass)") }
    }

    /// The three passes of a convolution, by both algorithms.
    private final class PassPair {
        private static let threads = 2
        private let shape: cdnn_window_shape
        private let context: Context
        private let winograd: WinogradConvolution
        private let input, outputGradient: PlanArray
        private let weight: PlanArray
        private let inputSizes, outputSizes: [Int]

        init(_ convolution: Convolution) throws {
            shape = convolution.shape
            cdnn_set_threads(CInt(Self.threads))
            context = try Context()
            try #require(WinogradConvolution.supports(shape))
            winograd = WinogradConvolution(shape, Self.threads)
            inputSizes = [1, convolution.inputs, convolution.height, convolution.width]
            outputSizes = [1, convolution.outputs, convolution.outputSize.height, convolution.outputSize.width]
            input = try Self.map(inputSizes)
            outputGradient = try Self.map(outputSizes)
            let layout = try Layout.weights(
                outputs: convolution.outputs, inputs: convolution.inputs, kernel: Size(convolution.kernel))
            weight = PlanArray(sizes: [], layout: layout, memory: PlanMemory(allocating: layout.bytes))
            // Whatever does not fill a block is zero.
            var random = Random()
            for (map, sizes) in [(input, inputSizes), (outputGradient, outputSizes)] {
                let area = sizes[2] * sizes[3]
                for block in 0..<(sizes[1] + 15) / 16 {
                    for pixel in 0..<area {
                        for lane in 0..<min(16, sizes[1] - 16 * block) {
                            map.floats[(block * area + pixel) * 16 + lane] = random.next()
                        }
                    }
                }
            }
            let (inputs, outputs) = (convolution.inputs, convolution.outputs)
            let taps = convolution.kernel * convolution.kernel
            for block in 0..<(outputs + 15) / 16 * ((inputs + 15) / 16) {
                let (o, i) = (block / ((inputs + 15) / 16) * 16, block % ((inputs + 15) / 16) * 16)
                for tap in 0..<taps {
                    for row in 0..<min(16, inputs - i) {
                        for lane in 0..<min(16, outputs - o) {
                            weight.floats[((block * taps + tap) * 16 + row) * 16 + lane] = random.next()
                        }
                    }
                }
            }
        }

        /// How far Winograd's results are from the direct ones, relative to the largest of these.
        func errors() throws -> [(pass: String, error: Double)] {
            var shape = shape
            let (source, target) = (input.layout.pointer, outputGradient.layout.pointer)
            let forward = try Primitive("forward") {
                cdnn_convolution_forward(context.pointer, &shape, source, target, false, true, false, .none, $0)
            }
            let backwardData = try Primitive("backward data") {
                cdnn_convolution_backward_data(context.pointer, &shape, source, target, forward.pointer, $0)
            }
            let backwardWeights = try Primitive("backward weights") {
                cdnn_convolution_backward_weights(
                    context.pointer, &shape, source, target, forward.pointer, $0)
            }
            return [
                (
                    "forward",
                    try error(
                        forward, [(cdnn_source, input), (cdnn_weights, weight)], cdnn_output,
                        try Self.map(outputSizes)
                    ) {
                        winograd.forward("", input, weight.memory, bias: nil, add: nil, relu: false, to: $0)
                    }
                ),
                (
                    "backward data",
                    try error(
                        backwardData, [(cdnn_output_gradient, outputGradient), (cdnn_weights, weight)],
                        cdnn_source_gradient, try Self.map(inputSizes)
                    ) { winograd.backwardData("", outputGradient, weight.memory, to: $0) }
                ),
                (
                    "backward weights",
                    try error(
                        backwardWeights, [(cdnn_source, input), (cdnn_output_gradient, outputGradient)],
                        cdnn_weights_gradient,
                        PlanArray(
                            sizes: [], layout: weight.layout, memory: PlanMemory(allocating: weight.layout.bytes))
                    ) { winograd.backwardWeights("", input, outputGradient, to: $0.memory, bias: nil) }
                ),
            ]
        }

        private func error(
            _ direct: Primitive, _ inputs: [(cdnn_role, PlanArray)], _ role: cdnn_role, _ result: PlanArray,
            _ other: (PlanArray) -> PlannedCall
        ) throws -> Double {
            for (role, array) in inputs {
                direct.bind(role, to: try converted(array, to: direct.requiredLayout(role)).memory)
            }
            let layout = try direct.requiredLayout(role)
            let own = PlanArray(sizes: [], layout: layout, memory: PlanMemory(allocating: layout.bytes))
            direct.bind(role, to: own.memory)
            try run(direct.planned())
            try run(other(result))
            let expected = try converted(own, to: result.layout)
            return Self.error(result.memory, expected.memory)
        }

        private func converted(_ array: PlanArray, to layout: Layout) throws -> PlanArray {
            guard array.layout != layout else { return array }
            let result = PlanArray(sizes: [], layout: layout, memory: PlanMemory(allocating: layout.bytes))
            let reorder = try Primitive("reorder") {
                cdnn_reorder(context.pointer, array.layout.pointer, layout.pointer, $0)
            }
            reorder.bind(cdnn_source, to: array.memory)
            reorder.bind(cdnn_output, to: result.memory)
            try run(reorder.planned())
            return result
        }

        private func run(_ planned: PlannedCall) throws {
            let memory = planned.memory()
            let arena = try Arena(ArenaLayout(calls: [memory]))
            arena.poison()
            try planned.make().run()
            withExtendedLifetime((arena, memory)) {}
        }

        private static func map(_ sizes: [Int]) throws -> PlanArray {
            let layout = try Layout.blocked(sizes, by: 16)
            return PlanArray(sizes: sizes, layout: layout, memory: PlanMemory(allocating: layout.bytes))
        }

        /// The largest difference by the largest magnitude; infinite where something is not a number.
        private static func error(_ memory: PlanMemory, _ expected: PlanMemory) -> Double {
            let (a, b) = (memory.floats, expected.floats)
            var (difference, magnitude): (Float, Float) = (0, 0)
            for i in 0..<memory.bytes / 4 {
                let distance = abs(a[i] - b[i])
                guard distance.isFinite else { return .infinity }
                difference = max(difference, distance)
                magnitude = max(magnitude, abs(b[i]))
            }
            return Double(difference / magnitude)
        }
    }

    /// Uniform in −1 ..< 1, and fast. Source: Marsaglia, "Xorshift RNGs", 2003.
    private struct Random {
        private var state: UInt32 = 2_463_534_242

        mutating func next() -> Float {
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            return Float(Int32(bitPattern: state)) * 0x1p-31
        }
    }
}
#endif
