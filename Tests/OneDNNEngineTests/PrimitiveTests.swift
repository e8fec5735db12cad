#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import OneDNNEngine

/// The shim's primitives by themselves compute what their formulas say.
@Suite struct PrimitiveTests {
    private let context: Context

    init() throws { context = try Context() }

    // MARK: Activations

    struct Activation: Sendable, CustomTestStringConvertible {
        var name: String
        var kind: cdnn_activation_kind
        var alpha: Float = 0
        var isInvertible = true
        var function: @Sendable (Double) -> Double

        var testDescription: String { name }
        var shim: cdnn_activation { cdnn_activation(kind: kind, alpha: alpha, beta: 0) }
    }

    static let activations = [
        Activation(name: "relu", kind: cdnn_relu) { max($0, 0) },
        Activation(name: "leaky relu", kind: cdnn_relu, alpha: 0.1) { $0 > 0 ? $0 : 0.1 * $0 },
        Activation(name: "tanh", kind: cdnn_tanh) { tanh($0) },
        Activation(name: "sigmoid", kind: cdnn_sigmoid) { 1 / (1 + exp(-$0)) },
        Activation(name: "elu", kind: cdnn_elu, alpha: 0.7) { $0 > 0 ? $0 : 0.7 * expm1($0) },
        Activation(name: "gelu", kind: cdnn_gelu_erf, isInvertible: false) {
            $0 / 2 * (1 + erf($0 / 2.0.squareRoot()))
        },
        Activation(name: "gelu, by tanh", kind: cdnn_gelu_tanh, isInvertible: false) {
            $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
        },
        Activation(name: "swish", kind: cdnn_swish, alpha: 1.5, isInvertible: false) { $0 / (1 + exp(-1.5 * $0)) },
    ]

    @Test(arguments: activations)
    func activation(_ activation: Activation) throws {
        let (values, gradient) = (numbers(2 * 3 * 4 * 5, 0), numbers(2 * 3 * 4 * 5, 1))
        let layout = try Layout.plain([2, 3, 4, 5])
        let forward = try Primitive("forward") {
            cdnn_activation_forward(context.pointer, activation.shim, layout.pointer, $0)
        }
        let output = try run(forward, [(cdnn_source, values)], gives: [cdnn_output])[0]
        expect(output, values.map { activation.function(Double($0)) }, "output")

        let slopes = values.map { value in
            (activation.function(Double(value) + 1e-5) - activation.function(Double(value) - 1e-5)) / 2e-5
        }
        for fromOutput in activation.isInvertible ? [false, true] : [false] {
            let backward = try Primitive("backward") {
                cdnn_activation_backward(context.pointer, activation.shim, layout.pointer, fromOutput, $0)
            }
            let known = fromOutput ? (cdnn_output, output) : (cdnn_source, values)
            let result = try run(backward, [known, (cdnn_output_gradient, gradient)], gives: [cdnn_source_gradient])[0]
            expect(result, zip(gradient, slopes).map { Double($0) * $1 }, "gradient, from output: \(fromOutput)")
        }
        if !activation.isInvertible {
            #expect(throws: (any Error).self) {
                try Primitive("backward") {
                    cdnn_activation_backward(context.pointer, activation.shim, layout.pointer, true, $0)
                }
            }
        }
    }

    // MARK: Batch normalization

    @Test(arguments: [false, true])
    func batchNorm(relu: Bool) throws {
        let (samples, channels, area) = (4, 3, 20)
        let layout = try Layout.plain([samples, channels, 4, 5])
        let values = numbers(samples * channels * area, 0)
        let (scale, shift, mean) = (numbers(channels, 1), numbers(channels, 2), numbers(channels, 3))
        let variance = numbers(channels, 4).map { 1 + $0 * $0 }
        let primitive = try Primitive("batch norm") {
            cdnn_batch_norm(context.pointer, layout.pointer, 1e-3, true, relu, $0)
        }
        let output = try run(
            primitive,
            [
                (cdnn_source, values), (cdnn_scale, scale), (cdnn_shift, shift), (cdnn_mean, mean),
                (cdnn_variance, variance),
            ], gives: [cdnn_output])[0]
        let expected = values.enumerated().map { index, value in
            let channel = index / area % channels
            let normal = Double(value - mean[channel]) / (Double(variance[channel]) + 1e-3).squareRoot()
            let y = Double(scale[channel]) * normal + Double(shift[channel])
            return relu ? max(y, 0) : y
        }
        expect(output, expected, "output")
    }

    // MARK: Softmax, sums and slices

    @Test func softmax() throws {
        let layout = try Layout.plain([3, 7])
        let (values, gradient) = (numbers(21, 0).map { 4 * $0 }, numbers(21, 1))
        let forward = try Primitive("forward") { cdnn_softmax_forward(context.pointer, 1, layout.pointer, $0) }
        let output = try run(forward, [(cdnn_source, values)], gives: [cdnn_output])[0]
        let backward = try Primitive("backward") { cdnn_softmax_backward(context.pointer, 1, layout.pointer, $0) }
        let result = try run(
            backward, [(cdnn_output, output), (cdnn_output_gradient, gradient)], gives: [cdnn_source_gradient])[0]
        for row in 0..<3 {
            let range = row * 7..<(row + 1) * 7
            let powers = values[range].map { exp(Double($0)) }
            let y = powers.map { $0 / powers.reduce(0, +) }
            expect(Array(output[range]), y, "output")
            let product = zip(gradient[range], y).map { Double($0) * $1 }.reduce(0, +)
            expect(Array(result[range]), zip(gradient[range], y).map { $1 * (Double($0) - product) }, "gradient")
        }
    }

    @Test(arguments: [false, true])
    func sumInPlace(relu: Bool) throws {
        let layout = try Layout.plain([2, 3, 4, 5])
        let (a, b) = (numbers(120, 0), numbers(120, 1))
        let add = try Primitive("add") {
            cdnn_add(context.pointer, layout.pointer, layout.pointer, layout.pointer, relu, $0)
        }
        let memory = PlanMemory(a)
        add.bind(cdnn_output, to: memory)
        add.bind(cdnn_source, to: memory)
        _ = try run(add, [(cdnn_second_source, b)], gives: [])
        expect(Array(memory.elements), zip(a, b).map { Double(relu ? max($0 + $1, 0) : $0 + $1) }, "sum")
    }

    /// A reorder out of the midst of an array, and one that puts it back elsewhere.
    @Test func slices() throws {
        let whole = try Layout.plain([2, 5, 3, 4])
        let values = numbers(120, 0)
        func slice(_ layout: Layout, channels: Range<Int>) throws -> Layout {
            let sizes = [2, Int64(channels.count), 3, 4]
            let offsets = [0, Int64(channels.lowerBound), 0, 0]
            return Layout(
                owning: try #require(
                    try Library.make("slice") { cdnn_layout_slice(layout.pointer, sizes, offsets, $0) }))
        }
        let part = try slice(whole, channels: 1..<3)
        #expect(part.channelBlock == nil)
        let plain = try Layout.plain([2, 2, 3, 4])
        let out = try Primitive("out") { cdnn_reorder(context.pointer, part.pointer, plain.pointer, $0) }
        let memory = PlanMemory(values)
        out.bind(cdnn_source, to: memory)
        let taken = try run(out, [], gives: [cdnn_output])[0]
        #expect(taken == Array(values[12..<36] + values[72..<96]))

        let target = try slice(whole, channels: 3..<5)
        let back = try Primitive("back") { cdnn_reorder(context.pointer, plain.pointer, target.pointer, $0) }
        back.bind(cdnn_output, to: memory)
        _ = try run(back, [(cdnn_source, taken)], gives: [])
        let parts: [ArraySlice<Float>] = [values[0..<36], taken[0..<24], values[60..<96], taken[24...]]
        #expect(Array(memory.elements) == Array(parts.joined()))
        #expect(throws: (any Error).self) { try slice(whole, channels: 4..<6) }
    }

    // MARK: Running

    /// Runs a primitive with these inputs; returns the outputs. What the test has bound already stays bound.
    private func run(
        _ primitive: Primitive, _ inputs: [(cdnn_role, [Float])], gives outputs: [cdnn_role]
    ) throws -> [[Float]] {
        let memory = inputs.map { PlanMemory($0.1) }
        for (input, memory) in zip(inputs, memory) { primitive.bind(input.0, to: memory) }
        let results = try outputs.map { PlanMemory(for: try primitive.requiredLayout($0)) }
        for (role, result) in zip(outputs, results) { primitive.bind(role, to: result) }
        let scratchpad = PlanMemory(for: try primitive.layout(cdnn_scratchpad))
        if scratchpad.bytes > 0 { primitive.bind(cdnn_scratchpad, to: scratchpad) }
        try primitive.prepare()
        try primitive.run()
        return withExtendedLifetime((memory, scratchpad)) { results.map { Array($0.elements) } }
    }

    private func numbers(_ count: Int, _ round: UInt32) -> [Float] {
        RandomStream(seed: 3, purpose: .synthesis, first: round).uniform(count, low: -1, high: 1)
    }

    private func expect(
        _ values: [Float], _ expected: [Double], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(
            relativeError(values.map(Double.init), expected) < 1e-5, "\(what)", sourceLocation: sourceLocation)
    }
}

extension PlanMemory {
    fileprivate var elements: UnsafeMutableBufferPointer<Float> { buffer.bindMemory(to: Float.self) }

    fileprivate convenience init(_ values: [Float]) {
        self.init(allocating: values.count * MemoryLayout<Float>.stride)
        _ = elements.update(fromContentsOf: values)
    }

    /// For an array of a primitive that may not have it.
    fileprivate convenience init(for layout: Layout?) {
        self.init(allocating: layout?.bytes ?? 0)
    }
}
#endif
