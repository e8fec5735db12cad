import ConvNetCore

/// A small network of any layers in any legal order, as a function of a seed.
public struct RandomNetwork: CustomStringConvertible, Sendable {
    public let seed: UInt64
    public let graph: Graph
    public let batchSize: Int

    public init(seed: UInt64) throws {
        self.seed = seed
        var layers = RandomLayers(seed: seed)
        let input: Shape = [layers.pick(1, 3, 4, 8, 17), layers.pick(5, 6, 8, 9, 12), layers.pick(5, 7, 8, 11)]
        let length = layers.pick(2, 3, 4, 5, 6, 7, 8)
        var operations: [any Operation] = []
        var shape = input
        var hasWeights = false
        // Without weights there would be nothing to train.
        while operations.count < length || !hasWeights {
            let operation = layers.next(for: shape)
            guard let output = try? operation.outputShape(for: [shape]) else { continue }
            operations.append(operation)
            shape = output
            hasWeights = hasWeights || operation is Conv2D || operation is Dense
        }
        batchSize = layers.pick(1, 2, 3, 4, 5, 6, 7, 8, 9)
        graph = try Graph(input: input, operations: operations)
    }

    /// All that it takes to build again by hand what failed.
    public var description: String {
        let layers = graph.nodes.dropFirst().map { "\($0.operation)" }.joined(separator: ", ")
        return "seed \(seed), batch \(batchSize), \(graph.inputShape): \(layers)"
    }
}

/// Layers with random settings, not all of which fit the shape that they are for.
private struct RandomLayers {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func pick<T>(_ choices: T...) -> T {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    mutating func next(for shape: Shape) -> any Operation {
        guard shape.isFeatureMap else {
            return pick(0, 0, 1, 2) == 0 ? Dense(pick(2, 5, 10, 16, 19), bias: pick(true, true, false)) : elementWise()
        }
        return switch pick(0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4) {
        case 0: convolution(channels: shape.channels)
        case 1: MaxPool2D(size(1...3), stride: size(1...3), padding: padding(atMost: 1))
        case 2:
            AveragePool2D(
                size(1...3), stride: size(1...3), padding: padding(atMost: 1), countsPadding: pick(true, false))
        case 3: elementWise()
        default: Flatten()
        }
    }

    private mutating func elementWise() -> any Operation {
        pick(ReLU(), Tanh(), Sigmoid(), Dropout(pick(0.2, 0.5)))
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
