import ConvNetEngine
import ConvNetGraph

/// One thing that every engine must do. All of them together say whether an engine may be trusted with a network.
///
///     @Test(arguments: ConformanceCheck.all)
///     func conforms(_ check: ConformanceCheck) throws {
///         try check.run(MyEngine(threads: 2))
///     }
///
/// A new engine is brought up along ``Group/bringUp``, whose checks build on one another. An engine's numbers are compared
/// with those of the textbook formulas in double precision: they may be as far off as single precision makes unavoidable,
/// which is measured anew for each array, sums over many pixels being pairwise there but for those of a convolution's
/// weights, and in any case by 1e-5 of the array's largest magnitude.
public struct ConformanceCheck: Sendable, CustomStringConvertible {
    /// What a check is about.
    public enum Group: String, Sendable, CaseIterable {
        /// From copying an array to training a small network: in this order.
        case bringUp = "bring-up"
        /// Every operation with many settings: reading the images, and behind a layer with weights.
        case operation
        /// Sums over maps of 112×112 pixels, of channels that are nearly constant or far from zero.
        case largeMap = "large map"
        /// What is not a number, or infinite, in one image: it reaches that image's outputs, and nobody else's.
        case notFinite = "not finite"
        /// Layers in all sorts of orders, with branches.
        case randomNetwork = "random network"
        /// Everything that a run may ask of a training step, and going on in another session.
        case training
        /// What nodes make, and gradients with respect to nodes, images and parameters, in training and outside it.
        case request
        /// A network of one's own, which is not among ``ConformanceCheck/all``.
        case network
    }

    /// What the check is about.
    public let group: Group
    /// What the engine must do, or the case that it is tried on.
    public let name: String
    private let body: @Sendable (any Engine) throws -> Void

    init(_ group: Group, _ name: String, _ body: @escaping @Sendable (any Engine) throws -> Void) {
        self.group = group
        self.name = name
        self.body = body
    }

    public var description: String { "\(group.rawValue): \(name)" }

    /// Runs the check.
    ///
    /// - Throws: ``ConformanceFailure`` for a number that is wrong, and what the engine throws.
    public func run(_ engine: any Engine) throws { try body(engine) }

    /// One training step of a network of one's own: logits, loss and running statistics, and each parameter's gradient and
    /// update. The memory of a step in double precision is needed, beside that of the engine's.
    ///
    /// - Parameters:
    ///   - batchSize: images in the step.
    ///   - gradients: whether gradients are compared. Those of a deep network with `BatchNorm` and `ReLU` are no
    ///     continuous function of its weights: rounding decides which ReLUs near 0 let them through, and single precision
    ///     may be off by a third whoever computes. Compare those with `ELU` in place of ReLU.
    public static func trainingStep(of network: Network, batchSize: Int, gradients: Bool = true) -> ConformanceCheck {
        let name = "\(network.inputShape), \(network.graph.nodes.count) nodes, batch \(batchSize)"
        return ConformanceCheck(.network, name) { engine in
            try TrainingComparison(engine, network.graph, batchSizes: [batchSize]).runStep(gradients: gradients)
        }
    }

    /// Every check, in the order in which one would make them pass.
    public static let all: [ConformanceCheck] =
        bringUp + operations + largeMaps + notFinite + randomNetworks(1...150) + courses + requests

    /// Every check of one group.
    public static func all(in group: Group) -> [ConformanceCheck] { all.filter { $0.group == group } }

    private static let operations = onOperations(.operation) { engine, graph, batchSize in
        try TrainingComparison(engine, graph, batchSize: batchSize).run()
    }

    /// A check for each row of the table of operations, once at the beginning of a network and once further on.
    static func onOperations(
        _ group: Group, _ body: @escaping @Sendable (any Engine, _ graph: Graph, _ batchSize: Int) throws -> Void
    ) -> [ConformanceCheck] {
        do {
            return try OperationCase.all.flatMap { operation in
                [
                    ConformanceCheck(group, operation.name) { try body($0, operation.graph, operation.batchSize) },
                    ConformanceCheck(group, "\(operation.name), behind weights") {
                        try body($0, operation.graphBehindWeights(), operation.batchSize)
                    },
                ]
            }
        } catch {
            preconditionFailure("the library's own table of operations is broken: \(error)")
        }
    }

    /// Networks as a function of a seed. A failure says how to build the network by hand.
    public static func randomNetworks(_ seeds: ClosedRange<UInt64>) -> [ConformanceCheck] {
        seeds.map { seed in
            ConformanceCheck(.randomNetwork, "seed \(seed)") { engine in
                let network = try RandomNetwork(seed: seed)
                let other = max(network.batchSize % 9 + 1, network.graph.smallestTrainingBatch())
                try TrainingComparison(
                    engine, network.graph,
                    batchSizes: [network.batchSize, network.batchSize, other, network.batchSize],
                    context: network.description
                ).run()
            }
        }
    }
}

/// A number that an engine got wrong.
public struct ConformanceFailure: Error, CustomStringConvertible {
    /// What was compared, e.g. `step 1: gradient of conv1.weight`.
    public let what: String

    /// The largest difference, relative to the largest magnitude expected; infinite for counts that differ and values that
    /// are not finite.
    public let error: Double
    /// What ``error`` may be.
    public let tolerance: Double

    /// What network it was.
    public let context: String

    /// Whether it is a gradient of a batch with an ``Oracle/hasTie()``.
    var isTie = false

    public var description: String {
        "\(what): off by \(error) of the largest magnitude; allowed are \(tolerance)\n\(context)"
    }
}
