#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph
import Foundation

extension LocalResponseNorm: OneDNNOperation {
    /// A primitive where oneDNN has a fast one, which depends on size, exponent, layout and processor; what else it has
    /// takes a hundred times as long as the calls here.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = compiler.input(node)
        for layout in try primitiveLayouts(for: input) {
            guard let (forward, backward) = try? primitives(layout, compiler, node), !forward.isSlow,
                backward?.isSlow != true
            else { continue }
            let input = try compiler.array(input, as: layout, compiler.purpose(node, "input"))
            compiler.setInput(node, input)
            let output = try compiler.allocate(input.sizes, input.layout)
            return try compiler.appendForward(forward, of: node, to: output)
        }
        let plain = try compiler.plainArray(input, of: compiler.source(node), "input")
        let output = try compiler.allocate(plain.sizes)
        compiler.append(compiler.purpose(node, "local response norm forward"), using: [plain, output]) {
            LocalResponseNormCall(self, input: plain, output: output, compiler)
        }
        compiler.setInput(node, plain)
        compiler.setOutput(node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let input = compiler.input(node)
        let (gradient, _) = try compiler.gradient(node, like: compiler.output(node))
        let result = try compiler.allocate(input.sizes, input.layout)
        if compiler.hasForwardPrimitive(node) {
            let backward = try backward(of: compiler.forwardPrimitive(node), input.layout, compiler, node)
            backward.bind(cdnn_source, to: input.memory)
            backward.bind(cdnn_output_gradient, to: gradient.memory)
            backward.bind(cdnn_source_gradient, to: result.memory)
            if let workspace = compiler.workspace(node) { backward.bind(cdnn_workspace, to: workspace) }
            try compiler.append(backward)
        } else {
            compiler.append(compiler.purpose(node, "local response norm backward"), using: [input, gradient, result]) {
                LocalResponseNormCall(self, input: input, outputGradient: gradient, inputGradient: result, compiler)
            }
        }
        try compiler.addGradient(result, to: compiler.source(node))
    }

    /// The layouts that there may be a fast primitive for, that of the input first.
    ///
    /// Only for sizes 3 and 5. By an even one oneDNN means the odd one below it; and in channels-last order, versions 2.6
    /// and 3.13 crash for size 1 and compute wrong gradients for 7 and more, where 16 does not divide the channels.
    private func primitiveLayouts(for input: PlanArray) throws -> [Layout] {
        guard size == 3 || size == 5 else { return [] }
        return try [input.layout]
            + [16, 8, input.sizes[1]].map { try .blocked(input.sizes, by: $0, input.layout.type) }
    }

    /// The backward one only in training.
    private func primitives(
        _ layout: Layout, _ compiler: PlanCompiler, _ node: Int
    ) throws -> (forward: Primitive, backward: Primitive?) {
        let forward = try Primitive(compiler.purpose(node, "local response norm forward")) {
            cdnn_local_response_norm_forward(compiler.context, settings, layout.pointer, compiler.hasBackward, $0)
        }
        return (forward, compiler.hasBackward ? try backward(of: forward, layout, compiler, node) : nil)
    }

    private func backward(
        of forward: Primitive, _ layout: Layout, _ compiler: PlanCompiler, _ node: Int
    ) throws -> Primitive {
        try Primitive(compiler.purpose(node, "local response norm backward")) {
            cdnn_local_response_norm_backward(compiler.context, settings, layout.pointer, forward.pointer, $0)
        }
    }

    private var settings: cdnn_response_norm {
        cdnn_response_norm(size: Int64(size), alpha: Float(alpha), beta: Float(beta), k: Float(k))
    }
}

/// Local response norm forwards or, where there is an output gradient, backwards, on row-major arrays: several pixels at
/// once, pixels divided among the threads.
final class LocalResponseNormCall: ParallelCall {
    let threads: Int

    private typealias Lanes = SIMD8<Float>

    private let layer: LocalResponseNorm
    private let input, output: UnsafeMutablePointer<Float>
    private let outputGradient: UnsafeMutablePointer<Float>?
    private let pixels: PixelGrid
    private let channels: Int
    private let factor, exponent, k: Float

    convenience init(_ layer: LocalResponseNorm, input: PlanArray, output: PlanArray, _ compiler: PlanCompiler) {
        self.init(layer, input, to: output, gradient: nil, compiler)
    }

    convenience init(
        _ layer: LocalResponseNorm, input: PlanArray, outputGradient: PlanArray, inputGradient: PlanArray,
        _ compiler: PlanCompiler
    ) {
        self.init(layer, input, to: inputGradient, gradient: outputGradient, compiler)
    }

    private init(
        _ layer: LocalResponseNorm, _ input: PlanArray, to output: PlanArray, gradient: PlanArray?,
        _ compiler: PlanCompiler
    ) {
        self.layer = layer
        self.input = input.floats
        self.output = output.floats
        outputGradient = gradient?.floats
        pixels = PixelGrid(of: input)
        channels = input.sizes[1]
        factor = Float(layer.alpha / Double(layer.size))
        exponent = Float(-layer.beta)
        k = Float(layer.k)
        threads = compiler.session.threads
    }

    func run() { runInParallel() }

    func run(part: Int, of parts: Int) {
        pixels.forEach(part: part, of: parts) { sample, pixels in
            let start = sample * channels * self.pixels.area
            for first in stride(from: pixels.lowerBound, to: pixels.upperBound, by: Lanes.scalarCount) {
                let count = min(Lanes.scalarCount, pixels.upperBound - first)
                if let outputGradient {
                    backward(outputGradient, at: start + first, count)
                } else {
                    forward(at: start + first, count)
                }
            }
        }
    }

    /// All channels of `count` pixels.
    private func forward(at start: Int, _ count: Int) {
        for c in 0..<channels {
            let place = start + c * pixels.area
            let result = Lanes(input + place, count) * power(base(c, start, count))
            result.store(to: output + place, count)
        }
    }

    /// Each output sends its gradient to its own input and, through the base of the power, to those of its window.
    private func backward(_ outputGradient: UnsafeMutablePointer<Float>, at start: Int, _ count: Int) {
        for c in 0..<channels { Lanes.zero.store(to: output + start + c * pixels.area, count) }
        for c in 0..<channels {
            let place = start + c * pixels.area
            let base = base(c, start, count)
            let scaled = Lanes(outputGradient + place, count) * power(base)
            let share = scaled * Lanes(input + place, count) / base * (2 * exponent * factor)
            for j in layer.neighbours(of: c, channels: channels) {
                let place = start + j * pixels.area
                var sum = Lanes(output + place, count) + share * Lanes(input + place, count)
                if j == c { sum += scaled }
                sum.store(to: output + place, count)
            }
        }
    }

    /// k + alpha / size · Σ x²
    private func base(_ c: Int, _ start: Int, _ count: Int) -> Lanes {
        var sum = Lanes.zero
        for j in layer.neighbours(of: c, channels: channels) {
            let x = Lanes(input + start + j * pixels.area, count)
            sum += x * x
        }
        return k + factor * sum
    }

    private func power(_ base: Lanes) -> Lanes {
        // What everyone uses.
        if exponent == -0.75 {
            let root = base.squareRoot()
            return 1 / (root * root.squareRoot())
        }
        var result = base
        for lane in result.indices { result[lane] = pow(base[lane], exponent) }
        return result
    }
}

extension SIMD8<Float> {
    /// The first `count` elements, and ones for the rest.
    @inline(__always)
    fileprivate init(_ elements: UnsafeMutablePointer<Float>, _ count: Int) {
        if count == Self.scalarCount {
            self = UnsafeRawPointer(elements).loadUnaligned(as: Self.self)
        } else {
            self.init(repeating: 1)
            for lane in 0..<count { self[lane] = elements[lane] }
        }
    }

    @inline(__always)
    fileprivate func store(to elements: UnsafeMutablePointer<Float>, _ count: Int) {
        if count == Self.scalarCount {
            UnsafeMutableRawPointer(elements).storeBytes(of: self, as: Self.self)
        } else {
            for lane in 0..<count { elements[lane] = self[lane] }
        }
    }
}
#endif
