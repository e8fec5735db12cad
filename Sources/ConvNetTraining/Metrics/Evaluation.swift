import ConvNetEngine
import ConvNetGraph

/// How well a model does on a dataset: the values of some metrics.
///
/// In files these are keys of one object, beside `images` and, for metrics that have values for each class, `per_class`.
public struct Evaluation: Hashable, Sendable {
    /// By ``Metric/name``; those that the images do not define are missing.
    public private(set) var values: [String: Double]

    /// By ``Metric/name``, what the value is made of, one for each class: ``MetricValue/perClass``.
    public private(set) var perClass: [String: [Double?]] = [:]

    /// The number of images.
    public var imageCount: Int

    /// The value of the metric of that name; nil where it was not computed, or the images do not define it.
    public subscript(name: String) -> Double? { values[name] }

    /// Mean cross-entropy, without label smoothing and class weights; in validation, the run's own ``Loss/forEvaluation``. Not a number
    /// where it was not computed.
    public var loss: Double { self["loss"] ?? .nan }

    /// The share of images whose class came first, or whose answer was right: ``Accuracy``. Not a number where it was not computed.
    public var accuracy: Double { self["accuracy"] ?? .nan }

    /// The share of images whose class was among the first five; nil where it was not computed.
    public var top5Accuracy: Double? { self["top5_accuracy"] }

    /// Values that somebody else has computed.
    public init(_ values: [String: Double], imageCount: Int) {
        self.values = values
        self.imageCount = imageCount
    }
}

extension Evaluation: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }

        static let images = Key("images")
        static let perClass = Key("per_class")
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        imageCount = try container.decode(Int.self, forKey: .images)
        perClass = try container.decodeIfPresent([String: [Double?]].self, forKey: .perClass) ?? [:]
        values = [:]
        for key in container.allKeys
        where ![Key.images.stringValue, Key.perClass.stringValue].contains(key.stringValue) {
            values[key.stringValue] = try? container.decode(Double.self, forKey: key)
        }
        // Every version has written these.
        for name in ["loss", "accuracy"] { values[name] = try container.decode(Double.self, forKey: Key(name)) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(imageCount, forKey: .images)
        if !perClass.isEmpty { try container.encode(perClass, forKey: .perClass) }
        for (name, value) in values { try container.encode(value, forKey: Key(name)) }
    }
}

/// Adds up over images what an ``Evaluation`` is made from.
struct EvaluationSums {
    private let metrics: [any Metric]
    private let outputs: ClassOutputs
    private var accumulators: [any MetricAccumulator]
    private var imageCount = 0

    /// - Parameter metrics: of several with one name the first counts.
    init(_ metrics: [any Metric], classes: Int, outputs: ClassOutputs) {
        var names: Set<String> = []
        self.metrics = metrics.filter { names.insert($0.name).inserted }
        self.outputs = outputs
        accumulators = self.metrics.map { $0.makeAccumulator(classes: classes) }
    }

    mutating func add(logits: UnsafeBufferPointer<Float>, targets: [Target]) {
        add(Predictions(logits: Array(logits), targets: targets, outputs: outputs))
    }

    mutating func add(_ predictions: Predictions) {
        for index in accumulators.indices { accumulators[index].add(predictions) }
        imageCount += predictions.count
    }

    var evaluation: Evaluation {
        var evaluation = Evaluation([:], imageCount: imageCount)
        for (metric, accumulator) in zip(metrics, accumulators) {
            let value = accumulator.value
            evaluation.note(value, of: metric.name)
        }
        return evaluation
    }
}

extension Evaluation {
    /// What ``FittedThresholds`` has come to, which is no result of its own; nil where it was not computed.
    mutating func takeThresholds() -> [Float]? {
        let name = FittedThresholds().name
        values[name] = nil
        return perClass.removeValue(forKey: name)?.map { Float($0 ?? 0.5) }
    }

    fileprivate mutating func note(_ value: MetricValue, of name: String) {
        values[name] = value.value
        if !value.perClass.isEmpty { perClass[name] = value.perClass }
    }
}
