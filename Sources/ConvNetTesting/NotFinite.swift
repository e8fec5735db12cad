import ConvNetEngine
import ConvNetGraph

extension ConformanceCheck {
    /// Layers that stand alone: an activation that is part of a call with weights may make 0 of what is not a number.
    static let notFinite: [ConformanceCheck] = [
        notFinite("ReLU", [17, 6, 6], [.nan, .infinity, -.infinity]) { [ReLU()] },
        notFinite("ReLU of a vector", [17], [.nan, .infinity, -.infinity]) { [ReLU()] },
        notFinite("ReLU6", [17, 6, 6], [.nan, .infinity, -.infinity]) { [ReLU6()] },
        notFinite("leaky ReLU", [17, 6, 6], [.nan, .infinity, -.infinity]) { [LeakyReLU()] },
        notFinite("ELU", [17, 6, 6], [.nan, .infinity, -.infinity]) { [ELU()] },
        notFinite("GELU", [17, 6, 6], [.nan]) { [GELU()] },
        notFinite("GELU by tanh", [17, 6, 6], [.nan]) { [GELU(.tanh)] },
        notFinite("SiLU", [17, 6, 6], [.nan]) { [SiLU()] },
        notFinite("tanh", [17, 6, 6], [.nan, .infinity, -.infinity]) { [Tanh()] },
        notFinite("sigmoid", [17, 6, 6], [.nan, .infinity, -.infinity]) { [Sigmoid()] },
        notFinite("hard sigmoid", [17, 6, 6], [.nan, .infinity, -.infinity]) { [HardSigmoid()] },
        notFinite("hard swish", [17, 6, 6], [.nan, .infinity]) { [HardSwish()] },
        notFinite("clip", [17, 6, 6], [.nan, .infinity, -.infinity]) { [Clip(low: -0.5, high: 0.5)] },
        notFinite("clip of a vector", [17], [.nan, .infinity, -.infinity]) { [Clip(low: 0.1, high: 0.5)] },
        notFinite("PReLU", [17, 6, 6], [.nan, .infinity, -.infinity]) { [PReLU()] },
        notFinite("scale and shift of channels", [17, 6, 6], [.nan, .infinity, -.infinity]) { [ChannelAffine()] },
        notFinite("channels in other places", [18, 6, 6], [.nan, .infinity, -.infinity]) { [ChannelShuffle(3)] },
        notFinite("softmax", [17], [.nan]) { [Softmax()] },
        notFinite("max pooling", [17, 6, 6], [.nan, .infinity, -.infinity]) { [MaxPool2D(2)] },
        notFinite("max pooling of few channels", [3, 6, 6], [.nan, .infinity, -.infinity]) { [MaxPool2D(2)] },
        notFinite("overlapping max pooling", [17, 7, 7], [.nan, .infinity, -.infinity]) {
            [MaxPool2D(3, stride: 2, padding: 1)]
        },
        notFinite("max pooling of a large window", [2, 20, 20], [.nan]) { [MaxPool2D(17, stride: 3)] },
        notFinite("global max pooling", [17, 6, 6], [.nan, .infinity, -.infinity]) { [GlobalMaxPool2D()] },
        notFinite("global max pooling of a large map", [3, 20, 20], [.nan]) { [GlobalMaxPool2D()] },
        notFinite("max pooling over channels", [18, 6, 6], [.nan, .infinity, -.infinity]) { [ChannelMaxPool(3)] },
        notFinite("average pooling", [17, 6, 6], [.nan]) { [AveragePool2D(2)] },
        notFinite("dense", [17], [.nan]) { [Dense(5)] },
    ]

    /// - Parameter values: one for an image each, at a place of its own; another image is finite.
    private static func notFinite(
        _ name: String, _ input: Shape, _ values: [Float],
        _ operations: @escaping @Sendable () -> [any GraphOperation]
    ) -> ConformanceCheck {
        ConformanceCheck(.notFinite, name) { engine in
            let graph = try Graph(input: input, operations: operations())
            var images = RandomStream(seed: 3, purpose: .synthesis)
                .uniform((values.count + 1) * input.count, low: -1, high: 1)
            for (image, value) in values.enumerated() {
                for place in [input.count / 3, input.count - 2] { images[image * input.count + place] = value }
            }
            let expected = try logits(ReferenceEngine(), graph, images)
            let found = try logits(engine, graph, images)
            for (index, (a, b)) in zip(found, expected).enumerated()
            where a.isNaN != b.isNaN || (!b.isNaN && a != b && !(abs(a - b) < 1e-5 * max(1, abs(b)))) {
                throw ConformanceFailure(
                    what: "output \(index), which is \(a) and should be \(b)", error: .infinity, tolerance: 1e-5,
                    context: name)
            }
        }
    }

    private static func logits(_ engine: any Engine, _ graph: Graph, _ images: [Float]) throws -> [Float] {
        let session = try engine.makeSession(for: graph)
        for (index, parameter) in graph.parameters.enumerated() {
            try session.setParameter(index, to: parameter.initializer.values(for: parameter, seed: 1))
        }
        let plan = try session.makeInferencePlan(batchSize: images.count / graph.inputShape.count)
        _ = plan.images.update(fromContentsOf: images)
        try plan.run()
        return Array(plan.logits)
    }
}
