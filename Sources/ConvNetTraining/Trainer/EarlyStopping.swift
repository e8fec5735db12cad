import ConvNetEngine

/// Ends a run when validation has not become better for some epochs.
public struct EarlyStopping: Hashable, Codable, Sendable {
    /// What is watched in validation.
    public enum Measure: String, Hashable, Codable, Sendable, CaseIterable {
        /// Higher is better.
        case accuracy
        /// Lower is better.
        case loss

        fileprivate var metric: any Metric {
            switch self {
            case .accuracy: Accuracy()
            case .loss: MeanLoss()
            }
        }
    }

    /// Epochs in a row without an improvement after which the run ends, 1 or more.
    public var patience: Int

    /// How much better than the best so far an epoch must be to count as an improvement, 0 or more.
    public var minimumImprovement: Double
    /// What improves, where it is not ``Trainer/objective``.
    public var measure: Measure?

    /// Any improvement of the trainer's objective counts, unless said otherwise.
    public init(patience: Int, minimumImprovement: Double = 0, measure: Measure? = nil) {
        self.patience = patience
        self.minimumImprovement = minimumImprovement
        self.measure = measure
    }

    func validate() throws {
        guard patience > 0 else {
            throw SettingError("early stopping needs a patience of at least 1 epoch, received \(patience)")
        }
        guard minimumImprovement >= 0, minimumImprovement.isFinite else {
            throw SettingError(
                "early stopping's minimum improvement must be 0 or more, received \(minimumImprovement)")
        }
    }

    /// What the epochs so far have shown.
    struct State: Hashable, Codable, Sendable {
        var best: Double?
        var epochsWithoutImprovement = 0

        /// - Parameter objective: what is watched where the rule has no measure of its own.
        mutating func observe(_ evaluation: Evaluation, _ rule: EarlyStopping, objective: any Metric) {
            let metric = rule.measure?.metric ?? objective
            // What is not defined is no improvement.
            let raw = evaluation[metric.name] ?? (metric.direction == .higherIsBetter ? -.infinity : .infinity)
            let value = metric.direction == .higherIsBetter ? raw : -raw
            if let best, !(value > best + rule.minimumImprovement) {
                epochsWithoutImprovement += 1
            } else {
                best = value
                epochsWithoutImprovement = 0
            }
        }

        func isOver(_ rule: EarlyStopping) -> Bool { epochsWithoutImprovement >= rule.patience }
    }
}

extension EarlyStopping: CustomStringConvertible {
    public var description: String {
        "after \(patience) epochs in which the \(measure?.rawValue ?? "objective") improves by no more than \(minimumImprovement)"
    }
}
