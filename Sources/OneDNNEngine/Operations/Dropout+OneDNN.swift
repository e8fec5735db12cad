#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension Dropout: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.passesAsInTraining else {
            compiler.setOutput(node, compiler.input(node))
            return
        }
        let input = try compiler.readableArray(compiler.input(node), of: node, "input")
        let output = try compiler.allocate(input.sizes, input.layout)
        append("dropout forward", node, from: input, to: output, compiler)
        compiler.setOutput(node, output)
    }

    /// Works in place, with the same mask: it is a function of seed, epoch, sample and element.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        guard compiler.passesAsInTraining else { return try compiler.passGradientOn(node) }
        let (gradient, target) = try compiler.gradient(node, like: compiler.output(node))
        append("dropout backward", node, from: gradient, to: target, compiler)
        try compiler.addGradient(target, to: compiler.source(node))
    }

    private func append(_ what: String, _ node: Int, from: PlanArray, to: PlanArray, _ compiler: PlanCompiler) {
        compiler.append(compiler.purpose(node, what), using: [from, to]) {
            DropoutCall(self, node: node, from: from, to: to, compiler)
        }
    }
}

/// Multiplies each element by its dropout factor, samples divided among the threads.
final class DropoutCall: ParallelCall {
    let threads: Int

    private let layer: Dropout
    private let node: Int
    private let from, to: UnsafeMutablePointer<Float>
    private let pass: Pass
    private let batchSize: Int
    /// Logical sizes, and those in memory: N × ⌈C/B⌉ × H × W × B.
    private let channels, area, block: Int

    init(_ layer: Dropout, node: Int, from: PlanArray, to: PlanArray, _ compiler: PlanCompiler) {
        self.layer = layer
        self.node = node
        self.from = from.floats
        self.to = to.floats
        pass = compiler.pass
        batchSize = compiler.batchSize
        let shape = compiler.graph.nodes[node].shape
        let block = from.sizes.count == 4 ? from.layout.channelBlock ?? 1 : 1
        // A flat vector is read as so many channels of one pixel, a feature map behind Flatten as what it was.
        channels = from.sizes[1]
        area = shape.count / from.sizes[1]
        self.block = block
        threads = min(compiler.session.threads, compiler.batchSize)
    }

    func run() {
        guard pass.isTraining else {
            if from != to { to.update(from: from, count: batchSize * sampleStride) }
            return
        }
        runInParallel()
    }

    private var sampleStride: Int { (channels + block - 1) / block * block * area }

    func run(part: Int, of parts: Int) {
        for sample in (0..<batchSize).part(part, of: parts) {
            let mask = Dropout.Mask(
                rate: layer.rate, layer: node, seed: pass.seed, epoch: pass.epoch,
                sample: Int(pass.samples.elements[sample]))
            if block == 1 {
                applyRowMajor(mask, at: sample * sampleStride)
            } else {
                applyBlocked(mask, at: sample * sampleStride)
            }
        }
    }

    private func applyRowMajor(_ mask: Dropout.Mask, at start: Int) {
        let count = channels * area
        for first in stride(from: 0, to: count, by: 4) {
            let factors = mask.factors(block: first / 4)
            for i in 0..<min(4, count - first) { to[start + first + i] = from[start + first + i] * factors[i] }
        }
    }

    private func applyBlocked(_ mask: Dropout.Mask, at start: Int) {
        for channel in 0..<channels {
            let channelStart = start + channel / block * block * area + channel % block
            for pixel in 0..<area {
                let element = channel * area + pixel
                let place = channelStart + pixel * block
                to[place] = from[place] * mask.factors(block: element / 4)[element % 4]
            }
        }
        // The channels that fill up the last block are zero in the input and must be in the output.
        for channel in channels..<(channels + block - 1) / block * block where from != to {
            for pixel in 0..<area { to[start + channel / block * block * area + channel % block + pixel * block] = 0 }
        }
    }
}
#endif
