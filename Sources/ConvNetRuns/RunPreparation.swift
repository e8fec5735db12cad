import ConvNet
import ConvNetEngine
import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import ConvNetVision
import ConvNetZoo
import Foundation

/// Told what takes long before a run's first step.
public protocol RunProgress {
    /// Opens a dataset by calling `body`.
    func opening<Result>(_ dataset: String, _ body: () throws -> Result) rethrows -> Result

    /// So many pictures of a part have been read.
    func reading(_ part: String, _ read: Int, of all: Int) throws

    /// All have been read, or reading has failed.
    func endReading()
}

/// Tells nobody.
public struct SilentProgress: RunProgress {
    public init() {}
    public func opening<Result>(_ dataset: String, _ body: () throws -> Result) rethrows -> Result { try body() }
    public func reading(_ part: String, _ read: Int, of all: Int) {}
    public func endReading() {}
}

/// What is settled before any picture is read to its end: the settings, the network and how the dataset is made ready.
struct RunPreparation {
    let configuration: RunConfiguration
    let trainer: Trainer
    let network: NetworkSource
    private(set) var notes: [String] = []
    private(set) var reasons: [String: String] = [:]

    private let own: Run.Own
    private let progress: any RunProgress
    private let split: SplitFile?
    private let opened: (images: DatasetParts, ownShape: OwnShape)?

    /// Of a new run, of which the images decide on what is open.
    init(_ said: RunConfiguration, _ own: Run.Own, _ progress: any RunProgress) throws {
        let said = said.forOverfitting
        (self.own, self.progress) = (own, progress)
        split = try said.split.map { try SplitFile(contentsOf: URL(filePath: $0)) }
        guard !said.isComplete else {
            opened = nil
            let said = try said.resolved()
            network = try Self.network(said, own)
            configuration = said.keeping(network)
            trainer = try configuration.trainer(own)
            return
        }
        var named = said.named(own)
        // Weights that only one loss has name it, too.
        if named.positiveWeights != nil, named.said(\.loss) == nil { named.loss = BinaryCrossEntropy.kind }
        let given = try named.model == nil ? nil : Self.network(named, own)
        if let given { named = named.keeping(given) }
        // What is wrong with the settings is better known before pictures are looked at.
        let sketch = try named.sketch()
        _ = try sketch.trainer(own)
        let preparation = try sketch.dataPreparation()
        let name = named.dataset ?? ""
        let opened = try progress.opening(name) {
            let images = try named.selecting(from: own.images ?? DatasetCatalog.open(name))
            return (images: images, ownShape: try preparation.ownShape(of: images.train))
        }
        self.opened = opened
        if opened.images.train.targetKind == .labels, own.loss == nil, named.said(\.loss) == nil {
            named.loss = BinaryCrossEntropy.kind
        }
        named.objective = named.objective ?? Self.objective(for: opened.images.train.targetKind)
        if let given {
            network = given
        } else {
            let choice = DefaultNetwork.name(
                images: opened.images.train.count, channels: opened.ownShape.channels, size: opened.ownShape.size)
            notes.append(
                "the network is \(choice.name), for \(choice.reason); --model NAME takes another ('convnet zoo' lists them)"
            )
            reasons[RunSettings.shared.model.key] = choice.reason
            network = try NetworkSource(choice.name)
            named.model = network.text
        }
        let network = network
        let choice = try SettingChoice(
            named, for: opened.images, ownShape: opened.ownShape, split: split, networkInput: network.inputShape
        ) { try network.network(for: $0, classes: opened.images.train.classes.count) }
        notes += choice.sentences
        reasons.merge(choice.reasons) { $1 }
        configuration = choice.configuration
        trainer = try configuration.trainer(own)
    }

    /// Of a run that goes on.
    init(
        resuming configuration: RunConfiguration, _ split: SplitFile?, _ own: Run.Own, _ progress: any RunProgress
    ) throws {
        (self.own, self.progress) = (own, progress)
        self.configuration = configuration
        self.split = split
        opened = nil
        trainer = try configuration.trainer(own)
        network = try Self.network(configuration, own)
    }

    /// What epochs are compared by where nobody has said it. Few images with several classes have all of them right: what is a little
    /// better shows in the order of the images first.
    private static func objective(for kind: TargetKind) -> String {
        kind == .labels ? MeanAveragePrecision().name : Accuracy().name
    }

    private static func network(_ configuration: RunConfiguration, _ own: Run.Own) throws -> NetworkSource {
        try own.network.map { NetworkSource($0, name: configuration.model ?? "network") }
            ?? NetworkSource(configuration.model ?? "")
    }

    /// The images, ready for the network. Reads all pictures.
    func data() throws -> PreparedData {
        var preparation = try configuration.dataPreparation()
        preparation.split = split
        let name = configuration.dataset ?? own.images?.name ?? ""
        let images =
            try opened?.images
            ?? configuration.selecting(
                from: own.images ?? progress.opening(name) { try DatasetCatalog.open(name) }, isDivided: split != nil)
        defer { progress.endReading() }
        return try preparation.prepare(
            images, networkInput: network.inputShape, ownShape: opened?.ownShape, progress: progress.reading)
    }
}

extension RunConfiguration {
    /// The network that the settings make; nil where its name is none that the catalog has, but a program's own.
    ///
    /// - Throws: `NetworkTextError` for a text that makes none.
    package func network() throws -> NetworkSource? {
        let model = self.model ?? ""
        if model.contains("\n") { return try NetworkSource(model) }
        do {
            return NetworkSource(try NetworkCatalog.entry(named: model))
        } catch is UnknownNetwork {
            return nil
        }
    }

    /// With the text that makes the network again, and the size of one that takes no other.
    fileprivate func keeping(_ network: NetworkSource) -> RunConfiguration {
        var result = self
        result.model = network.text
        if network.isFixed { result.size = self.size ?? network.inputShape.size.setting }
        return result
    }

    /// With names for what a program gives as values, by which a run that goes on is told.
    fileprivate func named(_ own: Run.Own) -> RunConfiguration {
        var result = self
        if let images = own.images, self.dataset == nil { result.dataset = images.name }
        if own.network != nil { result.model = self.model ?? "network" }
        return result
    }

    /// What these settings and a program's own values come to.
    fileprivate func trainer(_ own: Run.Own) throws -> Trainer {
        var trainer = try trainer(metrics: own.metrics)
        if let loss = own.loss { trainer.loss = loss }
        if let optimizer = own.optimizer { trainer.optimizer = optimizer }
        return trainer
    }

    /// The images of a run with these settings, as ``Run/data`` has them.
    ///
    /// - Parameters:
    ///   - split: which images are in which part, where that has been decided.
    ///   - own: what the program gives as values.
    public func preparedData(
        split: SplitFile?, own: Run.Own = Run.Own(), progress: any RunProgress = SilentProgress()
    ) throws -> PreparedData {
        try RunPreparation(resuming: self, split, own, progress).data()
    }
}
