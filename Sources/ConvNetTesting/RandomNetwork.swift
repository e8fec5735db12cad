import ConvNetEngine
import ConvNetGraph

/// A small network of any layers in any legal order, with residuals, branches and auxiliary classifiers, as a function of a
/// seed.
package struct RandomNetwork: CustomStringConvertible, Sendable {
    package let seed: UInt64
    package let graph: Graph
    package let batchSize: Int

    package init(seed: UInt64) throws {
        self.seed = seed
        var builder = RandomGraph(seed: seed)
        builder.grow()
        let size = builder.pick(1, 2, 3, 4, 5, 6, 7, 8, 9)
        for _ in 0..<builder.pick(0, 0, 1, 2) { builder.insertAuxiliaryClassifier() }
        graph = try Graph(nodes: builder.nodes)
        batchSize = max(size, graph.smallestTrainingBatch())
    }

    /// All that it takes to build again by hand what failed.
    package var description: String {
        let layers = graph.nodes.enumerated().dropFirst().map { index, node in
            "\(node.operation)" + (node.inputs == [index - 1] ? "" : " of \(node.inputs)")
        }
        return "seed \(seed), batch \(batchSize), \(graph.inputShape): \(layers.joined(separator: ", "))"
    }
}

/// A graph that grows by layers with random settings.
private struct RandomGraph {
    private var random: SplitMix64
    private(set) var nodes: [Graph.Node] = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func pick<T>(_ choices: T...) -> T {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    /// Appends layers to the images.
    mutating func grow() {
        let input: Shape = [pick(1, 3, 4, 8, 16, 17), pick(5, 6, 8, 9, 12), pick(5, 7, 8, 11)]
        nodes = [Graph.Node(path: LayerPath(), operation: Input(input), inputs: [], shape: input)]
        let length = pick(2, 3, 4, 5, 6, 7, 8)
        var current = 0
        // Without weights there would be nothing to train.
        while nodes.count <= length || !nodes.contains(where: { $0.operation is Conv2D || $0.operation is Dense }) {
            switch pick(0, 0, 0, 0, 0, 1, 2, 3) {
            case 0: current = append(after: current)
            case 1: current = appendResidual(after: current)
            case 3: current = appendGate(after: current)
            default: current = appendBranches(after: current)
            }
        }
    }

    /// Lets some node but the last, which may belong to another classifier, be read by an auxiliary classifier as well.
    mutating func insertAuxiliaryClassifier() {
        let output = nodes[nodes.count - 1].shape
        let source = Int.random(in: 0..<nodes.count - 1, using: &random)
        // Wide dense layers behind narrow ones are another matter: oneDNN 2.6 fails in some with more than 1024 units.
        guard output.count <= 256, !(nodes[source].operation is AuxiliaryOutput) else { return }
        let rest = nodes[(source + 1)...]
        nodes.removeLast(rest.count)
        var end = source
        for _ in 0..<pick(0, 1, 2) { end = append(after: end) }
        if nodes[end].shape.isFeatureMap { end = append(pick(Flatten(), GlobalAveragePool2D()), [end]) ?? end }
        // Between wide layers, a dense one of few units keeps the weights few.
        for layer in [Dense(pick(3, 8)), elementWise(), Dense(output.count), Reshape(output)] as [any GraphOperation] {
            end = append(layer, [end]) ?? end
        }
        append(AuxiliaryOutput(weight: pick(0.3, 1, 2.5)), [end])
        let moved = nodes.count - 1 - source
        for node in rest { append(node.operation, node.inputs.map { $0 > source ? $0 + moved : $0 }) }
    }

    @discardableResult
    private mutating func append(_ operation: any GraphOperation, _ inputs: [Int]) -> Int? {
        guard let shape = try? operation.outputShape(for: inputs.map { nodes[$0].shape }) else { return nil }
        // A bias that a batch norm takes away again has no gradient but rounding.
        if let norm = operation as? BatchNorm, !norm.isFrozen { removeBias(of: inputs[0]) }
        let path = LayerPath([String(nodes.count - 1)])
        nodes.append(Graph.Node(path: path, operation: operation, inputs: inputs, shape: shape))
        return nodes.count - 1
    }

    private mutating func removeBias(of node: Int) {
        guard var convolution = nodes[node].operation as? Conv2D else { return }
        convolution.bias = false
        nodes[node] = Graph.Node(
            path: nodes[node].path, operation: convolution, inputs: nodes[node].inputs, shape: nodes[node].shape)
    }

    /// Appends some layer that fits.
    private mutating func append(after node: Int) -> Int {
        while true {
            if let appended = append(layer(for: nodes[node].shape), [node]) { return appended }
        }
    }

    /// Layers that keep the shape, and their input added to what they make.
    private mutating func appendResidual(after node: Int) -> Int {
        let shape = nodes[node].shape
        var body = node
        for _ in 0..<pick(1, 2, 3) {
            let layer: any GraphOperation =
                !shape.isFeatureMap
                ? pick(Dense(shape.channels), elementWise())
                : pick(
                    Conv2D(shape.channels, kernel: 3, padding: 1, bias: pick(true, false)), elementWise(), BatchNorm())
            body = append(layer, [body]) ?? body
        }
        if pick(true, false, false) { body = append(StochasticDepth(pick(0.2, 0.5)), [body]) ?? body }
        let addends = pick([body, node], [body, node], [node, body, body], [body, node, node, node, body])
        let sum = append(Add(), addends) ?? body
        return pick(true, false) ? append(ReLU(), [sum]) ?? sum : sum
    }

    /// Squeeze and excitation or, of vectors and sometimes of feature maps, a factor for each number.
    private mutating func appendGate(after node: Int) -> Int {
        let shape = nodes[node].shape
        let isSqueezed = shape.isFeatureMap && pick(true, true, false)
        var gate = isSqueezed ? append(AdaptiveAveragePool2D(1), [node]) ?? node : node
        if isSqueezed { gate = append(Conv2D(shape.channels, kernel: 1), [gate]) ?? gate }
        gate = append(pick(Sigmoid(), HardSigmoid(), Tanh()), [gate]) ?? gate
        return append(Multiply(), pick([node, gate], [gate, node])) ?? node
    }

    /// Two or three ways, one behind the other along the channels.
    private mutating func appendBranches(after node: Int) -> Int {
        let isFeatureMap = nodes[node].shape.isFeatureMap
        let ends = (0..<pick(2, 3)).map { _ -> Int in
            var end = node
            for _ in 0..<pick(0, 1, 2) {
                let layer: any GraphOperation =
                    isFeatureMap
                    ? pick(Conv2D(pick(3, 8, 16, 17), kernel: 3, padding: 1), elementWise())
                    : pick(Dense(5), elementWise())
                end = append(layer, [end]) ?? end
            }
            return end
        }
        return append(Concatenate(), ends) ?? node
    }

    private mutating func layer(for shape: Shape) -> any GraphOperation {
        guard shape.isFeatureMap else {
            return pick(0, 0, 1, 2) == 0 ? Dense(pick(2, 5, 10, 16, 19), bias: pick(true, true, false)) : elementWise()
        }
        return switch pick(0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 5, 6, 7) {
        case 0: convolution(channels: shape.channels)
        case 1:
            MaxPool2D(size(1...3), stride: size(1...3), padding: padding(atMost: 1), ceilMode: pick(true, false))
        case 2:
            AveragePool2D(
                size(1...3), stride: size(1...3), padding: padding(atMost: 1), countsPadding: pick(true, false),
                ceilMode: pick(true, false))
        case 3: elementWise()
        case 4: pick(Flatten(), Reshape([shape.count]), GlobalAveragePool2D(), GlobalMaxPool2D())
        case 7: channels(of: shape)
        case 5: pick(AdaptiveAveragePool2D(size(1...6)), ZeroPadding2D(pick(0, 1, 2)))
        // A few values a channel would leave nothing but rounding to compare.
        default: shape.height * shape.width >= 12 ? BatchNorm(frozen: pick(true, false, false)) : elementWise()
        }
    }

    private mutating func elementWise() -> any GraphOperation {
        pick(
            ReLU(), ReLU(), Tanh(), Sigmoid(), LeakyReLU(pick(0.01, 0.3, -0.2)), ELU(pick(1, 0.5)),
            GELU(pick(.exact, .tanh)), SiLU(), Softmax(), Dropout(pick(0.2, 0.5)), HardSwish(), HardSigmoid(),
            Clip(low: pick(-0.6, 0.1), high: 1.1), PReLU(shared: pick(true, false)), ChannelAffine())
    }

    /// Other channels, or the same in another order.
    private mutating func channels(of shape: Shape) -> any GraphOperation {
        let first = Int.random(in: 0..<shape.channels, using: &random)
        return pick(
            ChannelSlice(first, count: Int.random(in: 1...shape.channels - first, using: &random)),
            ChannelPadding(before: pick(0, 1, 5), after: pick(0, 2, 16)),
            ChannelShuffle(
                (1...shape.channels).filter { shape.channels.isMultiple(of: $0) }.randomElement(using: &random) ?? 1))
    }

    private mutating func convolution(channels: Int) -> Conv2D {
        let groups = pick(1, 1, 1, 2, channels)
        return Conv2D(
            pick(1, 3, 6, 8, 16, 17, 20, channels), kernel: size(1...4), stride: size(1...2),
            padding: padding(atMost: 2), dilation: pick(Size(1), Size(1), size(1...2)), groups: groups,
            bias: pick(true, true, false))
    }

    private mutating func padding(atMost limit: Int) -> Padding {
        let sides = (0..<4).map { _ in Int.random(in: 0...limit, using: &random) }
        return pick(
            .valid, .same, .symmetric(sides[0]),
            .asymmetric(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3]))
    }

    private mutating func size(_ range: ClosedRange<Int>) -> Size {
        Size(Int.random(in: range, using: &random), Int.random(in: range, using: &random))
    }
}
