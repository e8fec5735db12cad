import ConvNetEngine
import ConvNetGraph

/// A network with its parameters in an engine. Everything here is synchronous and confined to the model's thread.
final class CompiledModel {
    let network: Network
    let classes: [String]
    let preprocessing: Preprocessing
    private let sharedOutputs: SharedOutputs
    let engine: any Engine

    private let session: any EngineSession
    /// The oldest first. A dataset takes two, and whoever predicts a few more: those of every size would fill the memory.
    private var inferencePlans: [any Plan] = []
    private static let keptPlans = 4
    /// Images that an evaluation computes at a time, unless said otherwise.
    private let evaluationBatchSize: Int
    private var trainingPlans: [Int: any TrainingPlan] = [:]
    private var requestPlan: (any RequestPlan)?
    private var trainingConfiguration: TrainingConfiguration?
    private var layoutGeneration = 0
    /// How far the last training step has moved each parameter; empty where nobody has asked.
    var lastUpdates: [UpdateStatistics] = []

    init(
        _ network: Network, classes: [String], preprocessing: Preprocessing, outputs: SharedOutputs, engine: any Engine
    ) throws {
        self.network = network
        self.classes = classes
        self.preprocessing = preprocessing
        sharedOutputs = outputs
        self.engine = engine
        evaluationBatchSize = network.graph.evaluationBatchSize
        session = try engine.makeSession(for: network.graph)
    }

    var outputs: ClassOutputs {
        get { sharedOutputs.value }
        set { sharedOutputs.value = newValue }
    }

    func planBytes(batchSize: Int, training: TrainingConfiguration?) throws -> Int? {
        try session.planBytes(batchSize: batchSize, training: training)
    }

    func planThreads(batchSize: Int, training: TrainingConfiguration?) -> Int? {
        session.planThreads(batchSize: batchSize, training: training)
    }

    func measureLimits() -> MachineLimits? { session.measureLimits() }

    // MARK: Plans

    var algorithms: [String: String] { session.algorithms }

    /// Makes the session's choices of algorithms those that were made elsewhere, for plans compiled from now on; those
    /// that were compiled with others are given up.
    func adopt(algorithms: [String: String]) {
        let former = session.algorithms
        session.algorithms = algorithms
        guard session.algorithms != former else { return }
        inferencePlans = []
        trainingPlans = [:]
        requestPlan = nil
    }

    func inferencePlan(batchSize: Int) throws -> any Plan {
        dropOutdatedPlans()
        if let plan = inferencePlans.first(where: { $0.batchSize == batchSize }) { return plan }
        let plan = try session.makeInferencePlan(batchSize: batchSize)
        if inferencePlans.count == Self.keptPlans { inferencePlans.removeFirst() }
        inferencePlans.append(plan)
        return plan
    }

    /// The plan that so many images are predicted with: for 1, 2, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 … of them, at most a quarter of
    /// whom are nobody's, so that a few plans do for any number; or for `most`. What the rest of its images hold does not matter.
    private func predictionPlan(for count: Int, most: Int) throws -> any Plan {
        var power = 4
        while power < count { power *= 2 }
        let step = power / 8
        let size = count <= 2 ? count : count <= 4 ? 4 : (count + step - 1) / step * step
        return try inferencePlan(batchSize: min(size, most))
    }

    func trainingPlan(batchSize: Int, _ configuration: TrainingConfiguration) throws -> any TrainingPlan {
        if trainingConfiguration.map({ $0 == configuration }) != true {
            trainingPlans = [:]
            trainingConfiguration = configuration
        }
        if let plan = trainingPlans[batchSize] { return plan }
        let plan = try session.makeTrainingPlan(batchSize: batchSize, training: configuration)
        trainingPlans[batchSize] = plan
        dropOutdatedPlans()
        return plan
    }

    /// Of several that look inside the network the last one is kept.
    private func plan(batchSize: Int, _ request: PlanRequest) throws -> any RequestPlan {
        dropOutdatedPlans()
        if let plan = requestPlan, plan.batchSize == batchSize, plan.request == request { return plan }
        requestPlan = nil
        let plan = try session.makePlan(batchSize: batchSize, request: request)
        requestPlan = plan
        return plan
    }

    /// Plans that were compiled before training moved the parameters point to where they were.
    private func dropOutdatedPlans() {
        guard layoutGeneration != session.layoutGeneration else { return }
        layoutGeneration = session.layoutGeneration
        inferencePlans = []
        requestPlan = nil
    }

    // MARK: Parameters

    /// Draws the parameters that are not among `weights`.
    func initialize(seed: UInt64, weights: [String: [Float]]) throws {
        for (index, parameter) in network.parameters.enumerated() {
            let values = weights[parameter.name] ?? parameter.initializer.values(for: parameter, seed: seed)
            try session.setParameter(index, to: values)
        }
    }

    func weights() throws -> [[Float]] {
        try network.parameters.indices.map(parameter)
    }

    func parameter(_ index: Int) throws -> [Float] { try session.parameter(index) }

    func namedWeights() throws -> [String: [Float]] {
        Dictionary(uniqueKeysWithValues: zip(network.parameters.map(\.name), try weights()))
    }

    /// - Throws: ``ModelError/parameter(_:problem:)``.
    func checkParameters() throws { try network.checkValues(parameter) }

    func setWeights(_ values: [[Float]]) throws {
        for (index, values) in values.enumerated() { try session.setParameter(index, to: values) }
    }

    func optimizerState(_ name: String) throws -> [[Float]] {
        try network.parameters.indices.map { try optimizerState(name, of: $0) }
    }

    func optimizerState(_ name: String, of index: Int) throws -> [Float] {
        try session.optimizerState(name, of: index)
    }

    func setOptimizerState(_ name: String, to values: [[Float]]) throws {
        for (index, values) in values.enumerated() { try session.setOptimizerState(name, of: index, to: values) }
    }

    // MARK: Running

    /// - Parameter answersTargets: whether what the images are labelled with matters.
    /// - Throws: ``TrainingError`` where the dataset's images or classes are not this network's.
    func check(_ dataset: any Dataset, answersTargets: Bool = true) throws {
        guard dataset.count > 0 else { throw TrainingError.emptyDataset(dataset.name) }
        // Pictures that are not brought to the network's size are complained of one by one.
        if let shape = preprocessing.outputShape(of: dataset), shape != network.inputShape {
            throw TrainingError.datasetShape(dataset: dataset.name, images: shape, network: network.inputShape)
        }
        let outputs = network.outputShape.count
        guard dataset.classes.count == outputs else {
            throw TrainingError.classCount(dataset: dataset.name, classes: dataset.classes.count, outputs: outputs)
        }
        guard !answersTargets || dataset.targetKind.outputs == self.outputs.kind else {
            throw TrainingError.targetKind(dataset: dataset.name, outputs: self.outputs.kind)
        }
    }

    /// What brings a dataset's images into this model's plans, with as many threads as it computes with.
    func loader(of dataset: any Dataset) -> DataLoader {
        DataLoader(
            dataset: dataset, preprocessing: preprocessing, shape: network.inputShape, threads: engine.threads)
    }

    /// Compiles the plans that evaluating so many images takes.
    func compileEvaluation(of count: Int, batchSize: Int?) throws {
        try evaluating(batchSize) { size in
            try forEachBatch(of: count, size: size) { _ = try inferencePlan(batchSize: $0.count) }
        }
    }

    /// Calls `body` with the images that an evaluation computes at a time: those of the graph, unless said otherwise.
    ///
    /// - Throws: ``ModelError/evaluationDoesNotFit(_:)``.
    private func evaluating(_ batchSize: Int?, _ body: (_ batchSize: Int) throws -> Void) throws {
        try Trainer.validate(evaluationBatchSize: batchSize)
        do {
            try body(batchSize ?? evaluationBatchSize)
        } catch let error as EngineError {
            guard case .planDoesNotFit = error else { throw error }
            throw ModelError.evaluationDoesNotFit(error)
        }
    }

    /// - Parameter checksLogits: whether those that are not finite are an error; they make the loss so in any case.
    func evaluate(
        _ loader: DataLoader, metrics: [any Metric], batchSize: Int? = nil, checksLogits: Bool = true
    ) throws -> Evaluation {
        var sums = EvaluationSums(metrics, classes: classes.count, outputs: outputs)
        try forEachBatch(of: loader, batchSize: batchSize, checksLogits: checksLogits) {
            sums.add(logits: $0, targets: $1)
        }
        return sums.evaluation
    }

    func reportSums(
        _ loader: DataLoader, metrics: [any Metric], views: Int, batchSize: Int? = nil, checksLogits: Bool = true
    ) throws -> ReportSums {
        var sums = ReportSums(metrics, classes: classes, outputs: outputs, views: views)
        try forEachBatch(of: loader, batchSize: batchSize, checksLogits: checksLogits) {
            sums.add(logits: $0, targets: $1)
        }
        return sums
    }

    func probabilities(_ loader: DataLoader, batchSize: Int? = nil) throws -> [[Float]] {
        var result: [[Float]] = []
        try forEachBatch(of: loader, batchSize: batchSize, isPrediction: true) { logits, targets in
            let (logits, outputs) = (Array(logits), outputs)
            result += targets.indices.map {
                outputs.probabilities(logits[$0 * classes.count..<($0 + 1) * classes.count])
            }
        }
        return result
    }

    /// Runs the network on all images of a dataset, in its own order.
    ///
    /// - Parameter isPrediction: whether a few images may be computed in a plan for some more, which may give other last digits.
    private func forEachBatch(
        of loader: DataLoader, batchSize: Int? = nil, checksLogits: Bool = true, isPrediction: Bool = false,
        _ body: (_ logits: UnsafeBufferPointer<Float>, _ targets: [Target]) -> Void
    ) throws {
        try evaluating(batchSize) {
            try forEachBatch(of: loader, size: $0, checksLogits: checksLogits, isPrediction: isPrediction, body)
        }
    }

    private func forEachBatch(
        of loader: DataLoader, size: Int, checksLogits: Bool, isPrediction: Bool,
        _ body: (_ logits: UnsafeBufferPointer<Float>, _ targets: [Target]) -> Void
    ) throws {
        try loader.begin(ArraySlice(0..<loader.dataset.count), epoch: nil, batchSize: size)
        try forEachBatch(of: loader.dataset.count, size: size) { indices in
            let plan =
                try isPrediction
                ? predictionPlan(for: indices.count, most: size) : inferencePlan(batchSize: indices.count)
            try loader.load(indices.count, into: plan)
            try plan.run()
            let logits = UnsafeBufferPointer(rebasing: plan.logits[..<(indices.count * network.outputShape.count)])
            if checksLogits, let position = logits.firstNotFinite {
                let image = indices.lowerBound + position / network.outputShape.count
                throw ModelError.logitsNotFinite(image: loader.dataset.imageName(at: image))
            }
            body(logits, indices.map(loader.dataset.target))
        }
    }

    /// Logits of images that have been preprocessed already, N×C×H×W.
    func logits(_ images: [Float]) throws -> [Float] {
        let size = network.inputShape.count
        var result: [Float] = []
        try forEachBatch(of: images.count / size, size: evaluationBatchSize) { indices in
            let plan = try predictionPlan(for: indices.count, most: evaluationBatchSize)
            _ = plan.images.update(fromContentsOf: images[indices.lowerBound * size..<indices.upperBound * size])
            try plan.run()
            result += plan.logits[..<(indices.count * network.outputShape.count)]
        }
        return result
    }

    /// Logits of one image.
    func logits(of item: DatasetItem) throws -> [Float] {
        let plan = try inferencePlan(batchSize: 1)
        try preprocessing.write(item, to: plan.images, shape: network.inputShape)
        try plan.run()
        return Array(plan.logits)
    }

    /// Runs the network on images that have been preprocessed already, N×C×H×W, a few at a time.
    ///
    /// - Parameter body: gets the plan, which has run, and which of the images it has.
    func forEachPart(
        of images: [Float], _ request: PlanRequest, _ body: (any RequestPlan, Range<Int>) throws -> Void
    ) throws {
        let size = network.inputShape.count
        try forEachBatch(of: images.count / size, size: min(Self.requestBatchSize, evaluationBatchSize)) {
            indices in
            let plan = try plan(batchSize: indices.count, request)
            _ = plan.images.update(fromContentsOf: images[indices.lowerBound * size..<indices.upperBound * size])
            try plan.run()
            try body(plan, indices)
        }
    }

    /// Images at a time where nodes' outputs are kept, which takes memory.
    private static let requestBatchSize = 32

    private func forEachBatch(
        of count: Int, size: Int, _ body: (Range<Int>) throws -> Void
    ) rethrows {
        for first in stride(from: 0, to: count, by: size) { try body(first..<min(first + size, count)) }
    }
}
