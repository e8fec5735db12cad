import ConvNet

/// Settings that were given, in a file or on the command line; nil where nothing was.
struct PartialConfiguration: Codable, Equatable {
    var dataset: String?
    var model: String?
    var epochs: Int?
    var batchSize: Int?
    var accumulate: Int?
    var optimizer: String?
    var learningRate: Double?
    var momentum: Double?
    var nesterov: Bool?
    var beta1: Double?
    var beta2: Double?
    var alpha: Double?
    var centered: Bool?
    var epsilon: Double?
    var weightDecay: Double?
    var decayBiasesAndNorms: Bool?
    var groups: [GroupSetting]?
    var clipNorm: Double?
    var clipValue: Double?
    var loss: String?
    var labelSmoothing: Double?
    var classWeights: [Double]?
    var schedule: String?
    var warmup: Double?
    var average: Double?
    var patience: Int?
    var minimumImprovement: Double?
    var monitor: EarlyStopping.Measure?
    var validation: Double?
    var test: Double?
    var size: String?
    var augment: AugmentationPreset?
    var mixup: Double?
    var cutmix: Double?
    var balance: ClassBalance?
    var groupBy: String?
    var split: String?
    var skipBadImages: Bool?
    var cache: String?
    var seed: UInt64?
    var engine: String?
    var threads: Int?
    var precision: Precision?
    var algorithms: AlgorithmChoice?

    typealias CodingKeys = RunConfiguration.CodingKeys

    /// The settings given here in the place of those in `configuration`.
    ///
    /// Another optimizer starts from its own defaults: rates and decays that suit the one do not suit the other.
    func applied(to configuration: RunConfiguration) -> RunConfiguration {
        var result = configuration
        if let optimizer, optimizer != configuration.optimizer { result.clearOptimizerSettings() }
        func set<T>(_ path: WritableKeyPath<RunConfiguration, T>, _ value: T?) {
            if let value { result[keyPath: path] = value }
        }
        func set<T>(_ path: WritableKeyPath<RunConfiguration, T?>, _ value: T?) {
            if let value { result[keyPath: path] = value }
        }
        set(\.dataset, dataset)
        set(\.model, model)
        set(\.epochs, epochs)
        set(\.batchSize, batchSize)
        set(\.accumulate, accumulate)
        set(\.optimizer, optimizer)
        set(\.learningRate, learningRate)
        set(\.momentum, momentum)
        set(\.nesterov, nesterov)
        set(\.beta1, beta1)
        set(\.beta2, beta2)
        set(\.alpha, alpha)
        set(\.centered, centered)
        set(\.epsilon, epsilon)
        set(\.weightDecay, weightDecay)
        set(\.decayBiasesAndNorms, decayBiasesAndNorms)
        set(\.groups, groups)
        set(\.clipNorm, clipNorm)
        set(\.clipValue, clipValue)
        set(\.loss, loss)
        set(\.labelSmoothing, labelSmoothing)
        set(\.classWeights, classWeights)
        set(\.schedule, schedule)
        set(\.warmup, warmup)
        set(\.average, average)
        set(\.patience, patience)
        set(\.minimumImprovement, minimumImprovement)
        set(\.monitor, monitor)
        set(\.validation, validation)
        set(\.test, test)
        set(\.size, size)
        set(\.augment, augment)
        set(\.mixup, mixup)
        set(\.cutmix, cutmix)
        set(\.balance, balance)
        set(\.groupBy, groupBy)
        set(\.split, split)
        set(\.skipBadImages, skipBadImages)
        set(\.cache, cache)
        set(\.seed, seed)
        set(\.engine, engine)
        set(\.threads, threads)
        set(\.precision, precision)
        set(\.algorithms, algorithms)
        return result
    }
}
