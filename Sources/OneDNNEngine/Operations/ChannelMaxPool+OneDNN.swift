#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension ChannelMaxPool: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = try compiler.plainArray(compiler.input(node), of: compiler.source(node), "input")
        let output = try compiler.allocate(compiler.sizes(node))
        compiler.append(compiler.purpose(node, "channel pooling forward"), using: [input, output]) {
            ChannelMaxPoolCall(self, input, to: output, compiler)
        }
        compiler.setInput(node, input)
        compiler.setOutput(node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let input = compiler.input(node)
        let (gradient, _) = try compiler.gradient(node, like: compiler.output(node))
        let result = try compiler.allocate(input.sizes)
        compiler.append(compiler.purpose(node, "channel pooling backward"), using: [input, gradient, result]) {
            ChannelMaxPoolCall(self, input, gradient: gradient, to: result, compiler)
        }
        try compiler.addGradient(result, to: compiler.source(node))
    }
}

/// A pooling over channels forwards or, where there is an output gradient, backwards, on row-major arrays: pixels divided
/// among the threads.
final class ChannelMaxPoolCall: ParallelCall {
    let threads: Int

    private let layer: ChannelMaxPool
    private let input, result: UnsafeMutablePointer<Float>
    private let gradient: UnsafeMutablePointer<Float>?
    private let pixels: PixelGrid
    private let inputChannels, outputChannels: Int

    /// - Parameters:
    ///   - gradient: with respect to the output; nil forwards.
    ///   - result: the output or, backwards, the gradient with respect to the input.
    init(
        _ layer: ChannelMaxPool, _ input: PlanArray, gradient: PlanArray? = nil, to result: PlanArray,
        _ compiler: PlanCompiler
    ) {
        self.layer = layer
        self.input = input.floats
        self.result = result.floats
        self.gradient = gradient?.floats
        pixels = PixelGrid(of: input)
        inputChannels = input.sizes[1]
        outputChannels = (gradient ?? result).sizes[1]
        threads = compiler.session.threads
    }

    func run() { runInParallel() }

    func run(part: Int, of parts: Int) {
        let area = pixels.area
        pixels.forEach(part: part, of: parts) { sample, pixels in
            let large = sample * inputChannels * area + pixels.lowerBound
            let small = sample * outputChannels * area + pixels.lowerBound
            if let gradient {
                for c in 0..<inputChannels { (result + large + c * area).update(repeating: 0, count: pixels.count) }
                for c in 0..<outputChannels {
                    let window = large + c * layer.stride * area
                    sendToLargest(gradient + small + c * area, input + window, result + window, pixels.count)
                }
            } else {
                for c in 0..<outputChannels {
                    takeLargest(input + large + c * layer.stride * area, result + small + c * area, pixels.count)
                }
            }
        }
    }

    private func takeLargest(
        _ window: UnsafeMutablePointer<Float>, _ largest: UnsafeMutablePointer<Float>, _ count: Int
    ) {
        largest.update(from: window, count: count)
        for i in 1..<layer.kernel {
            let channel = window + i * pixels.area
            for pixel in 0..<count where channel[pixel].takesPlace(of: largest[pixel]) {
                largest[pixel] = channel[pixel]
            }
        }
    }

    /// The first, where several were.
    private func sendToLargest(
        _ gradient: UnsafeMutablePointer<Float>, _ window: UnsafeMutablePointer<Float>,
        _ result: UnsafeMutablePointer<Float>, _ count: Int
    ) {
        for pixel in 0..<count {
            var largest = pixel
            for i in 1..<layer.kernel
            where window[pixel + i * pixels.area].takesPlace(of: window[largest]) {
                largest = pixel + i * pixels.area
            }
            result[largest] += gradient[pixel]
        }
    }
}
#endif
