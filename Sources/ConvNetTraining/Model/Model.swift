import ConvNetEngine
import ConvNetGraph
import Foundation

/// A network with weights, in an engine: what is trained, asked for predictions and saved.
///
///     let model = try Model(network, classes: ["cat", "dog"], engine: ReferenceEngine())
///     let probabilities = try await model.probabilities(image)
///
/// All its work is done on one thread of its own, so that calls from anywhere are safe and wait for one another.
public actor Model {
    /// The graph that the weights belong to.
    public nonisolated let network: Network

    /// The class names, one for each output.
    public nonisolated let classes: [String]

    /// What is done to images before they reach the network.
    public nonisolated let preprocessing: Preprocessing

    /// What the network's outputs say of the classes.
    public nonisolated var outputs: ClassOutputs { sharedOutputs.value }
    private nonisolated let sharedOutputs: SharedOutputs

    /// The engine's name and version, e.g. `oneDNN 2.6.3`.
    public nonisolated var engineVersion: String { engine.version }
    package nonisolated let engine: any Engine

    private nonisolated let thread: EngineThread
    let compiled: CompiledModel

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// A model with initial weights, or with those that are given.
    ///
    /// - Parameters:
    ///   - classes: `0`, `1`, … where none are given.
    ///   - outputs: one class an image, unless said otherwise.
    ///   - weights: all parameters by name, in PyTorch's layout, as ``setWeights(_:)`` takes them; drawn where nil.
    ///   - seed: what weights are drawn from.
    /// - Throws: ``ModelError`` where classes or preprocessing do not fit the network, ``WeightMismatch`` where the weights
    ///   do not, ``EngineError``, ``ThreadError``.
    public init(
        _ network: Network, classes: [String] = [], preprocessing: Preprocessing = .identity,
        outputs: ClassOutputs = .exclusive, weights: [String: [Float]]? = nil, engine: any Engine, seed: UInt64 = 0
    ) throws {
        let classes = classes.isEmpty ? (0..<network.outputShape.count).map(String.init) : classes
        guard classes.count == network.outputShape.count else {
            throw ModelError.classCount(classes: classes.count, outputs: network.outputShape.count)
        }
        if let long = classes.first(where: { $0.utf8.count > Limits.nameBytes }) {
            throw ModelError.className(bytes: long.utf8.count)
        }
        try preprocessing.validate(for: network.inputShape)
        try outputs.validate(classes: classes.count)
        if let weights { try network.checkWeights(weights) }
        let thread = try EngineThread(name: "convnet model")
        self.network = network
        self.classes = classes
        self.preprocessing = preprocessing
        let sharedOutputs = SharedOutputs(outputs)
        self.sharedOutputs = sharedOutputs
        self.thread = thread
        self.engine = engine
        compiled = try thread.runAndWait {
            let compiled = try CompiledModel(
                network, classes: classes, preprocessing: preprocessing, outputs: sharedOutputs, engine: engine)
            try compiled.initialize(seed: seed, weights: weights ?? [:])
            return Handover(value: compiled)
        }.value
    }

    /// Moves a model that nobody else holds from the thread that made it to the actor that runs on the same thread.
    private struct Handover: @unchecked Sendable {
        let value: CompiledModel
    }

    // MARK: Parameters

    /// The values of all parameters, by name, in PyTorch's layout.
    public func weights() throws -> [String: [Float]] { try compiled.namedWeights() }

    /// Gives all parameters new values; those of auxiliary classifiers may be left out and keep theirs.
    ///
    /// - Throws: ``WeightMismatch`` where names or sizes are not the network's; the model is then as it was.
    public func setWeights(_ values: [String: [Float]]) throws {
        try network.checkWeights(values)
        try compiled.setWeights(
            network.parameters.enumerated().map { index, parameter in
                try values[parameter.name] ?? compiled.parameter(index)
            })
    }

    // MARK: Predicting

    /// The network's outputs for images N×C×H×W, row-major, as the dataset has them: they are preprocessed here.
    ///
    /// - Returns: N × classes.
    /// - Throws: ``ModelError/imageSize(expected:received:)``, ``EngineError``.
    public func logits(_ images: [Float]) throws -> [Float] { try compiled.logits(preprocessed(images)) }

    /// The network's outputs for one image: one for each class.
    ///
    /// - Throws: as ``probabilities(of:)``.
    public func logits(of item: DatasetItem) throws -> [Float] {
        try EngineError.checkRoom(forImages: 1, of: network.inputShape)
        return try compiled.logits(of: item)
    }

    /// - Throws: ``ModelError/imageSize(expected:received:)``.
    func preprocessed(_ images: [Float]) throws -> [Float] {
        let shape = network.inputShape
        guard images.count.isMultiple(of: shape.count), !images.isEmpty else {
            throw ModelError.imageSize(expected: shape, received: images.count)
        }
        var images = images
        images.withUnsafeMutableBufferPointer { buffer in
            for first in stride(from: 0, to: buffer.count, by: shape.count) {
                preprocessing.normalize(
                    UnsafeMutableBufferPointer(rebasing: buffer[first..<first + shape.count]), shape: shape)
            }
        }
        return images
    }

    /// The network's outputs for images that have been preprocessed already.
    package func rawLogits(_ images: [Float]) throws -> [Float] { try compiled.logits(images) }

    /// Softmax or sigmoid of ``logits(_:)``, as ``outputs`` says: N × classes; each row of a softmax sums to 1.
    public func probabilities(_ images: [Float]) throws -> [Float] {
        let logits = try logits(images)
        let classes = classes.count
        return stride(from: 0, to: logits.count, by: classes).flatMap {
            compiled.outputs.probabilities(logits[$0..<$0 + classes])
        }
    }

    /// Softmax or sigmoid of the network's outputs for one image, which is written to where the network reads it: a large one is not
    /// in memory several times.
    ///
    /// - Throws: ``EngineError``, before anything is decoded where memory has no room for it, ``PictureError`` and
    ///   ``ModelError/imageSize(expected:received:)`` where it does not fit the network, and why it cannot be decoded.
    public func probabilities(of item: DatasetItem) throws -> [Float] {
        compiled.outputs.probabilities(try logits(of: item)[...])
    }

    /// How the model does on a dataset, read in its own order.
    ///
    /// - Parameters:
    ///   - metrics: what is computed beside loss and accuracy; all of ``MetricCatalog`` that suit the dataset, unless said otherwise.
    ///   - batchSize: images at a time; ``Graph/evaluationBatchSize`` unless said otherwise.
    /// - Throws: ``TrainingError`` where the dataset's images or classes are not the network's, or a value of an image is not
    ///   finite; ``ModelError`` where a parameter's or a logit is not.
    public func evaluate(
        _ dataset: any Dataset, metrics: [any Metric]? = nil, batchSize: Int? = nil
    ) throws -> Evaluation {
        try compiled.check(dataset)
        try compiled.checkParameters()
        let metrics = try checked(metrics, for: dataset)
        return try compiled.evaluate(compiled.loader(of: dataset), metrics: metrics, batchSize: batchSize)
    }

    /// - Throws: ``SettingError`` for a metric that says nothing of such targets.
    private func checked(_ metrics: [any Metric]?, for dataset: any Dataset) throws -> [any Metric] {
        try metrics?.check(for: dataset)
        return [MeanLoss(), Accuracy()]
            + (metrics ?? MetricCatalog.all.filter { $0.fits(dataset.targetKind) })
    }

    /// How the model does on a dataset whose images have one class each, class by class and image by image.
    ///
    /// - Parameters:
    ///   - metrics: what is computed beside loss and accuracy; all of ``MetricCatalog`` that suit the dataset, unless said otherwise.
    ///   - views: how many images of the dataset, one after the other, show the same thing; the probabilities that they get are
    ///     averaged, as AlexNet's ten crops are (Krizhevsky et al., 2012, section 4.1).
    /// - Throws: ``TrainingError`` where the dataset's images or classes are not the network's, ``SettingError`` where its number of
    ///   images is no multiple of the views, or the images have any number of classes.
    public func report(
        on dataset: any Dataset, metrics: [any Metric]? = nil, views: Int = 1, batchSize: Int? = nil
    ) throws -> ClassificationReport {
        guard compiled.outputs == .exclusive else {
            throw SettingError("this model answers with any number of classes: what it does has a multi-label report")
        }
        return try reportSums(on: dataset, metrics: metrics, views: views, batchSize: batchSize).report
    }

    /// How the model does on a dataset whose images have any number of classes, class by class and image by image.
    ///
    /// - Parameters: as of ``report(on:metrics:views:batchSize:)``.
    /// - Throws: as ``report(on:metrics:views:batchSize:)``; ``SettingError`` where the model answers with one class.
    public func multiLabelReport(
        on dataset: any Dataset, metrics: [any Metric]? = nil, views: Int = 1, batchSize: Int? = nil
    ) throws -> MultiLabelReport {
        guard compiled.outputs != .exclusive else {
            throw SettingError("this model answers with one class: what it does has no multi-label report")
        }
        return try reportSums(on: dataset, metrics: metrics, views: views, batchSize: batchSize).multiLabelReport
    }

    /// The one or the other, as the model answers.
    package func anyReport(
        on dataset: any Dataset, metrics: [any Metric]? = nil, views: Int = 1, batchSize: Int? = nil
    ) throws -> any EvaluationReport {
        try reportSums(on: dataset, metrics: metrics, views: views, batchSize: batchSize).anyReport
    }

    private func reportSums(
        on dataset: any Dataset, metrics: [any Metric]?, views: Int, batchSize: Int?
    ) throws -> ReportSums {
        guard views > 0, dataset.count.isMultiple(of: views) else {
            throw SettingError("\(dataset.count) images of \(dataset.name) are not \(views) views each")
        }
        try compiled.check(dataset)
        try compiled.checkParameters()
        let metrics = try checked(metrics, for: dataset)
        return try compiled.reportSums(
            compiled.loader(of: dataset), metrics: metrics, views: views, batchSize: batchSize)
    }

    /// Probabilities of the classes for each image of a dataset, in its order.
    ///
    /// - Throws: ``TrainingError`` where the dataset's images or classes are not the network's, or a value of an image is not
    ///   finite; ``ModelError`` where a parameter's or a logit is not.
    public func probabilities(of dataset: any Dataset, batchSize: Int? = nil) throws -> [[Float]] {
        try compiled.check(dataset, answersTargets: false)
        try compiled.checkParameters()
        return try compiled.probabilities(compiled.loader(of: dataset), batchSize: batchSize)
    }

    // MARK: Training

    /// See ``Trainer/train(_:on:validation:resuming:listeners:)``.
    func train(
        _ trainer: Trainer, on training: any Dataset, validation: (any Dataset)?,
        resuming checkpoint: TrainingCheckpoint?, listeners: sending [any TrainingListener]
    ) throws -> RunEnd {
        let run = try TrainingRun(
            trainer, model: compiled, training: training, validation: validation, resuming: checkpoint)
        do {
            while let event = try advance(run, telling: listeners) {
                for listener in listeners where try listener.handle(event, of: run) == .stop { run.requestStop() }
                if Task.isCancelled { run.requestStop() }
                if case .runEnded(let end) = event {
                    try run.restoreBest()
                    return end
                }
            }
        } catch {
            // The first error says more than one that it leads to.
            try? run.restoreBest()
            throw error
        }
        preconditionFailure("a run ends with an event that says so")
    }

    private func advance(_ run: TrainingRun, telling listeners: [any TrainingListener]) throws -> TrainingEvent? {
        do {
            return try run.advance()
        } catch {
            for listener in listeners { _ = try? listener.handle(.runFailed(error), of: run) }
            throw error
        }
    }

    func makeRun(
        _ trainer: Trainer, on training: any Dataset, validation: (any Dataset)?, resuming: TrainingCheckpoint?
    ) throws -> TrainingRunReference {
        TrainingRunReference(
            try TrainingRun(trainer, model: compiled, training: training, validation: validation, resuming: resuming))
    }

    /// The run's next event, steps left out for a tenth of a second.
    func advance(_ reference: TrainingRunReference) throws -> TrainingEvent? {
        let start = ContinuousClock.now
        do {
            while let event = try reference.run.advance() {
                try Task.checkCancellation()
                if case .stepCompleted(let report) = event, report.step < report.stepsPerEpoch,
                    ContinuousClock.now - start < .milliseconds(100)
                {
                    continue
                }
                if case .runEnded = event { try reference.run.restoreBest() }
                return event
            }
            return nil
        } catch {
            try? reference.run.restoreBest()
            throw error
        }
    }

    /// Runs `body` on the model's thread with its plans. For measuring.
    package func withTrainingPlan<T: Sendable>(
        batchSize: Int, _ configuration: TrainingConfiguration, _ body: @Sendable (any TrainingPlan) throws -> T
    ) throws -> T {
        try body(try compiled.trainingPlan(batchSize: batchSize, configuration))
    }

    /// The memory that a plan would take beside the parameters, in bytes; nil where the engine cannot tell.
    ///
    /// - Parameter training: nil for a plan that only predicts.
    public func planBytes(batchSize: Int, training: TrainingConfiguration? = nil) throws -> Int? {
        try compiled.planBytes(batchSize: batchSize, training: training)
    }

    /// The threads that a plan would compute with; nil where the engine cannot tell.
    ///
    /// - Parameter training: nil for a plan that only predicts.
    public func planThreads(batchSize: Int, training: TrainingConfiguration? = nil) -> Int? {
        compiled.planThreads(batchSize: batchSize, training: training)
    }

    package func measureLimits() -> MachineLimits? { compiled.measureLimits() }

    package func withInferencePlan<T: Sendable>(
        batchSize: Int, _ body: @Sendable (any Plan) throws -> T
    ) throws -> T {
        try body(try compiled.inferencePlan(batchSize: batchSize))
    }
}
