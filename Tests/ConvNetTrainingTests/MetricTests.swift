import Foundation
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

/// Metrics of stored scores, beside what scikit-learn says of them: `Scripts/record_metrics.py`.
@Suite struct MetricTests {
    struct Case: Decodable, Sendable, CustomStringConvertible {
        var name: String
        var classes: Int
        var logits: [Float]
        var labels: [Int]?
        var labelSets: [[Int]]?
        var thresholds: [Float]?
        /// For each class [[true negatives, false positives], [false negatives, true positives]].
        var confusion: [[[Int]]]?
        var values: [String: Double]
        var perClass: [String: [Double?]]

        var description: String { name }

        var targets: [Target] { labels.map { $0.map { .label($0) } } ?? (labelSets ?? []).map { .labels($0) } }
        var kind: TargetKind { labels == nil ? .labels : .label }
        var outputs: ClassOutputs { labels == nil ? .independent(thresholds: thresholds ?? []) : .exclusive }

        static var all: [Case] {
            get throws {
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .custom { path in
                    let words = (path.last?.stringValue ?? "").split(separator: "_")
                    let isProperty = path.count == 2
                    return Key(
                        isProperty
                            ? words.enumerated().map { $0.offset == 0 ? String($0.element) : $0.element.capitalized }
                                .joined()
                            : path.last?.stringValue ?? "")
                }
                return try decoder.decode([Case].self, from: Fixtures.json("metrics"))
            }
        }

        private struct Key: CodingKey {
            let stringValue: String
            let intValue: Int?
            init(_ name: String) { (stringValue, intValue) = (name, nil) }
            init?(stringValue: String) { self.init(stringValue) }
            init?(intValue: Int) { nil }
        }
    }

    /// The images come in batches of several sizes.
    private func forEachBatch(of test: Case, _ body: (ArraySlice<Float>, ArraySlice<Target>) -> Void) {
        var first = 0
        for size in [1, 7, 64, test.targets.count] {
            let batch = first..<min(first + size, test.targets.count)
            guard !batch.isEmpty else { return }
            body(
                test.logits[batch.lowerBound * test.classes..<batch.upperBound * test.classes], test.targets[batch])
            first = batch.upperBound
        }
    }

    @Test(arguments: try Case.all)
    func areScikitLearns(_ test: Case) throws {
        var sums = EvaluationSums(
            MetricCatalog.all.filter { $0.fits(test.kind) }, classes: test.classes, outputs: test.outputs)
        forEachBatch(of: test) { logits, targets in
            sums.add(Predictions(logits: Array(logits), targets: Array(targets), outputs: test.outputs))
        }
        let evaluation = sums.evaluation
        for (name, expected) in test.values {
            let value = try #require(evaluation[name], "\(name)")
            #expect(abs(value - expected) < 1e-6, "\(name): \(value), not \(expected)")
        }
        #expect(Set(evaluation.perClass.keys) == Set(test.perClass.keys))
        for (name, expected) in test.perClass {
            let values = try #require(evaluation.perClass[name])
            #expect(values.map { $0 == nil } == expected.map { $0 == nil }, "\(name)")
            for (value, expected) in zip(values, expected) {
                #expect(abs((value ?? 0) - (expected ?? 0)) < 1e-6, "\(name)")
            }
        }
    }

    @Test(arguments: try Case.all.filter { $0.kind == .labels })
    func confusionOfEachClassIsScikitLearns(_ test: Case) throws {
        let classes = (0..<test.classes).map { "class \($0)" }
        var sums = ReportSums([MeanLoss(), Accuracy(), MacroF1()], classes: classes, outputs: test.outputs, views: 1)
        forEachBatch(of: test) { logits, targets in
            Array(logits).withUnsafeBufferPointer { sums.add(logits: $0, targets: Array(targets)) }
        }
        let report = sums.multiLabelReport
        let found = report.confusion.map {
            [[$0.trueNegatives, $0.falsePositives], [$0.falseNegatives, $0.truePositives]]
        }
        #expect(found == test.confusion)
        #expect(report.scores.map(\.f1) == report.evaluation.perClass["macro_f1"])
        let wrong = found.reduce(0) { $0 + $1[0][1] + $1[1][0] }
        #expect(report.mistakes.count == wrong)
        #expect(report.mistakes.map(\.confidence) == report.mistakes.map(\.confidence).sorted(by: >))
    }

    /// A threshold of its own for each class that no other threshold beats.
    @Test(arguments: try Case.all.filter { $0.kind == .labels })
    func fittedThresholdsAreTheBest(_ test: Case) throws {
        func value(_ metric: some Metric, _ outputs: ClassOutputs) -> MetricValue {
            var accumulator = metric.makeAccumulator(classes: test.classes)
            accumulator.add(Predictions(logits: test.logits, targets: test.targets, outputs: outputs))
            return accumulator.value
        }
        let fit = value(FittedThresholds(), .independent())
        let thresholds = fit.perClass.map { Float($0 ?? .nan) }
        try ClassOutputs.independent(thresholds: thresholds).validate(classes: test.classes)
        let best = value(MacroF1(), .independent(thresholds: thresholds))
        for percent in 1...99 {
            let other = value(
                MacroF1(), .independent(thresholds: [Float](repeating: Float(percent) / 100, count: test.classes)))
            for (best, other) in zip(best.perClass, other.perClass) { #expect((best ?? 0) >= (other ?? 0)) }
        }
    }

    @Test func nothingSeenIsNotDefined() {
        for metric in MetricCatalog.all where !["loss", "accuracy", "top5_accuracy"].contains(metric.name) {
            #expect(metric.makeAccumulator(classes: 3).value.value == nil, "\(metric.name)")
        }
    }

    @Test func probabilitiesOfLargeLogits() {
        let logits: [Float] = [-1000, -90, 0, 90, 1000]
        let probabilities = ClassOutputs.independent().probabilities(logits[...])
        #expect(probabilities[0] == 0 && probabilities[2] == 0.5 && probabilities[4] == 1)
        #expect(probabilities.allSatisfy { (0...1).contains($0) })
        // Logits of these are finite, and have the same probabilities again.
        let again = ClassOutputs.independent().logits(probabilities)
        #expect(again.allSatisfy { $0.isFinite })
        #expect(
            zip(ClassOutputs.independent().probabilities(again[...]), probabilities).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func namesFindMetrics() throws {
        for metric in MetricCatalog.all {
            let found = try MetricCatalog.metric(named: metric.name)
            #expect(found.name == metric.name)
        }
        let top3 = try MetricCatalog.metric(named: "top3_accuracy")
        #expect((top3 as? TopAccuracy)?.count == 3)
        for name in ["top0_accuracy", "top_accuracy", "F1", ""] {
            #expect(throws: UnknownMetric.self) { try MetricCatalog.metric(named: name) }
        }
        let error = try #require(throws: UnknownMetric.self) { try MetricCatalog.metric(named: "macro_f") }
        #expect("\(error)".hasSuffix("Did you mean 'macro_f1'?"))
    }
}
