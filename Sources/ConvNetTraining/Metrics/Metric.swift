/// A number that tells how well a model does on some images.
///
/// Those that there are: ``MetricCatalog``. One of your own is given to ``Trainer/metrics``, ``Trainer/objective`` or
/// ``Model/evaluate(_:metrics:batchSize:)``:
///
///     struct ErrorRate: Metric {
///         let name = "error_rate", title = "error rate"
///         let unit = MetricUnit.share, direction = MetricDirection.lowerIsBetter
///
///         func makeAccumulator(classes: Int) -> Accumulator { Accumulator() }
///
///         struct Accumulator: MetricAccumulator {
///             var (images, wrong) = (0, 0)
///
///             mutating func add(_ predictions: Predictions) {
///                 images += predictions.count
///                 wrong += (0..<predictions.count).count { predictions.answers[$0] != predictions.targets[$0].classes }
///             }
///
///             var value: MetricValue { MetricValue(images > 0 ? Double(wrong) / Double(images) : nil) }
///         }
///     }
public protocol Metric: Sendable {
    /// What adds up what the metric is computed from.
    associatedtype Accumulator: MetricAccumulator

    /// Its key in files and its name in settings, in snake case: `macro_f1`. A file's other keys are no names: `images` and
    /// `per_class`.
    var name: String { get }
    /// What people call it: `macro F1`.
    var title: String { get }
    /// What is counted in it.
    var unit: MetricUnit { get }
    /// Which values are better.
    var direction: MetricDirection { get }

    /// Whether it says anything of targets of that kind; of all kinds unless said otherwise.
    func fits(_ kind: TargetKind) -> Bool

    /// What has seen no image yet.
    func makeAccumulator(classes: Int) -> Accumulator
}

extension Metric {
    public func fits(_ kind: TargetKind) -> Bool { true }
}

/// Adds up over the images what a ``Metric`` is computed from.
public protocol MetricAccumulator {
    /// Takes note of some images, each of which comes once.
    mutating func add(_ predictions: Predictions)

    /// What the images so far come to.
    var value: MetricValue { get }
}

/// What a ``Metric`` comes to.
public struct MetricValue: Hashable, Sendable {
    /// nil where the images do not define it: there are none, or none of any class.
    public var value: Double?
    /// What the value is made of, one for each class, nil where the images do not define it; none of a metric that has no such
    /// parts.
    public var perClass: [Double?]

    /// A value without parts, unless said otherwise.
    public init(_ value: Double?, perClass: [Double?] = []) {
        self.value = value
        self.perClass = perClass
    }

    /// The mean over the classes for which there is a value.
    init(meanOf perClass: [Double?]) {
        let defined = perClass.compactMap { $0 }
        self.init(defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count), perClass: perClass)
    }
}

/// What is counted in a ``Metric``.
public enum MetricUnit: String, Codable, Sendable {
    /// 0 ... 1, which people read as 0 to 100 %.
    case share
    /// Any number, of no unit.
    case number
}

/// Which values of a ``Metric`` are better.
public enum MetricDirection: String, Codable, Sendable {
    /// As of accuracies.
    case higherIsBetter
    /// As of losses.
    case lowerIsBetter

    /// Whether a value is better than another by more than `margin`.
    func isBetter(_ value: Double, than other: Double, by margin: Double = 0) -> Bool {
        self == .higherIsBetter ? value > other + margin : value < other - margin
    }
}

/// What a network says of some images, beside what it should say.
public struct Predictions: Sendable {
    /// What should be said, one for each image.
    public let targets: [Target]
    /// The number of classes.
    public let classes: Int
    /// What the outputs say of the classes.
    public let outputs: ClassOutputs
    /// The network's outputs, images × classes.
    public let logits: [Float]
    /// What the outputs are made, images × classes, each 0 ... 1.
    public let probabilities: [Float]
    /// For each image the classes that the network answers with, in ascending order: the most probable one, of equal ones the first, or
    /// those that reach their thresholds.
    public let answers: [[Int]]

    /// Outputs as they come from the network.
    ///
    /// - Parameter logits: as many for each target as there are classes.
    public init(logits: [Float], targets: [Target], outputs: ClassOutputs = .exclusive) {
        self.logits = logits
        self.targets = targets
        self.outputs = outputs
        let classes = targets.isEmpty ? 0 : logits.count / targets.count
        self.classes = classes
        let rows = targets.indices.map { outputs.probabilities(logits[$0 * classes..<($0 + 1) * classes]) }
        probabilities = Array(rows.joined())
        answers = rows.map { outputs.answer($0[...]) }
    }

    /// The number of images.
    public var count: Int { targets.count }

    /// The outputs for one image.
    public func logits(at index: Int) -> ArraySlice<Float> { row(index, of: logits) }

    /// The probabilities for one image.
    public func probabilities(at index: Int) -> ArraySlice<Float> { row(index, of: probabilities) }

    private func row(_ index: Int, of values: [Float]) -> ArraySlice<Float> {
        values[index * classes..<(index + 1) * classes]
    }
}
