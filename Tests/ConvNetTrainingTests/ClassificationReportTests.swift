import Foundation
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

@Suite struct ClassificationReportTests {
    private static let classes = ["a", "b", "c"]

    /// A report of logits that are the logarithms of these probabilities.
    private func report(_ rows: [(label: Int32, probabilities: [Float])], views: Int = 1) -> ClassificationReport {
        var sums = ReportSums(
            [MeanLoss(), Accuracy(), TopAccuracy(5)], classes: Self.classes, outputs: .exclusive, views: views)
        // Two batches, the views of an image in both.
        for part in [rows.prefix(3), rows.dropFirst(3)] where !part.isEmpty {
            part.flatMap { $0.probabilities.map(Float.log) }.withUnsafeBufferPointer {
                sums.add(logits: $0, targets: part.map { .label(Int($0.label)) })
            }
        }
        return sums.report
    }

    private static let rows: [(label: Int32, probabilities: [Float])] = [
        (0, [0.7, 0.2, 0.1]), (0, [0.3, 0.6, 0.1]), (0, [0.5, 0.25, 0.25]), (1, [0.9, 0.05, 0.05]),
        (1, [0.1, 0.8, 0.1]),
    ]

    @Test func countsWhatWasTakenForWhat() {
        let report = report(Self.rows)
        #expect(report.confusion == [[2, 1, 0], [1, 1, 0], [0, 0, 0]])
        #expect(report.evaluation.accuracy == 0.6 && report.evaluation.imageCount == 5)
        let scores = report.scores
        #expect(scores.map(\.imageCount) == [3, 2, 0])
        let expected: [Double?] = [2.0 / 3, 0.5, nil]
        #expect(scores.map(\.precision) == expected)
        #expect(scores.map(\.recall) == expected)
        #expect(scores.map(\.f1) == expected)
        #expect(report.confusions.map { [$0.label, $0.prediction, $0.imageCount] } == [[0, 1, 1], [1, 0, 1]])
    }

    @Test func theSurestMistakesComeFirst() {
        let mistakes = report(Self.rows).mistakes
        #expect(mistakes.map(\.index) == [3, 1])
        #expect(mistakes.map(\.prediction) == [0, 1])
        #expect(abs(mistakes[0].probability - 0.9) < 1e-6 && abs(mistakes[0].labelProbability - 0.05) < 1e-6)
    }

    /// One view is surely wrong, the mean of both is right.
    @Test func calibrationIsThatOfTheMetric() {
        let report = report([
            (0, [0.9, 0.05, 0.05]), (1, [0.92, 0.04, 0.04]), (1, [0.31, 0.59, 0.1]), (0, [0.59, 0.31, 0.1]),
            (0, [0.98, 0.01, 0.01]),
        ])
        let bins = report.calibration
        #expect(bins.bins.count == 15 && bins.bins.reduce(0) { $0 + $1.count } == 5)
        #expect(bins.bins[8].count == 2 && bins.bins[8].accuracy == 1 && bins.bins[0].meanProbability == nil)
        #expect(bins.bins[13].right == 1 && abs((bins.bins[13].meanProbability ?? 0) - 0.91) < 1e-6)
        // (|2 − 1.18| + |1 − 1.82| + |1 − 0.98|) / 5
        #expect(abs((bins.expectedError ?? 0) - 0.332) < 1e-6)
    }

    @Test func viewsAreAveraged() {
        let report = report(
            [
                (0, [0.2, 0.5, 0.3]), (0, [0.6, 0.2, 0.2]), (1, [0.1, 0.7, 0.2]), (1, [0.3, 0.5, 0.2]),
                (2, [0.5, 0.1, 0.4]), (2, [0.1, 0.1, 0.8]),
            ], views: 2)
        #expect(report.outcomes.map(\.prediction) == [0, 1, 2])
        #expect(report.evaluation.imageCount == 3 && report.evaluation.accuracy == 1)
        #expect(abs(report.outcomes[0].probability - 0.4) < 1e-6)
        let loss = -(log(0.4) + log(0.6) + log(0.6)) / 3
        #expect(abs(report.evaluation.loss - loss) < 1e-6)
    }

    @Test func isTheEvaluationToTheBit() async throws {
        let model = try Corners.model()
        let data = try Corners.dataset(count: 300, seed: 1)
        let evaluation = try await model.evaluate(data)
        let report = try await model.report(on: data)
        #expect(report.evaluation == evaluation)
        for views in [0, -1, 7] {
            await #expect(throws: SettingError.self) { try await model.report(on: data, views: views) }
        }
        #expect(report.outcomes.map(\.label) == (0..<300).map(data.label))
        let probabilities = try await model.probabilities(of: data)
        #expect(
            report.outcomes.map(\.labelProbability)
                == probabilities.enumerated().map { $0.element[data.label(at: $0.offset)] })
    }

    @Test func textFitsOrGivesWay() {
        let report = report(Self.rows)
        #expect(
            report.confusionText(width: 80) == """
                Images of each class (rows) that were taken for each class (columns):
                class  0  1  2
                ──────────────
                0 a    2  1  ·
                1 b    1  1  ·
                2 c    ·  ·  ·
                """)
        #expect(
            report.confusionText(width: 10) == """
                Most frequent confusions:
                  a taken for b: 1 of 3
                  b taken for a: 1 of 2
                """)
    }

    @Test func keysAreThoseOfAnEvaluationAndMore() throws {
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report(Self.rows)))
        let object = try #require(json as? [String: Any])
        #expect(object.keys.sorted() == ["accuracy", "classes", "confusion", "images", "loss", "top5_accuracy"])
    }
}
