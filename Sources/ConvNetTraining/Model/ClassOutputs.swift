import ConvNetEngine
import Synchronization

/// What a network's outputs say of the classes: one number each, which is made a probability.
public enum ClassOutputs: Hashable, Sendable {
    /// An image has exactly one class: a softmax makes the outputs probabilities that add up to 1, and the largest is the answer.
    case exclusive
    /// An image has any number of classes: a sigmoid makes each output a probability by itself, and the answer are all classes that
    /// reach their thresholds.
    ///
    /// - Parameter thresholds: one for each class, between 0 and 1; none where all are 0.5.
    case independent(thresholds: [Float] = [])

    /// What targets of that kind are learnt with.
    public init(for kind: TargetKind) { self = kind == .labels ? .independent() : .exclusive }

    /// What the outputs stand for, thresholds apart.
    public var kind: OutputKind { self == .exclusive ? .exclusive : .independent }

    /// From which probability on an image has a class; nil where the largest probability decides.
    public func threshold(of label: Int) -> Float? {
        guard case .independent(let thresholds) = self else { return nil }
        return thresholds.isEmpty ? 0.5 : thresholds[label]
    }

    /// - Throws: ``ModelError/outputs(_:)``.
    package func validate(classes: Int) throws(ModelError) {
        guard case .independent(let thresholds) = self, !thresholds.isEmpty else { return }
        guard thresholds.count == classes else {
            throw .outputs("\(thresholds.count) thresholds for \(classes) classes")
        }
        if let threshold = thresholds.first(where: { !($0 > 0 && $0 < 1) }) {
            throw .outputs("a threshold is between 0 and 1, received \(threshold)")
        }
    }

    /// The probabilities of one image's classes.
    func probabilities(_ logits: ArraySlice<Float>) -> [Float] {
        switch self {
        case .exclusive: softmax(logits)
        case .independent: logits.map(sigmoid)
        }
    }

    /// Logits of given probabilities; those of 0 and 1 do not become infinite.
    func logits(_ probabilities: [Float]) -> [Float] {
        let least = Float.leastNormalMagnitude
        return switch self {
        case .exclusive: probabilities.map { .log(max($0, least)) }
        case .independent: probabilities.map { .log(max($0, least)) - .log(max(1 - $0, least)) }
        }
    }

    /// The classes of the answer, in ascending order.
    package func answer(_ probabilities: ArraySlice<Float>) -> [Int] {
        let start = probabilities.startIndex
        guard self != .exclusive else {
            var largest = start
            for index in probabilities.indices where probabilities[index] > probabilities[largest] { largest = index }
            return [largest - start]
        }
        return (0..<probabilities.count).filter { probabilities[start + $0] >= threshold(of: $0) ?? 0.5 }
    }
}

extension ClassOutputs: Codable {
    private enum CodingKeys: CodingKey {
        case kind, thresholds
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self =
            switch try container.decode(OutputKind.self, forKey: .kind) {
            case .exclusive: .exclusive
            case .independent:
                .independent(thresholds: try container.decodeIfPresent([Float].self, forKey: .thresholds) ?? [])
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        if case .independent(let thresholds) = self, !thresholds.isEmpty {
            try container.encode(thresholds, forKey: .thresholds)
        }
    }
}

/// A model's outputs, which training finds thresholds for, as its thread and everybody else sees them.
final class SharedOutputs: Sendable {
    private let state: Mutex<ClassOutputs>

    init(_ outputs: ClassOutputs) {
        state = Mutex(outputs)
    }

    var value: ClassOutputs {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// e^x / Σ e^x, computed so that large numbers do not overflow.
func softmax(_ logits: ArraySlice<Float>) -> [Float] {
    let largest = logits.max() ?? 0
    let exponentials = logits.map { Float.exp($0 - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
}

/// 1 / (1 + e^-x), computed so that large numbers do not overflow.
func sigmoid(_ logit: Float) -> Float {
    guard logit < 0 else { return 1 / (1 + .exp(-logit)) }
    let exponential = Float.exp(logit)
    return exponential / (1 + exponential)
}
