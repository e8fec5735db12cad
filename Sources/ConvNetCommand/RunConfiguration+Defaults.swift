import ConvNet
import Foundation

/// The settings that neither a file nor the command line gives, which are chosen for the images and the network.
struct OpenSettings {
    private let file: PartialConfiguration?
    private let given: PartialConfiguration
    /// The learning rate that was given to the optimizer of the run; another's, in the file, does not count.
    private let learningRate: Double?
    private let hasMomentum: Bool

    /// - Parameter configuration: both sources together, of which the optimizer's settings are nil where none gives them.
    init(file: PartialConfiguration?, given: PartialConfiguration, in configuration: RunConfiguration) {
        self.file = file
        self.given = given
        learningRate = configuration.learningRate
        hasMomentum = configuration.momentum != nil || configuration.nesterov != nil
    }

    /// What is said of a setting.
    private func said<Value>(_ setting: KeyPath<PartialConfiguration, Value?>) -> Value? {
        given[keyPath: setting] ?? file?[keyPath: setting]
    }

    /// Settings that can be checked before the images are known. A number of epochs that is still to be chosen is enough for
    /// any warm-up.
    func sketch(of configuration: RunConfiguration) -> RunConfiguration {
        var sketch = configuration
        if said(\.epochs) == nil { sketch.epochs = RunConfiguration.mostEpochs }
        return sketch
    }

    /// The configuration with everything chosen, and sentences on what and why.
    ///
    /// - Parameter ownShape: what ``DataPreparation/ownShape(of:)`` says of the images, the size that is given included.
    /// - Throws: where the network cannot be built for the images.
    func chosen(
        in configuration: RunConfiguration, for images: ImageDatasets, ownShape: (channels: Int, size: Size?)
    ) throws -> (configuration: RunConfiguration, sentences: [String]) {
        let split = try configuration.split.map { try SplitFile(contentsOf: URL(filePath: $0)) }
        let classes = images.train.classes.count
        let data = RunDefaults.Data(
            imageCount: split?.train.count ?? images.train.count, classCount: classes, channels: ownShape.channels,
            size: ownShape.size,
            hasValidation: images.validation != nil || split != nil)
        let entry = try NetworkCatalog.entry(named: configuration.model)
        let defaults = try RunDefaults(
            for: data,
            given: RunDefaults.Given(
                batchSize: said(\.batchSize), accumulationSteps: said(\.accumulate), epochs: said(\.epochs),
                optimizer: said(\.optimizer), learningRate: learningRate, hasMomentum: hasMomentum,
                schedule: said(\.schedule), validation: said(\.validation), test: configuration.test,
                augmentation: said(\.augment)),
            networkInput: entry.inputShape
        ) { try entry.network(for: $0, classes: classes) }
        var result = configuration
        result.size = defaults.size.option
        result.batchSize = defaults.batchSize
        result.epochs = defaults.epochs
        result.optimizer = defaults.optimizer
        result.learningRate = defaults.learningRate
        result.schedule = defaults.schedule
        result.validation = defaults.validation
        result.augment = defaults.augmentation
        result = try result.resolved()
        return (result, [sentence(on: defaults, result, for: data), adviceForFew(data)].compactMap { $0 })
    }

    /// What was chosen, as it would be typed, and why.
    private func sentence(
        on defaults: RunDefaults, _ chosen: RunConfiguration, for data: RunDefaults.Data
    ) -> String? {
        var parts: [String] = []
        if said(\.size) == nil, data.size == nil { parts.append("--size \(defaults.size.option)") }
        if said(\.epochs) == nil {
            let minutes = defaults.operations / 100e9 / 60
            parts.append("--epochs \(defaults.epochs) (\(minutes.threeDigits) minutes at 100 GFLOP/s)")
        }
        if said(\.batchSize) == nil {
            parts.append("--batch-size \(defaults.batchSize) (\(defaults.stepsPerEpoch.counted("step")) an epoch)")
        }
        if said(\.optimizer) == nil {
            let reason = data.imageCount < RunDefaults.manyImages ? "few images" : "deep, without batch norm"
            parts.append(
                "--optimizer \(defaults.optimizer)" + (defaults.optimizer == AdamW.kind ? " (\(reason))" : ""))
        }
        if learningRate == nil, let rate = chosen.learningRate { parts.append("--learning-rate \(rate)") }
        if said(\.schedule) == nil { parts.append("--schedule \(defaults.schedule)") }
        if said(\.validation) == nil, !data.hasValidation { parts.append("--validation \(defaults.validation)") }
        if said(\.augment) == nil {
            let reason = defaults.augmentation == .light ? " (it mirrors; none where left and right differ)" : ""
            parts.append("--augment \(defaults.augmentation.rawValue)\(reason)")
        }
        guard !parts.isEmpty else { return nil }
        return "chosen: " + parts.joined(separator: ", ")
    }

    /// Photographs of which so few are there cannot show a network what the world looks like.
    private func adviceForFew(_ data: RunDefaults.Data) -> String? {
        guard data.imageCount < 1000, data.channels == 3, data.size == nil else { return nil }
        return
            "\(data.imageCount.grouped) photos are few to learn from: a network that has learnt from many others' would do "
            + "better, and this one starts from nothing"
    }
}

extension PartialConfiguration {
    /// Whether a run has left this file, with everything chosen: nothing is chosen anew then. Of earlier versions it may name
    /// no size, and means the images' or the network's own.
    var isFinished: Bool {
        epochs != nil && batchSize != nil && optimizer != nil && learningRate != nil && schedule != nil
            && validation != nil && augment != nil && dataset != nil && model != nil
    }
}

extension Size {
    /// As `--size` takes it.
    fileprivate var option: String { height == width ? "\(height)" : "\(height)x\(width)" }
}
