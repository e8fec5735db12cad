#if CONVNET_ONEDNN
import CKernels
import ConvNetGraph
import ConvNetEngine
import TestSupport
import Testing

@testable import ConvNetTesting
@testable import OneDNNEngine

/// Networks of convolutions, batch norms, additions and concatenations in any order, whose channels mostly fill their
/// blocks: what may become part of what, and who may overwrite what, is decided anew in each.
@Suite struct BlockNetworkTests {
    /// A ReLU's input, or the difference of two that a maximum is taken of, may be as near to 0 as rounding errors are: what
    /// passes there in one engine and not in the other is one pixel's share of a gradient. It happens in one network of
    /// hundreds; what is computed wrong is off by more.
    private static let errorAtCorners = 0.05

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func isComputedRight(seed: UInt64) throws {
        let network = BlockNetwork(seed: seed)
        let graph = try network.graph()
        for algorithm in cker_available() ? [ConvolutionAlgorithm.direct, .winograd, .narrow] : [.direct] {
            var engine = try OneDNNEngine(threads: seed.isMultiple(of: 2) ? 2 : 1)
            engine.poisonsMemory = true
            engine.preferredAlgorithm = algorithm
            do {
                try TrainingComparison(
                    engine, graph, batchSizes: [3, 3, 2], context: "\(algorithm), \(network.description)"
                ).run()
            } catch let failure as ConformanceFailure
                where failure.what.contains("gradient") && failure.error < Self.errorAtCorners
            {
                // A corner; the steps that would have followed are not looked at.
            }
        }
    }

    /// Logits depend on the weights continuously, whatever ReLUs and maxima do, so that bfloat16 brings them no further off
    /// than some ten roundings.
    @Test(.enabled(if: Library.usesAVX512), arguments: 1...30 as ClosedRange<UInt64>)
    func isComputedInBfloat16(seed: UInt64) throws {
        let network = BlockNetwork(seed: seed)
        let runs = try [Precision.fp32, .bf16].map { precision in
            var engine = try OneDNNEngine(threads: 2, precision: precision, algorithms: .estimated)
            engine.poisonsMemory = true
            let run = try SeededTraining(engine, network.graph(), batchSize: 8)
            try run.step()
            return (logits: Array(run.plan.logits), inference: try run.infer(batchSize: 5))
        }
        #expect(relativeError(runs[1].logits, runs[0].logits) < 5e-2, "\(network)")
        #expect(relativeError(runs[1].inference, runs[0].inference) < 5e-2, "\(network)")
    }
}

/// A network as a function of a seed.
private struct BlockNetwork: CustomStringConvertible {
    private let seed: UInt64
    private var random: SplitMix64
    private var operations: [any GraphOperation] = []
    private var inputs: [[Int]] = []
    /// By node; the images are node 0.
    private var channels = [3]

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        appendUnit(0)
        for _ in 0..<Int.random(in: 3...7, using: &random) { grow() }
        // Nobody's output is left unread.
        let read = Set(inputs.joined())
        let ends = (1..<channels.count).filter { !read.contains($0) }
        if ends.count > 1 { append(Concatenate(), ends, channels: ends.reduce(0) { $0 + channels[$1] }) }
        append(GlobalAveragePool2D(), [channels.count - 1], channels: 0)
        append(Dense(5), [channels.count - 1], channels: 5)
    }

    func graph() throws -> Graph { try Graph(input: [3, 6, 5], operations: operations, inputs: inputs) }

    var description: String {
        "seed \(seed): " + zip(operations, inputs).map { "\($0) of \($1)" }.joined(separator: ", ")
    }

    private mutating func pick<T>(_ choices: T...) -> T { choices[Int.random(in: choices.indices, using: &random)] }

    /// Any node but the images, the last ones more often.
    private mutating func node() -> Int {
        let last = channels.count - 1
        return pick(last, last, Int.random(in: 1...last, using: &random))
    }

    private mutating func append(_ operation: any GraphOperation, _ nodes: [Int], channels count: Int) {
        operations.append(operation)
        inputs.append(nodes)
        channels.append(count)
    }

    private mutating func append(_ operation: any GraphOperation) {
        append(operation, [channels.count - 1], channels: channels[channels.count - 1])
    }

    private mutating func grow() {
        switch pick(0, 0, 0, 1, 1, 2, 3) {
        case 0: appendUnit(node())
        case 1:
            // The body and the shortcut of a residual, or of half of one.
            let source = node()
            if pick(true, false) { appendUnit(source) }
            let shortcut = channels.count - 1
            appendUnit(node(), filters: channels[shortcut])
            let body = channels.count - 1
            append(Add(), pick([body, shortcut], [shortcut, body]), channels: channels[body])
            if pick(true, true, false) { append(ReLU()) }
        case 2:
            let ends = Set((0..<3).map { _ in node() }).sorted().shuffled(using: &random)
            guard ends.reduce(0, { $0 + channels[$1] }) <= 96 else { return }
            append(Concatenate(), ends, channels: ends.reduce(0) { $0 + channels[$1] })
        default:
            let source = node()
            let operation: any GraphOperation = pick(
                MaxPool2D(3, stride: 1, padding: 1), AveragePool2D(3, stride: 1, padding: 1), Dropout(0.3), BatchNorm(),
                ReLU())
            append(operation, [source], channels: channels[source])
        }
    }

    /// A convolution, and perhaps a batch norm and an activation.
    private mutating func appendUnit(_ source: Int, filters: Int? = nil) {
        let filters = filters ?? pick(16, 16, 16, 32, 20)
        let norm: BatchNorm? = pick(BatchNorm(), BatchNorm(), BatchNorm(frozen: true), nil)
        append(
            Conv2D(filters, kernel: pick(1, 3, 3, 5), padding: .same, bias: norm?.isFrozen ?? true), [source],
            channels: filters)
        if let norm { append(norm) }
        if let activation: any GraphOperation = pick(ReLU(), ReLU(), ELU(), nil) { append(activation) }
    }
}
#endif
