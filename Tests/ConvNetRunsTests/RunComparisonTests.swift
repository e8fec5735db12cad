import Foundation
import TestSupport
import Testing

@testable import ConvNetRuns

@Suite struct RunComparisonTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    /// As `scipy.stats.binomtest(min(b, c), b + c).pvalue`.
    @Test(arguments: [
        (0, 0, 1.0), (0, 1, 1), (5, 5, 1), (1, 9, 0.021484375), (0, 10, 0.001953125), (3, 12, 0.03515625),
        (40, 60, 0.056887933640980784), (500, 600, 0.0028195449914364275), (1, 100, 8.046e-29),
    ])
    func mcNemar(first: Int, second: Int, pValue: Double) {
        let test = McNemarTest(onlyFirst: first, onlySecond: second)
        #expect(abs(test.pValue - pValue) <= 1e-3 * pValue)
        #expect(test.pValue == McNemarTest(onlyFirst: second, onlySecond: first).pValue)
    }

    private func table(_ part: DatasetPart, _ answers: [(image: String, label: String, prediction: String)])
        -> [PredictionTable.Row]
    {
        answers.map { .init(part: part, image: $0.image, label: $0.label, prediction: $0.prediction, probability: 0.5) }
    }

    private func run(_ name: String, _ rows: [PredictionTable.Row]?, settings: String = "epochs: 3\n") throws
        -> RunDirectory
    {
        let url = scratch.file(name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try Data(settings.utf8).write(to: url.appending(path: "config.yaml"))
        let directory = try RunDirectory.open(url.path)
        if let rows { try PredictionTable(rows).write(to: directory.predictionsFile) }
        return directory
    }

    @Test func imagesThatBothHaveCount() throws {
        let one = try run(
            "a",
            table(
                .validation, [("1", "x", "x"), ("2", "x", "y"), ("3", "y", "y"), ("4", "y", "x"), ("5", "x", "x")])
                + table(.test, [("only here", "x", "x")]))
        let other = try run(
            "b",
            table(.validation, [("4", "y", "y"), ("3", "y", "x"), ("2", "x", "y"), ("1", "x", "x"), ("5", "y", "y")])
                + table(.test, [("only there", "x", "x")]))
        let comparison = RunComparison([one, other])
        let agreement = try #require(comparison.agreement(of: 0, and: 1))
        // No test image is in both.
        #expect(agreement.part == .validation && agreement.imageCount == 4 && agreement.relabelled == 1)
        #expect(agreement.bothRight == 1 && agreement.bothWrong == 1)
        #expect(agreement.test == McNemarTest(onlyFirst: 1, onlySecond: 1))
        #expect(
            agreement.changes == [
                .init(image: "3", label: "y", first: "y", second: "x"),
                .init(image: "4", label: "y", first: "x", second: "y"),
            ])
        let page = RunComparisonPage(comparison).html
        #expect(page.contains("Of 4 validation images that both have answered, both got 1 right, neither 1"))
    }

    @Test func testsComeBeforeValidation() throws {
        let rows = table(.validation, [("1", "x", "x")]) + table(.test, [("1", "x", "y")])
        let agreement = RunComparison([try run("a", rows), try run("b", rows)]).agreement(of: 0, and: 1)
        #expect(agreement?.part == .test && agreement?.imageCount == 1 && agreement?.bothWrong == 1)
    }

    @Test func withoutImagesThereIsNothingToSay() throws {
        let none = try run("a", nil)
        let some = try run("b", table(.test, [("1", "x", "x")]))
        let others = try run("c", table(.test, [("2", "x", "x")]))
        let comparison = RunComparison([none, some, others])
        #expect(comparison.agreement(of: 0, and: 1) == nil && comparison.agreement(of: 1, and: 2) == nil)
        #expect(RunComparisonPage(comparison).html.contains("There is no image that both have answered."))
    }

    @Test func settingsThatDiffer() throws {
        let one = try run("a", nil, settings: "epochs: 3\nlearning_rate: 0.1\noptimizer:\n  kind: sgd\n")
        let other = try run("b", nil, settings: "epochs: 3\nlearning_rate: 0.2\nfuture: 1\noptimizer:\n  kind: adam\n")
        let differences = RunComparison([one, other]).differences
        #expect(differences.map(\.name) == ["optimizer.kind", "learning_rate", "future"])
        #expect(differences[1].values == ["0.1", "0.2"] && differences[2].values == [nil, "1"])
    }

    @Test func fieldsOfAnyKindAreReadAsTheyWereWritten() throws {
        let rows = table(
            .test, [("a,b\"c\nd", "é,", "\"\""), ("", "x", ""), (" b ", "e\u{301}", "\r\n")])
        let url = scratch.file("predictions.csv")
        try PredictionTable(rows).write(to: url)
        #expect(try PredictionTable(contentsOf: url) == PredictionTable(rows))
        for text in ["part,image\ntest,1\n", "part,image,label,prediction,probability\nx,1,a,b,0.5\n", ""] {
            try Data(text.utf8).write(to: url)
            #expect(throws: DatasetError.self) { try PredictionTable(contentsOf: url) }
        }
    }
}
