import ConvNetPages
import ConvNetRuns

extension Evaluation {
    /// The values of some metrics for a person: `accuracy 91.24 %, loss 0.2431`. Those that the images do not define are left out.
    func text(of metrics: [any Metric]) -> String {
        metrics.compactMap { metric in self[metric.name].map { "\(metric.title) \(metric.text($0))" } }.joined(
            separator: ", ")
    }
}

extension Metric {
    /// A value for a person: `91.24 %`, `0.2431`.
    func text(_ value: Double) -> String { unit == .share ? value.percent : value.fourDigits }
}

extension Trainer {
    /// What a line about a run has room for: accuracy and loss, and before them the objective where it is neither.
    var shownMetrics: [any Metric] {
        let usual: [any Metric] = [Accuracy(), MeanLoss()]
        guard let objective, !usual.contains(where: { $0.name == objective.name }) else { return usual }
        return [objective] + usual
    }
}
