import ConvNetEngine
import ConvNetGraph
import ConvNetPages

/// The metrics that there are by name.
public enum MetricCatalog {
    /// All of them, in the order in which they are told.
    public static let all: [any Metric] = [
        MeanLoss(), Accuracy(), TopAccuracy(5), MacroF1(), BalancedAccuracy(), MeanAveragePrecision(),
        ExpectedCalibrationError(),
    ]

    /// The metric of that name; `top3_accuracy` is ``TopAccuracy`` of three, say.
    ///
    /// - Throws: ``UnknownMetric``.
    public static func metric(named name: String) throws(UnknownMetric) -> any Metric {
        if let metric = all.first(where: { $0.name == name }) { return metric }
        if let match = name.wholeMatch(of: /top([1-9][0-9]{0,4})_accuracy/), let count = Int(match.1) {
            return TopAccuracy(count)
        }
        throw UnknownMetric(name: name, known: all.map(\.name))
    }

    /// Those that say something of targets of that kind among so many classes: among five, the right one always is of the first
    /// five.
    public static func suited(to kind: TargetKind, classes: Int) -> [any Metric] {
        all.filter { $0.fits(kind) && (($0 as? TopAccuracy).map { $0.count < classes } ?? true) }
    }
}

/// A name that no metric has.
public struct UnknownMetric: Error, Hashable, Sendable, CustomStringConvertible {
    /// As it was given.
    public let name: String
    /// Those that there are.
    public let known: [String]

    /// A name, and those that there are.
    public init(name: String, known: [String]) {
        self.name = name
        self.known = known
    }

    public var description: String {
        let suggestion = nearestName(to: name, in: known).map { " Did you mean '\($0)'?" } ?? ""
        return "there is no metric '\(printable(name))'; there are \(known.joined(separator: ", ")).\(suggestion)"
    }
}

extension [any Metric] {
    /// - Throws: ``SettingError`` for a metric that says nothing of such targets.
    func check(for dataset: any Dataset) throws(SettingError) {
        guard let metric = first(where: { !$0.fits(dataset.targetKind) }) else { return }
        throw SettingError(
            dataset.targetKind == .labels
                ? "the metric \(metric.name) is for one class an image; the images of \(dataset.name) have any number of them"
                : "the metric \(metric.name) is for images with any number of classes; those of \(dataset.name) have one each"
        )
    }
}
