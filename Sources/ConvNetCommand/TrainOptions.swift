import ArgumentParser
import ConvNetRuns

/// How weights are changed.
struct UpdateOptions: ParsableArguments {
    @Option(help: .of(\.optimizer), completion: .list(OptimizerRegistry.kinds)) var optimizer: String?
    @Option(help: .of(\.learningRate)) var learningRate: Double?
    @Option(help: .of(\.momentum)) var momentum: Double?
    @Flag(inversion: .prefixedNo, help: .of(\.nesterov)) var nesterov: Bool?
    @Option(help: .of(\.beta1)) var beta1: Double?
    @Option(help: .of(\.beta2)) var beta2: Double?
    @Option(help: .of(\.alpha)) var alpha: Double?
    @Flag(inversion: .prefixedNo, help: .of(\.centered)) var centered: Bool?
    @Option(help: .of(\.epsilon)) var epsilon: Double?
    @Option(help: .of(\.weightDecay)) var weightDecay: Double?
    @Flag(inversion: .prefixedNo, help: .of(\.decayBiasesAndNorms)) var decayBiasesAndNorms: Bool?
    @Option(
        name: .customLong("group"), help: .of(\.groups, value: "PATTERN:rate=R,decay=D"), transform: GroupSetting.init)
    var groups: [GroupSetting] = []
    @Option(help: .of(\.freeze, value: "pattern")) var freeze: [String] = []
    @Option(help: .of(\.clipNorm)) var clipNorm: Double?
    @Option(help: .of(\.clipValue)) var clipValue: Double?
}

/// What is minimised, and how the run goes.
struct CourseOptions: ParsableArguments {
    @Option(help: .of(\.loss), completion: .list(LossRegistry.kinds)) var loss: String?
    @Option(help: .of(\.labelSmoothing)) var labelSmoothing: Double?
    @Option(help: .of(\.classWeights, value: "weights"), transform: CourseOptions.numbers) var classWeights: [Double]?
    @Option(help: .of(\.positiveWeights, value: "weights"), transform: CourseOptions.numbers)
    var positiveWeights: [Double]?
    @Option(
        help: .of(\.schedule),
        completion: .list(Schedule.Shape.spellings.map { String($0.prefix { $0.isLetter || $0 == "-" }) }))
    var schedule: String?
    @Option(help: .of(\.warmup)) var warmup: Double?
    @Option(help: .of(\.average)) var average: Double?
    @Option(help: .of(\.objective), completion: .list(MetricCatalog.all.map(\.name))) var objective: String?
    @Option(help: .of(\.metrics, value: "names"), transform: CourseOptions.names) var metrics: [String]?
    @Option(help: .of(\.thresholds)) var thresholds: String?
    @Option(help: .of(\.patience)) var patience: Int?
    @Option(help: .of(\.minimumImprovement)) var minimumImprovement: Double?
    @Option(help: .of(\.monitor)) var monitor: EarlyStopping.Measure?

    private static func names(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func numbers(_ text: String) throws -> [Double] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let number = Double(word) else {
                throw ValidationError("write numbers with commas between them, like 1,2,1")
            }
            return number
        }
    }
}

/// What is made of the dataset.
struct DataOptions: ParsableArguments {
    @Option(help: .of(\.validation)) var validation: Double?
    @Option(help: .of(\.test)) var test: Double?
    @Option(help: .of(\.groupBy, value: "regex")) var groupBy: String?
    @Option(help: .of(\.split), completion: .file(extensions: ["json"])) var split: String?
    @Option(help: .of(\.size)) var size: String?
    @Option(help: .of(\.channels)) var channels: Int?
    @Option(help: .of(\.normalize)) var normalize: String?
    @Option(help: .of(\.augment)) var augment: AugmentationPreset?
    @Option(help: .of(\.mixup)) var mixup: Double?
    @Option(help: .of(\.cutmix)) var cutmix: Double?
    @Option(help: .of(\.balance)) var balance: ClassBalance?
    @Option(help: .of(\.limit)) var limit: Int?
    @Option(help: .of(\.overfitBatches)) var overfitBatches: Int?
    @Flag(inversion: .prefixedNo, help: .of(\.skipBadImages)) var skipBadImages: Bool?
    @Option(help: .of(\.cache)) var cache: String?
    @Option(help: .of(\.evaluationBatchSize)) var evaluationBatchSize: Int?
}

extension ArgumentHelp {
    /// What a setting does, in the library's own words.
    ///
    /// - Parameter value: what stands for the option's value.
    static func of(_ setting: KeyPath<RunSettings, some RunSetting>, value: String? = nil) -> ArgumentHelp {
        ArgumentHelp(RunSettings.shared[keyPath: setting].help, valueName: value)
    }
}

extension AugmentationPreset: ExpressibleByArgument {}
extension ClassBalance: ExpressibleByArgument {}
extension EarlyStopping.Measure: ExpressibleByArgument {}

// MARK: - What was given

extension RunConfiguration {
    /// The settings that a command's options give. An option has the name of its setting.
    init(options: some ParsableArguments) {
        self.init()
        add(Mirror(reflecting: options))
    }

    private mutating func add(_ options: Mirror) {
        for (label, value) in options.children {
            if let group = value as? any OptionsInGroup {
                add(Mirror(reflecting: group.options))
            } else if let label, let given = (value as? any GivenOption)?.given {
                set(Self.key(ofProperty: label), to: given)
            }
        }
    }

    /// `_batchSize` is the wrapper of the option for `batch_size`.
    static func key(ofProperty label: String) -> String {
        label.drop { $0 == "_" }.reduce(into: "") { key, letter in
            key += letter.isUppercase ? "_\(letter.lowercased())" : String(letter)
        }
    }
}

/// An option or a flag of any type.
protocol GivenOption {
    /// nil where nothing was given.
    var given: Any? { get }
}

extension Option: GivenOption {
    var given: Any? { ConvNetCommand.given(wrappedValue) }
}

extension Flag: GivenOption {
    var given: Any? { ConvNetCommand.given(wrappedValue) }
}

/// What is in an optional; nil of a list that has nothing in it, which is what an option that may be repeated begins with.
private func given(_ value: Any) -> Any? {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.flatMap { given($0.value) }
    case .collection where mirror.children.isEmpty: return nil
    default: return value
    }
}

protocol OptionsInGroup {
    associatedtype Options: ParsableArguments
    var options: Options { get }
}

extension OptionGroup: OptionsInGroup {
    var options: Value { wrappedValue }
}
