import ConvNetEngine
import ConvNetGraph
import Foundation

/// A training run at rest: everything needed to go on and come to the same end, bit for bit.
///
/// In a file it is one safetensors file: `parameters.<name>`, `optimizer.<array>.<name>` (the weights' average among these
/// arrays), `best.<name>`, and the rest as JSON in the metadata. The best weights may instead be in a model file beside it,
/// which it then names.
public struct TrainingCheckpoint: Sendable {
    /// What the run was started with.
    public private(set) var settings: Settings
    /// What the run learns from; nil in files that are older than this.
    public let data: DataFingerprint?
    /// What did the arithmetic. Another version, other instructions, or another number of threads may give other bits.
    public let engine: String
    /// The processor's instructions that the engine used; nil in files that are older than this.
    public let instructions: String?
    /// The version of the library's own arithmetic that the run computed with; 1 where the file is older than these.
    public let arithmetic: Int
    /// The threads that the engine used.
    public let threads: Int
    /// The numbers that the engine computed with.
    public let precision: Precision
    /// The engine's choices of algorithms, which a run that goes on adopts; see ``EngineSession/algorithms``.
    public let algorithms: [String: String]
    /// Epochs that are done.
    public let finishedEpochs: Int
    /// Steps done in the epoch after those.
    public let stepsInEpoch: Int
    let sums: TrainingRun.Sums
    /// The best epoch so far by validation; nil before there is one.
    public let best: BestEpoch?
    let validationHistory: ValidationHistory
    let trouble: TroubleWatch.State

    /// What is trained, as model files hold it; nil in files that are older than this.
    let graphText: String?
    let parameterNames: [String]
    let parameterShapes: [[Int]]
    let parameters: [[Float]]
    let optimizerStates: [String: [[Float]]]
    let bestParameters: [[Float]]?
    /// Whether the file that this was read from has checksums, which have been compared; those of earlier versions have none.
    public private(set) var hasChecksums = true
    /// The file that the best weights were read from; nil where that is the checkpoint's own.
    public private(set) var bestFile: ModelReference?

    /// A model file in the directory of a checkpoint.
    public struct ModelReference: Hashable, Codable, Sendable {
        /// Without directories.
        public var name: String
        /// What the checkpoint was written with.
        public var checksum: FileChecksum

        /// A file and what is in it.
        public init(name: String, checksum: FileChecksum) {
            self.name = name
            self.checksum = checksum
        }
    }

    func check(_ settings: Settings, _ data: DataFingerprint, network: Network) throws {
        guard parameterNames == network.parameters.map(\.name), parameterShapes == network.parameters.map(\.shape)
        else {
            throw TrainingError.checkpointMismatch("its network has other parameters")
        }
        if let difference = difference(of: network.graph) {
            throw TrainingError.checkpointMismatch("its network is another one: \(difference)")
        }
        var recorded = self.settings
        recorded.evaluationBatchSize = evaluationBatchSize
        guard settings == recorded else {
            throw TrainingError.checkpointMismatch(settings.difference(from: recorded))
        }
        if let difference = self.data.flatMap(data.difference) {
            throw TrainingError.checkpointMismatch(difference)
        }
        guard isReachable(in: network) else {
            throw TrainingError.checkpointMismatch(
                "no run stands at epoch \(finishedEpochs), step \(stepsInEpoch), with such counts")
        }
    }

    /// In what a graph is not that of the checkpoint, as a sentence; nil where it is.
    package func difference(of graph: Graph) -> String? {
        guard graphText != nil else { return nil }
        let customLayers = graph.nodes.compactMap { ($0.operation as? any CustomLayer).map { type(of: $0) } }
        guard let recorded = self.graph(customLayers: customLayers) else {
            return "it has layers that this one does not have, or cannot be read"
        }
        return graph.firstDifference(from: recorded)
    }

    /// What is trained; nil in files that are older than this, and where it has layers that are not known.
    package func graph(customLayers: [any CustomLayer.Type] = []) -> Graph? {
        graphText.flatMap { try? JSONText.decode(Graph.self, from: Data($0.utf8), customLayers: customLayers) }
    }

    /// Whether a run of these settings, which have been checked, can come to where this one stands.
    private func isReachable(in network: Network) -> Bool {
        let division = BatchDivision(
            images: settings.imageCount, batchSize: settings.batchSize, partSize: settings.batchSize,
            smallest: network.graph.smallestTrainingBatch(frozenNorms: settings.frozen.map(network.graph.norms)))
        let lastStep = finishedEpochs == settings.epochs ? 0 : division.count
        // The number of epochs may be anything; nobody has done more than this.
        guard (0...min(settings.epochs, Int(Int32.max))).contains(finishedEpochs), (0...lastStep).contains(stepsInEpoch)
        else { return false }
        guard sums.images == (stepsInEpoch == 0 ? 0 : division.batch(stepsInEpoch - 1).upperBound),
            (0...sums.images).contains(sums.correct), validationHistory.isPossible(afterEpochs: finishedEpochs)
        else { return false }
        guard let best else { return bestParameters == nil }
        return bestParameters != nil && best.epoch >= 1 && best.epoch <= finishedEpochs
    }
}

extension TrainingCheckpoint {
    /// The images that the run's validations compute at a time.
    public var evaluationBatchSize: Int {
        let sizes = Trainer.evaluationBatchSizes
        return min(max(settings.evaluationBatchSize ?? 128, sizes.lowerBound), sizes.upperBound)
    }

    /// Whether all epochs of its run are done.
    public var isFinished: Bool { finishedEpochs > 0 && finishedEpochs == settings.epochs && stepsInEpoch == 0 }

    /// What a finished run goes on from for more epochs than it was started for.
    ///
    /// - Parameter epochs: of the whole run; more than are done.
    /// - Throws: ``SettingError`` where the run is not finished, or there are no more epochs.
    public func extended(toEpochs epochs: Int) throws(SettingError) -> TrainingCheckpoint {
        guard isFinished, epochs > finishedEpochs else {
            throw SettingError(
                "only a finished run goes on for more epochs: \(finishedEpochs) of \(settings.epochs) are done, "
                    + "\(epochs) are wanted")
        }
        var result = self
        result.settings.epochs = epochs
        return result
    }

    /// The learning rate of the step before the next, and of the next, where another schedule takes over here.
    ///
    /// - Parameter steps: in an epoch.
    package func learningRates(from former: Trainer, to trainer: Trainer, stepsPerEpoch steps: Int) -> (Float, Float) {
        let next = finishedEpochs.saturatingProduct(steps)
        func rate(_ trainer: Trainer, _ step: Int) -> Float {
            trainer.learningRate(
                step: step, stepsPerEpoch: steps, reductions: validationHistory.plateau.reductions)
        }
        return (rate(former, max(0, next - 1)), rate(trainer, next))
    }
}

extension TrainingCheckpoint {
    /// What computes otherwise here than where the checkpoint was made, as the beginning of a sentence; nil where nothing does.
    ///
    /// - Parameters:
    ///   - engine: what goes on.
    ///   - algorithms: what computes its plans; nil where they are not compiled yet.
    public func arithmeticDifference(from engine: any Engine, algorithms: [String: String]? = nil) -> String? {
        func sentence(_ recorded: String, _ here: String) -> String {
            "the run was made with \(recorded), this is \(here)"
        }
        let current = ArithmeticVersion.current
        if self.engine != engine.version { return sentence(self.engine, engine.version) }
        if arithmetic != current {
            return sentence("version \(arithmetic) of the arithmetic", "version \(current)")
        }
        if let instructions, instructions != engine.instructions { return sentence(instructions, engine.instructions) }
        if threads != engine.threads { return sentence("threads: \(threads)", "threads: \(engine.threads)") }
        guard let algorithms, algorithms.contains(where: { self.algorithms[$0] != $1 }) else { return nil }
        return "some convolutions are computed by other algorithms than before"
    }
}

// MARK: - Files

extension TrainingCheckpoint {
    private static let metadataKey = "convnet.checkpoint"
    private static let graphKey = "convnet.graph"
    /// Files with all weights have version 2, those that name a file with the best ones version 3.
    private static let versions = 2...3

    private struct Version: Decodable {
        var version: Int
    }

    private struct Metadata: Codable {
        var version: Int
        var settings: Settings
        /// Missing in files that are older than this.
        var data: DataFingerprint?
        var engine: String
        /// Missing in files that are older than this.
        var instructions: String?
        /// Missing in files that are older than versions of the arithmetic.
        var arithmetic: Int?
        var threads: Int
        /// This and the algorithms are missing in older files, whose engines had no choice.
        var precision: Precision?
        var algorithms: [String: String]?
        var finishedEpochs: Int
        var stepsInEpoch: Int
        var sums: TrainingRun.Sums
        var best: BestEpoch?
        var validationHistory: ValidationHistory
        /// Missing in files that are older than the watch.
        var trouble: TroubleWatch.State?
        var parameterNames: [String]
        var optimizerStates: [String]
        var hasBestParameters: Bool
        var bestFile: ModelReference?
    }

    /// Writes the checkpoint; whatever happens, `url` holds either this one or what it held before.
    ///
    /// - Throws: ``FileWriteError``.
    public func write(to url: URL) throws { try write(to: url, bestIn: nil) }

    /// Writes the checkpoint.
    ///
    /// - Parameter file: a file in the same directory, whole and on disk, which has the best weights under their parameters'
    ///   names; nil writes them into the checkpoint. It has to stay as it is for as long as the checkpoint does.
    package func write(to url: URL, bestIn file: ModelReference?) throws {
        try write(to: url, bestIn: file) { state, index in
            (state.map { optimizerStates[$0] ?? [] } ?? parameters)[index]
        }
    }

    /// Writes the checkpoint with parameters and optimizer states that are not in it, one at a time.
    ///
    /// - Parameter values: those of the optimizer's array of that name for a parameter, or without a name its own.
    func write(
        to url: URL, bestIn file: ModelReference?,
        values: (_ optimizerState: String?, _ parameter: Int) throws -> [Float]
    ) throws {
        let metadata = Metadata(
            version: file == nil ? Self.versions.lowerBound : Self.versions.upperBound, settings: settings,
            data: data, engine: engine, instructions: instructions, arithmetic: arithmetic, threads: threads,
            precision: precision, algorithms: algorithms,
            finishedEpochs: finishedEpochs, stepsInEpoch: stepsInEpoch, sums: sums, best: best,
            validationHistory: validationHistory, trouble: trouble, parameterNames: parameterNames,
            optimizerStates: optimizerStates.keys.sorted(),
            hasBestParameters: bestParameters != nil, bestFile: file)
        let json = String(decoding: try JSONEncoder.sorted.encode(metadata), as: UTF8.self)
        var texts = [Self.metadataKey: json, "format": "pt"]
        texts[Self.graphKey] = graphText
        var writer = SafetensorsWriter(metadata: texts, checksums: true)
        var sources: [String: (optimizerState: String?, parameter: Int)] = [:]
        func append(prefix: String, _ optimizerState: String?) throws {
            for (index, name) in parameterNames.enumerated() {
                sources[prefix + name] = (optimizerState, index)
                try writer.append(prefix + name, shape: parameterShapes[index])
            }
        }
        try append(prefix: "parameters.", nil)
        for name in optimizerStates.keys { try append(prefix: "optimizer.\(name).", name) }
        if let bestParameters, file == nil {
            for (index, name) in parameterNames.enumerated() {
                try writer.append("best." + name, shape: parameterShapes[index], floats: bestParameters[index])
            }
        }
        _ = try writer.writeReturningChecksum(to: url) { name in
            try sources[name].map { try values($0.optimizerState, $0.parameter) } ?? []
        }
    }

    /// - Throws: ``SafetensorsError`` for a file that is not whole, ``TrainingError/checkpointMismatch(_:)`` for one that is
    ///   no checkpoint, ``TrainingError/bestModelUnusable(file:problem:)`` where it names a file that is not as it was.
    public init(contentsOf url: URL) throws {
        let file = try SafetensorsFile(contentsOf: url)
        guard let json = file.metadata[Self.metadataKey] else {
            throw TrainingError.checkpointMismatch("\(file.name) is not a checkpoint")
        }
        func decode<T: Decodable>(_ type: T.Type) throws(TrainingError) -> T {
            guard let value = try? JSONText.decode(type, from: Data(json.utf8)) else {
                throw .checkpointMismatch("the metadata of \(file.name) cannot be read")
            }
            return value
        }
        // Other versions have other keys.
        let version = try decode(Version.self).version
        guard Self.versions.contains(version) else {
            throw TrainingError.checkpointMismatch(
                "\(file.name) has version \(version), not \(Self.versions.lowerBound) or \(Self.versions.upperBound)")
        }
        let metadata = try decode(Metadata.self)
        func read(prefix: String, in source: SafetensorsFile) throws -> [[Float]] {
            try metadata.parameterNames.map { name in
                let values = try source.floats(named: prefix + name)
                guard source.tensors[prefix + name]?.shape == file.tensors["parameters." + name]?.shape else {
                    throw TrainingError.checkpointMismatch("\(prefix + name) has another shape than its parameter")
                }
                return values
            }
        }
        hasChecksums = file.hasChecksums
        settings = metadata.settings
        data = metadata.data
        engine = metadata.engine
        instructions = metadata.instructions
        arithmetic = metadata.arithmetic ?? 1
        threads = metadata.threads
        precision = metadata.precision ?? .fp32
        algorithms = metadata.algorithms ?? [:]
        finishedEpochs = metadata.finishedEpochs
        stepsInEpoch = metadata.stepsInEpoch
        sums = metadata.sums
        best = metadata.best
        validationHistory = metadata.validationHistory
        trouble = metadata.trouble ?? TroubleWatch.State()
        graphText = file.metadata[Self.graphKey]
        parameterNames = metadata.parameterNames
        parameters = try read(prefix: "parameters.", in: file)
        parameterShapes = parameterNames.map { file.tensors["parameters." + $0]?.shape ?? [] }
        optimizerStates = Dictionary(
            uniqueKeysWithValues: try Set(metadata.optimizerStates).map {
                ($0, try read(prefix: "optimizer.\($0).", in: file))
            })
        bestFile = metadata.bestFile
        if let bestFile {
            bestParameters = try read(prefix: "", in: bestFile.open(in: url.deletingLastPathComponent()))
        } else {
            bestParameters = metadata.hasBestParameters ? try read(prefix: "best.", in: file) : nil
        }
    }
}

extension TrainingCheckpoint.ModelReference {
    /// - Throws: ``TrainingError/bestModelUnusable(file:problem:)``, ``SafetensorsError``.
    fileprivate func open(in directory: URL) throws -> SafetensorsFile {
        let url = directory.appending(path: name)
        func unusable(_ problem: String) -> TrainingError { .bestModelUnusable(file: url.path, problem: problem) }
        guard !name.isEmpty, !name.contains("/"), !name.contains("\0") else {
            throw unusable("is not in the checkpoint's own directory")
        }
        guard try url.isThere() else { throw unusable("is missing") }
        let content = try SafetensorsFile.content(of: url)
        guard FileChecksum(of: content) == checksum else { throw unusable("has been changed since") }
        return try SafetensorsFile(data: content, name: url.path)
    }
}
