import ConvNet
import ConvNetEngine
import ConvNetGraph
import ConvNetPages
import ConvNetVision
import Foundation

/// What is chosen for images and a network where neither a file nor an option has said it.
struct SettingChoice {
    /// With everything chosen.
    var configuration: RunConfiguration
    /// What to tell the user: a sentence each.
    var sentences: [String] = []
    /// Why, by the settings' keys.
    var reasons: [String: String] = [:]

    private let data: RunDefaults.Data
    private let defaults: RunDefaults

    /// - Parameters:
    ///   - said: what has been said, of which another optimizer's settings are nil.
    ///   - ownShape: what `DataPreparation.ownShape(of:)` says of the images, the size that is given included.
    ///   - split: which images are in which part, where that has been decided.
    /// - Throws: where the network cannot be built for the images.
    init(
        _ said: RunConfiguration, for images: DatasetParts, ownShape: OwnShape, split: SplitFile?,
        networkInput: Shape, network: (Shape) throws -> Network
    ) throws {
        data = RunDefaults.Data(
            imageCount: split?.train.count ?? images.train.count, classCount: images.train.classes.count,
            channels: ownShape.channels, size: ownShape.size,
            hasValidation: images.validation != nil || split != nil)
        defaults = try RunDefaults(
            for: data,
            given: RunDefaults.Given(
                batchSize: said.said(\.batchSize), accumulationSteps: said.said(\.accumulate),
                epochs: said.said(\.epochs), optimizer: said.said(\.optimizer), learningRate: said.learningRate,
                hasMomentum: said.momentum != nil || said.nesterov != nil, schedule: said.said(\.schedule),
                validation: said.said(\.validation), test: said.test, augmentation: said.said(\.augment)),
            networkInput: networkInput, network: network)
        configuration = said
        configuration.size = defaults.size.setting
        configuration.batchSize = defaults.batchSize
        configuration.epochs = defaults.epochs
        configuration.optimizer = defaults.optimizer
        configuration.learningRate = defaults.learningRate
        configuration.schedule = defaults.schedule
        configuration.validation = defaults.validation
        configuration.augment = defaults.augmentation
        configuration = try configuration.resolved()
        describe(said)
        if let advice = adviceForFew { sentences.append(advice) }
    }

    /// Says what was chosen, as it would be typed, and why.
    private mutating func describe(_ said: RunConfiguration) {
        var parts: [String] = []
        func add(_ setting: some RunSetting, _ value: Any, _ reason: String? = nil) {
            guard !said.isSaid(setting) else { return }
            parts.append("--\(setting.key.replacing("_", with: "-")) \(value)" + (reason.map { " (\($0))" } ?? ""))
            reasons[setting.key] = reason ?? "for the images and the network"
        }
        let settings = RunSettings.shared
        if data.size == nil { add(settings.size, defaults.size.setting) }
        let minutes = defaults.operations / 100e9 / 60
        add(settings.epochs, defaults.epochs, "\(minutes.threeDigits) minutes at 100 GFLOP/s")
        add(settings.batchSize, defaults.batchSize, "\(defaults.stepsPerEpoch.counted("step")) an epoch")
        let fewOrDeep = data.imageCount < RunDefaults.manyImages ? "few images" : "deep, without batch norm"
        add(settings.optimizer, defaults.optimizer, defaults.optimizer == AdamW.kind ? fewOrDeep : nil)
        if let rate = configuration.learningRate { add(settings.learningRate, rate) }
        add(settings.schedule, defaults.schedule)
        if !data.hasValidation { add(settings.validation, defaults.validation) }
        add(
            settings.augment, defaults.augmentation.rawValue,
            defaults.augmentation == .light ? "it mirrors; none where left and right differ" : nil)
        if !parts.isEmpty { sentences.append("chosen: " + parts.joined(separator: ", ")) }
    }

    /// Photographs of which so few are there cannot show a network what the world looks like.
    private var adviceForFew: String? {
        guard data.imageCount < 1000, data.channels == 3, data.size == nil else { return nil }
        return
            "\(data.imageCount.grouped) photos are few to learn from: a network that has learnt from many others' would do "
            + "better, and this one starts from nothing"
    }
}

extension RunConfiguration {
    /// Settings that can be checked before the images are known. A number of epochs that is still to be chosen is enough for any
    /// warm-up.
    func sketch() throws -> RunConfiguration {
        var sketch = self
        if said(\.epochs) == nil { sketch.epochs = Self.mostEpochs }
        return try sketch.resolved()
    }
}
