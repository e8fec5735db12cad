#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore
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

    @Test(arguments: [false, true], [false, true])
    func batchNorm(statisticsAreGiven: Bool, relu: Bool) throws {
        let (samples, channels, area) = (4, 3, 20)
        let layout = try Layout.plain([samples, channels, 4, 5])
        let (values, gradient) = (numbers(samples * channels * area, 0), numbers(samples * channels * area, 1))
        let (scale, shift) = (numbers(channels, 2), numbers(channels, 3))
        let epsilon: Float = 1e-3

        let forward = try Primitive("forward") {
            cdnn_batch_norm_forward(context.pointer, layout.pointer, epsilon, true, statisticsAreGiven, true, relu, $0)
        }
        let workspace = PlanMemory(for: try forward.layout(cdnn_workspace))
        let parameters = [(cdnn_source, values), (cdnn_scale, scale), (cdnn_shift, shift)]
        var statistics = [(cdnn_mean, numbers(channels, 4)), (cdnn_variance, numbers(channels, 5).map { 1 + $0 * $0 })]
        let output: [Float]
        if statisticsAreGiven {
            output = try run(forward, parameters + statistics, gives: [cdnn_output], workspace: workspace)[0]
        } else {
            let results = try run(
                forward, parameters, gives: [cdnn_output, cdnn_mean, cdnn_variance], workspace: workspace)
            output = results[0]
            statistics = [(cdnn_mean, results[1]), (cdnn_variance, results[2])]
        }
        let backward = try Primitive("backward") {
            cdnn_batch_norm_backward(
                context.pointer, layout.pointer, layout.pointer, epsilon, statisticsAreGiven, true, relu,
                forward.pointer, $0)
        }
        let gradients = try run(
            backward, parameters + statistics + [(cdnn_output_gradient, gradient)],
            gives: [cdnn_source_gradient, cdnn_scale_gradient, cdnn_shift_gradient], workspace: workspace)

        for channel in 0..<channels {
            let places = (0..<samples).flatMap { sample in
                (0..<area).map { (sample * channels + channel) * area + $0 }
            }
            func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
            let x = places.map { Double(values[$0]) }
            var (center, spread) = (Double(statistics[0].1[channel]), Double(statistics[1].1[channel]))
            if !statisticsAreGiven {
                expect([statistics[0].1[channel]], [mean(x)], "mean")
                center = mean(x)
                expect([statistics[1].1[channel]], [mean(x.map { ($0 - center) * ($0 - center) })], "variance")
                spread = mean(x.map { ($0 - center) * ($0 - center) })
            }
            let deviation = (spread + Double(epsilon)).squareRoot()
            let (gamma, beta) = (Double(scale[channel]), Double(shift[channel]))
            let normal = x.map { ($0 - center) / deviation }
            let y = normal.map { gamma * $0 + beta }
            expect(places.map { output[$0] }, y.map { relu ? max($0, 0) : $0 }, "output")

            let dy = zip(places, y).map { relu && $1 <= 0 ? 0 : Double(gradient[$0]) }
            let ofScale = zip(dy, normal).map { $0 * $1 }
            expect([gradients[1][channel]], [ofScale.reduce(0, +)], "gradient of scale")
            expect([gradients[2][channel]], [dy.reduce(0, +)], "gradient of shift")
            let dx = zip(dy, normal).map {
                gamma / deviation * (statisticsAreGiven ? $0 : $0 - mean(dy) - $1 * mean(ofScale))
            }
            expect(places.map { gradients[0][$0] }, dx, "gradient of source")
        }
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
        #expect(Array(memory.elements) == Array(values[0..<36] + taken[0..<24] + values[60..<96] + taken[24...]))
        #expect(throws: (any Error).self) { try slice(whole, channels: 4..<6) }
    }

    // MARK: Running

    /// Runs a primitive with these inputs; returns the outputs. What the test has bound already stays bound.
    private func run(
        _ primitive: Primitive, _ inputs: [(cdnn_role, [Float])], gives outputs: [cdnn_role],
        workspace: PlanMemory? = nil
    ) throws -> [[Float]] {
        let memory = inputs.map { PlanMemory($0.1) }
        for (input, memory) in zip(inputs, memory) { primitive.bind(input.0, to: memory) }
        let results = try outputs.map { PlanMemory(for: try primitive.requiredLayout($0)) }
        for (role, result) in zip(outputs, results) { primitive.bind(role, to: result) }
        if let workspace, workspace.bytes > 0 { primitive.bind(cdnn_workspace, to: workspace) }
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
