import ConvNetEngine
import ConvNetGraph

extension ConformanceCheck {
    /// Sums over many pixels: statistics and gradients of batch norms, gradients of biases, means. One number after the other
    /// added in single precision loses digits with each; so do channels that are nearly constant, or whose mean is large
    /// against their spread.
    static let largeMaps: [ConformanceCheck] = [
        largeMap("normalises maps") { [BatchNorm(), Tanh()] },
        largeMap("normalises maps and rectifies them") { [BatchNorm(), ReLU()] },
        largeMap("normalises nearly constant channels", channels: nearlyConstant) { [BatchNorm(), Tanh()] },
        largeMap("normalises channels of large means", channels: largeMeans) { [BatchNorm(), Tanh()] },
        largeMap("normalises blocks of channels") { [Conv2D(16, kernel: 1), BatchNorm(), Tanh()] },
        largeMap("normalises blocks of channels, the last not full") { [Conv2D(24, kernel: 1), BatchNorm(), ReLU()] },
        // The convolution is not trained: its gradient would be a small difference of large numbers.
        largeMap("normalises blocks of nearly constant channels", channels: nearlyConstant, frozen: "0.*") {
            [Conv2D(20, kernel: 1, groups: 5), BatchNorm(), Tanh()]
        },
        largeMap("normalises blocks of channels of large means", channels: largeMeans, frozen: "0.*") {
            [Conv2D(20, kernel: 1, groups: 5), BatchNorm(), Tanh()]
        },
        largeMap("normalises twice") {
            [Conv2D(16, kernel: 1), BatchNorm(), Conv2D(16, kernel: 3, padding: 1, bias: false), BatchNorm(), ELU()]
        },
        largeMap("sums the gradient of a bias") { [Conv2D(5, kernel: 3, padding: 1)] },
        largeMap("sums the gradient of a bias, in blocks") { [Conv2D(16, kernel: 3, padding: 1)] },
        largeMap("sums the gradient of a bias, stride 2") { [Conv2D(24, kernel: 3, stride: 2, padding: 1)] },
        largeMap("sums the gradient of a bias, groups") { [Conv2D(10, kernel: 3, padding: 1, groups: 5)] },
        largeMap("sums the gradient of a bias, 5×5", channels: nearlyConstant) { [Conv2D(16, kernel: 5, padding: 2)] },
        largeMap("takes means of maps", channels: largeMeans, isGlobal: true) { [] },
        largeMap("takes means of blocks of channels", isGlobal: true) { [Conv2D(16, kernel: 1)] },
        largeMap("takes means of nearly constant channels", channels: nearlyConstant, isGlobal: true) {
            [Conv2D(20, kernel: 3, padding: 1)]
        },
    ]

    /// A channel's values are mean + spread · u, u being between −1 and 1.
    private static let ordinary = [(mean: 0, spread: 1), (0.5, 1), (-1, 2), (0, 0.1), (2, 1)] as [(Float, Float)]
    private static let nearlyConstant = [(3.7, 0), (0, 1), (3.7, 1e-3), (-0.3, 1e-4), (100, 0.1)] as [(Float, Float)]
    private static let largeMeans = [(1e4, 1), (-1e3, 1), (0, 1), (1e3, 0.1), (-100, 1)] as [(Float, Float)]

    /// - Parameters:
    ///   - channels: what the images' channels are drawn from.
    ///   - frozen: the parameters that are not trained.
    ///   - isGlobal: whether the logits are made of means over all pixels; otherwise of those over 8×8.
    private static func largeMap(
        _ name: String, channels: [(mean: Float, spread: Float)] = ordinary, frozen: String? = nil,
        isGlobal: Bool = false, _ operations: @escaping @Sendable () -> [any GraphOperation]
    ) -> ConformanceCheck {
        ConformanceCheck(.largeMap, name) { engine in
            let pooling: [any GraphOperation] = isGlobal ? [GlobalAveragePool2D()] : [AveragePool2D(8), Flatten()]
            let graph = try Graph(input: [channels.count, 112, 112], operations: operations() + pooling + [Dense(4)])
            let groups = frozen.map { [ParameterGroup($0, learningRateFactor: 0)] } ?? []
            try TrainingComparison(engine, graph, batchSizes: [3, 3], frozen: groups, channels: channels).run()
        }
    }
}
