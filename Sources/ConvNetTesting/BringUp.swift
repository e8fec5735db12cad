import ConvNetEngine
import ConvNetGraph

extension ConformanceCheck {
    /// The ladder for a new engine: each rung needs little more than the one before it.
    static let bringUp: [ConformanceCheck] = [
        evaluation("copies images to logits", [6]) { [Flatten()] },
        evaluation("reads and writes a row of images", [2, 3, 4]) { [Flatten()] },
        evaluation("computes an activation", [6]) { [ReLU()] },
        parametersKeepTheirBits,
        evaluation("computes a dense layer", [6]) { [Dense(4)] },
        evaluation("computes a convolution", [3, 6, 6]) { [Conv2D(8, kernel: 3, padding: 1)] },
        evaluation("computes a pooling", [3, 6, 6]) { [MaxPool2D(2)] },
        training("trains a dense layer", [6]) { [Dense(4)] },
        training("trains two dense layers", [6]) { [Dense(8), Tanh(), Dense(4)] },
        training("trains a convolution", [3, 6, 6]) { [Conv2D(8, kernel: 3, padding: 1), Flatten()] },
        training("trains a small network", [1, 12, 12]) {
            [Conv2D(6, kernel: 5), Tanh(), AveragePool2D(2), Conv2D(16, kernel: 3), ReLU(), Flatten(), Dense(10)]
        },
        training("draws the masks of dropout", [3, 8, 8]) {
            [Conv2D(8, kernel: 3), ReLU(), Dropout(0.5), Flatten(), Dense(7), Dropout(0.25), Dense(5)]
        },
        training("normalises batches and remembers them", [3, 8, 8]) {
            [Conv2D(8, kernel: 3, bias: false), BatchNorm(), ReLU(), GlobalAveragePool2D(), Dense(5)]
        },
        training("takes batches of other sizes in between", [1, 10, 10], batchSizes: [8, 8, 3, 8, 1, 8]) {
            [
                Conv2D(17, kernel: 3, padding: 1), ReLU(), MaxPool2D(2), Dropout(0.25), Conv2D(8, kernel: 3), Tanh(),
                Flatten(), Dense(24), ReLU(), Dropout(0.5), Dense(10),
            ]
        },
        // More parameters than one thread may want to update by itself.
        training("shares the update among its threads", [301], batchSizes: [5, 5, 5]) {
            [Dense(257), ReLU(), Dense(7)]
        },
        training("carries a custom layer", [3, 6, 6]) {
            [Conv2D(17, kernel: 3), Quadratic(), ReLU(), Flatten(), Quadratic(), Dense(5)]
        },
        ConformanceCheck(.bringUp, "carries a custom layer of several inputs") { engine in
            let network = try Network(input: [3, 6, 6]) {
                Conv2D(17, kernel: 3)
                Join(by: WeightedSum()) {
                    Conv2D(17, kernel: 1)
                    Sequential {}
                    Tanh()
                }
                ReLU()
                Flatten()
                Dense(5)
            }
            try TrainingComparison(engine, network.graph, batchSizes: [6, 6, 3]).run()
        },
        freezing("leaves the first layers alone", "front.*"),
        freezing("leaves layers in the middle alone", "middle.*"),
        freezing("trains the body of a residual", "front.*", "middle.shortcut.*"),
        freezing("trains the shortcut of a residual", "front.*", "middle.body.*"),
        freezing("leaves the last layers alone", "back.*"),
        freezing("keeps the statistics of frozen batch norms", "front.*", normsToo: true),
        freezing("keeps the statistics of batch norms in the middle", "middle.*", normsToo: true),
        freezing("leaves all biases alone", "*.bias"),
        freezing("leaves all weights alone", "*.weight"),
        auxiliaryClassifiers("trains auxiliary classifiers") { LayerList() },
        auxiliaryClassifiers("leaves auxiliary classifiers out of evaluation") { TrainingOnly() },
        ConformanceCheck(.bringUp, "adds the gradients of two halves of a batch") { try DividedBatch.run($0) },
        ConformanceCheck(.bringUp, "adds gradients where some parameters are frozen") {
            try DividedBatch.run($0, frozen: "0.*")
        },
        learns,
        repeatsItself,
    ]

    private static func evaluation(
        _ name: String, _ input: Shape, _ operations: @escaping @Sendable () -> [any GraphOperation]
    ) -> ConformanceCheck {
        ConformanceCheck(.bringUp, name) { engine in
            try TrainingComparison(
                engine, Graph(input: input, operations: operations()), batchSizes: []
            ).runEvaluation(batchSize: 3)
        }
    }

    private static func training(
        _ name: String, _ input: Shape, batchSizes: [Int] = [6, 6, 6],
        _ operations: @escaping @Sendable () -> [any GraphOperation]
    ) -> ConformanceCheck {
        ConformanceCheck(.bringUp, name) { engine in
            try TrainingComparison(
                engine, Graph(input: input, operations: operations()), batchSizes: batchSizes
            ).run()
        }
    }

    /// Training of all parameters but those of some names.
    ///
    /// - Parameter normsToo: whether batch norms of these names stand still; one of which the network says so follows the batches then.
    private static func freezing(_ name: String, _ patterns: String..., normsToo: Bool = false) -> ConformanceCheck {
        ConformanceCheck(.bringUp, name) { engine in
            let network = try Network(input: [3, 12, 12]) {
                Sequential {
                    Conv2D(16, kernel: 3, padding: 1)
                    ReLU()
                    MaxPool2D(2)
                    Conv2D(17, kernel: 3, padding: 1, bias: false)
                    BatchNorm()
                }.named("front")
                Sequential {
                    Residual {
                        Sequential {
                            Conv2D(17, kernel: 3, padding: 1, bias: false)
                            BatchNorm()
                            ReLU()
                            Conv2D(17, kernel: 1, bias: false)
                            BatchNorm()
                        }.named("body")
                    } shortcut: {
                        Sequential {
                            Conv2D(17, kernel: 1, bias: false)
                            BatchNorm()
                        }.named("shortcut")
                    }
                    ReLU()
                    Branches {
                        Conv2D(16, kernel: 1)
                        Sequential {
                            AveragePool2D(3, stride: 1, padding: 1)
                            Conv2D(8, kernel: 3, padding: 1)
                            ReLU()
                        }
                    }
                    LocallyConnected2D(6, kernel: 3)
                }.named("middle")
                Sequential {
                    ReLU()
                    Flatten()
                    Dense(12, bias: false)
                    BatchNorm(frozen: normsToo)
                    ReLU()
                    Dense(5)
                }.named("back")
            }
            try TrainingComparison(
                engine, network.graph, batchSizes: [6, 6, 3],
                frozen: patterns.map { ParameterGroup($0, learningRateFactor: 0) },
                frozenNorms: normsToo ? network.graph.norms(matching: patterns) : nil,
                context: "frozen: \(patterns.joined(separator: ", "))"
            ).run()
        }
    }

    /// Two of them: one between a convolution and its activation, one in a branch.
    ///
    /// - Parameter layer: what both begin with.
    private static func auxiliaryClassifiers(
        _ name: String, _ layer: @escaping @Sendable () -> any Layer
    ) -> ConformanceCheck {
        ConformanceCheck(.bringUp, name) { engine in
            let network = try Network(input: [3, 8, 8]) {
                Conv2D(17, kernel: 3, padding: 1)
                AuxiliaryClassifier(weight: 0.3) {
                    layer()
                    MaxPool2D(2)
                    Conv2D(8, kernel: 1)
                    ReLU()
                    Flatten()
                    Dropout(0.5)
                    Dense(5)
                }
                ReLU()
                Branches {
                    Conv2D(8, kernel: 1)
                    Sequential {
                        Conv2D(8, kernel: 3, padding: 1)
                        ReLU()
                        AuxiliaryClassifier(weight: 2) {
                            layer()
                            GlobalAveragePool2D()
                            Dense(5)
                        }
                    }
                }
                MaxPool2D(2)
                Flatten()
                Dense(5)
            }
            try TrainingComparison(engine, network.graph, batchSizes: [6, 6, 3, 6]).run()
        }
    }

    /// What goes into a session comes out with the same bits, before and after a training plan has moved it.
    private static let parametersKeepTheirBits = ConformanceCheck(.bringUp, "keeps parameters to the bit") { engine in
        let graph = try Graph(
            input: [3, 9, 9],
            operations: [
                Conv2D(17, kernel: 3), ReLU(), Conv2D(20, kernel: Size(3, 1), bias: false),
                Conv2D(20, kernel: 1, groups: 4), Flatten(), Dense(19), BatchNorm(), Dense(5, bias: false),
            ])
        let session = try engine.makeSession(for: graph)
        func values(_ index: Int, _ round: UInt32) -> [Float] {
            RandomStream(seed: 9, purpose: .synthesis, first: UInt32(index), second: round)
                .uniform(graph.parameters[index].count, low: -1, high: 1)
        }
        func expect(_ found: [Float], _ expected: [Float], _ index: Int, _ what: String) throws {
            guard found == expected else {
                throw ConformanceFailure(
                    what: "\(graph.parameters[index].name), \(what)", error: relativeError(found, expected),
                    tolerance: 0, context: engine.version)
            }
        }
        for index in graph.parameters.indices {
            try session.setParameter(index, to: values(index, 0))
            try session.setOptimizerState("momentum", of: index, to: values(index, 1))
        }
        for moved in [false, true] {
            if moved {
                let training = TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: SGD(), seed: 0)
                _ = try session.makeTrainingPlan(batchSize: 4, training: training)
            }
            for index in graph.parameters.indices {
                let when = moved ? "after a training plan was made" : "before there was a plan"
                try expect(session.parameter(index), values(index, 0), index, when)
                try expect(session.optimizerState("momentum", of: index), values(index, 1), index, "momentum \(when)")
            }
        }
    }

    /// A hundred steps on the same few images bring the loss close to zero.
    private static let learns = ConformanceCheck(.bringUp, "learns a few images by heart") { engine in
        let losses = try losses(engine, steps: 100)
        guard let last = losses.last, last < 0.05 * losses[0] else {
            throw ConformanceFailure(
                what: "loss after 100 steps, as a share of the first", error: (losses.last ?? .infinity) / losses[0],
                tolerance: 0.05, context: engine.version)
        }
    }

    /// The same training gives the same bits.
    private static let repeatsItself = ConformanceCheck(.bringUp, "gives the same bits twice") { engine in
        let runs = try (1...2).map { _ in try losses(engine, steps: 10) }
        guard runs[0] == runs[1] else {
            throw ConformanceFailure(
                what: "losses of a second run", error: relativeError(runs[1], runs[0]), tolerance: 0,
                context: engine.version)
        }
    }

    private static func losses(_ engine: any Engine, steps: Int) throws -> [Double] {
        let graph = try Graph(
            input: [1, 8, 8],
            operations: [
                Conv2D(8, kernel: 3, padding: 1), ReLU(), MaxPool2D(2), Flatten(), Dense(16), ReLU(), Dense(4),
            ])
        let session = try engine.makeSession(for: graph)
        for (index, parameter) in graph.parameters.enumerated() {
            try session.setParameter(index, to: parameter.initializer.values(for: parameter, seed: 1))
        }
        let plan = try session.makeTrainingPlan(
            batchSize: 8,
            training: TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: SGD(momentum: 0.9), seed: 0))
        let images = RandomStream(seed: 4, purpose: .synthesis).uniform(plan.images.count, low: -1, high: 1)
        _ = plan.images.update(fromContentsOf: images)
        for sample in plan.labels.indices {
            plan.labels[sample] = Int32(sample % 4)
            plan.samples[sample] = Int32(sample)
        }
        return try (0..<steps).map { _ in try plan.step(TrainingStep(learningRate: 0.05, epoch: 0)).lossSum }
    }
}

/// Passes on what reaches it, and fails outside training.
private struct TrainingOnly: CustomLayer {
    static let kind = "conformance.training_only"

    func outputShape(for input: Shape) -> Shape { input }

    func forward(_ pass: LayerPass) throws -> [Float] {
        guard pass.isTraining else {
            throw ConformanceFailure(
                what: "an auxiliary classifier, which evaluation computes", error: .infinity, tolerance: 0,
                context: "\(pass.inputShape)")
        }
        return pass.input
    }

    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
        LayerGradients(input: outputGradient)
    }
}

/// The custom layer of the ladder: c₀ · x + c₁ · x² + offset, the coefficients of each channel being trained, the offset
/// not.
private struct Quadratic: CustomLayer {
    static let kind = "conformance.quadratic"

    func outputShape(for input: Shape) -> Shape { input }

    func parameters(for input: Shape) -> [Parameter] {
        [
            Parameter(
                name: "coefficients", shape: [input.channels, 2], initializer: .uniform(low: -1, high: 1), fanIn: 1,
                fanOut: 1),
            Parameter(
                name: "offset", shape: [1], initializer: .constant(0.25), fanIn: 1, fanOut: 1, isTrainable: false),
        ]
    }

    func forward(_ pass: LayerPass) -> [Float] {
        let coefficients = pass.parameters[0]
        return pass.input.enumerated().map { index, x in
            let channel = channel(of: index, pass)
            return coefficients[2 * channel] * x + coefficients[2 * channel + 1] * x * x + pass.parameters[1][0]
        }
    }

    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
        let coefficients = pass.parameters[0]
        var gradients = LayerGradients(
            input: pass.input,
            parameters: [[Float](repeating: 0, count: coefficients.count), [outputGradient.reduce(0, +)]])
        for (index, x) in pass.input.enumerated() {
            let channel = channel(of: index, pass)
            let gradient = outputGradient[index]
            gradients.input[index] = gradient * (coefficients[2 * channel] + 2 * coefficients[2 * channel + 1] * x)
            gradients.parameters[0][2 * channel] += gradient * x
            gradients.parameters[0][2 * channel + 1] += gradient * x * x
        }
        return gradients
    }

    private func channel(of index: Int, _ pass: LayerPass) -> Int {
        index % pass.inputShape.count / (pass.inputShape.height * pass.inputShape.width)
    }
}

/// The custom join of the ladder: Σ wᵢ · xᵢ², with a weight for each input.
private struct WeightedSum: CustomJoin {
    static let kind = "conformance.weighted_sum"

    func outputShape(for inputs: [Shape]) -> Shape { inputs[0] }

    func parameters(for inputs: [Shape]) -> [Parameter] {
        [
            Parameter(
                name: "weights", shape: [inputs.count], initializer: .uniform(low: 0.5, high: 1), fanIn: 1, fanOut: 1)
        ]
    }

    func forward(_ pass: LayerPass) -> [Float] {
        pass.input.indices.map { i in
            zip(pass.inputs, pass.parameters[0]).reduce(0) { $0 + $1.1 * $1.0[i] * $1.0[i] }
        }
    }

    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
        var sums = pass.inputs.map { _ in 0.0 }
        for (index, input) in pass.inputs.enumerated() {
            for (value, gradient) in zip(input, outputGradient) {
                sums[index] += Double(value) * Double(value) * Double(gradient)
            }
        }
        return LayerGradients(
            inputs: zip(pass.inputs, pass.parameters[0]).map { input, weight in
                zip(input, outputGradient).map { value, gradient in 2 * weight * value * gradient }
            },
            parameters: [sums.map { Float($0) }])
    }
}
