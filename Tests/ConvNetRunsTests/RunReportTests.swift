import Foundation
import TestSupport
import Testing

@testable import ConvNetRuns

#if canImport(FoundationXML)
import FoundationXML
#endif

/// A run's page, its predictions, and what becomes of them where they cannot be written.
@Suite struct RunReportTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func path(_ name: String) -> String { scratch.file(name).path }

    /// Pictures of flat greys with names and classes that nobody should give.
    private struct Greys: Dataset {
        var name = "gr<e>ys & \"more\""
        var count = 40
        var offset = 0
        let classes = ["<script>alert(1)</script>", "da\u{1B}[31mrk", "고양이"]

        var imageShape: Shape? { nil }
        func target(at index: Int) -> Target { .label(index % 3) }
        func imageName(at index: Int) -> String { "a,\"b\"/\(offset + index)<i>.png" }
        func item(at index: Int) -> DatasetItem {
            let level = UInt8(40 + index % 3 * 60 + index * 7 % 50)
            return .picture(Image(channels: 1, height: 6, width: 6, pixels: [UInt8](repeating: level, count: 36)))
        }
    }

    private static func own(test: Bool = true) throws -> Run.Own {
        let network = try Network(input: [1, 6, 6]) {
            Conv2D(3, kernel: 3).named("conv")
            Flatten()
            Dense(3)
        }
        let images = DatasetParts(
            name: Greys().name, train: Greys(), test: test ? Greys(count: 9, offset: 100) : nil)
        return Run.Own(network: network, images: images, engine: ReferenceEngine())
    }

    private static func configuration(epochs: Int = 3) -> RunConfiguration {
        var configuration = RunConfiguration()
        configuration.epochs = epochs
        configuration.batchSize = 8
        configuration.learningRate = 0.02
        configuration.optimizer = "sgd"
        configuration.validation = 0.25
        return configuration
    }

    private func page(of directory: RunDirectory) throws -> String {
        try String(contentsOf: directory.reportFile, encoding: .utf8)
    }

    private func isWellFormed(_ page: String) -> Bool {
        XMLParser(data: Data(page.replacing("<!DOCTYPE html>", with: "").utf8)).parse()
    }

    /// Keeps texts from any thread.
    private final class Log: @unchecked Sendable {
        private let lock = NSLock()
        private var texts: [String] = []
        func add(_ text: String) { lock.withLock { texts.append(text) } }
        var all: [String] { lock.withLock { texts } }
    }

    /// Keeps what the page is at the beginning of each epoch.
    private final class PageKeeper: TrainingListener {
        private let page: URL
        private let log: Log
        init(_ page: URL, _ log: Log) { (self.page, self.log) = (page, log) }
        func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
            if case .epochStarted = event, let page = try? String(contentsOf: page, encoding: .utf8) { log.add(page) }
            return .continue
        }
    }

    @Test func aRunHasAPageFromItsFirstEpochOn() async throws {
        let run = try Run(Self.configuration(), in: path("run"), own: Self.own())
        let seen = Log()
        try await run.start(listeners: [PageKeeper(run.directory.reportFile, seen)])
        _ = try await run.measure()
        // Before the second epoch and before the third.
        #expect(seen.all.count == 2)
        for page in seen.all {
            #expect(page.contains("<meta http-equiv=\"refresh\" content=\"5\"/>"))
            #expect(page.contains("running, ") && page.contains("The validation images"))
            #expect(isWellFormed(page) && !page.contains("<img alt=\"a,"), "pictures take long")
        }
        let page = try page(of: run.directory)
        #expect(isWellFormed(page) && !page.contains("http-equiv=\"refresh\""))
        for text in [
            "gr&lt;e&gt;ys &amp; &quot;more&quot;</title>", "completed after 3 epochs", "The test images",
            "How far probabilities can be trusted", "3 filters of 3×3, over 1 channel", "waiting for images",
            "<summary>All ", "&lt;script&gt;alert(1)&lt;/script&gt;", "da\\u{1b}[31mrk", "convnet predict",
        ] { #expect(page.contains(text), "\(text)") }
        #expect(!page.contains("<script>alert") && !page.contains("\u{1B}"))
        // Each confusion of the map leads to its images.
        let links = Set(page.matches(of: /href="#(taken-[0-9]+-[0-9]+)"/).map { String($0.output.1) })
        for link in links { #expect(page.contains("id=\"\(link)\"")) }
        #expect(page.contains("data:image/png;base64,"))
        // From its files alone it is the same page, but for the pictures.
        let again = try RunReport(of: run.directory).html()
        #expect(isWellFormed(again) && again.contains("The test images") && again.contains("3 filters of 3×3"))
        for link in links { #expect(again.contains("id=\"\(link)\"")) }
    }

    @Test func predictionsAreThoseOfTheKeptModel() async throws {
        let directory = try await predictionsOfARun()
        // Going on makes another model, of which nothing is known on test images.
        var more = RunConfiguration()
        more.epochs = 6
        let longer = try Run(resuming: directory.path, with: more, own: Self.own())
        let end = try await longer.start()
        let rest = try #require(try longer.directory.predictions())
        if end.best?.epoch ?? 0 > 3 { #expect(rest[.test].isEmpty) }
    }

    private func predictionsOfARun() async throws -> RunDirectory {
        let run = try Run(Self.configuration(), in: path("run"), own: Self.own())
        try await run.start()
        let before = try #require(try run.directory.predictions())
        #expect(before[.test].isEmpty)
        let evaluation = try #require(try await run.measure())
        let table = try #require(try run.directory.predictions())
        #expect(table[.validation] == before[.validation] && table[.validation].count == run.data.validation?.count)
        #expect(table[.test].count == 9)
        let right = table[.test].count { $0.isRight }
        #expect(Double(right) / 9 == evaluation.accuracy)
        #expect(table.rows.allSatisfy { (0...1).contains($0.probability) })
        #expect(table[.test][0].image == "a,\"b\"/100<i>.png")
        let validation = try #require(run.data.validation)
        let report = try await run.model.report(on: validation)
        for (row, outcome) in zip(table[.validation], report.outcomes) {
            #expect(row.prediction == report.classes[outcome.prediction])
            #expect(abs(row.probability - outcome.probability) < 1e-6)
        }
        return try RunDirectory.open(run.directory.path)
    }

    @Test func aRunGoesOnWithoutWhatCannotBeWritten() async throws {
        let run = try Run(Self.configuration(epochs: 2), in: path("whole"), own: Self.own(test: false))
        try await run.start()
        var other = try Run(Self.configuration(epochs: 2), in: path("run"), own: Self.own(test: false))
        // Directories stand where the files should.
        for name in ["report.html", "predictions.csv"] {
            try FileManager.default.createDirectory(atPath: path("run/\(name)/x"), withIntermediateDirectories: true)
        }
        try Data().write(to: scratch.file("run/tensorboard"))
        let warnings = Log()
        other.warn = { warnings.add($0) }
        let end = try await other.start()
        #expect(end.reason == .completed)
        #expect(try Data(contentsOf: other.directory.modelFile) == Data(contentsOf: run.directory.modelFile))
        let told = warnings.all
        for name in ["report.html", "predictions.csv", "tensorboard"] {
            #expect(told.count { $0.contains("/run/\(name) is not what it should be: ") } == 1, "\(told)")
        }
    }

    @Test(arguments: ["run.json", "metrics.jsonl", "predictions.csv", "model.safetensors"])
    func whatIsBrokenIsLeftOutAndNamed(file: String) async throws {
        let run = try Run(Self.configuration(epochs: 1), in: path("run"), own: Self.own())
        try await run.start()
        let data = try Data(contentsOf: scratch.file("run/\(file)"))
        for content in [data.prefix(data.count / 2), Data("{]".utf8)] {
            try content.write(to: scratch.file("run/\(file)"))
            let page = try RunReport(of: run.directory).html()
            #expect(isWellFormed(page))
            // A line that is cut off is what a run that was ended leaves.
            if file != "metrics.jsonl" { #expect(page.contains("<p>\(file) cannot be read: "), "\(page.prefix(3000))") }
        }
        try FileManager.default.removeItem(at: scratch.file("run/\(file)"))
        #expect(isWellFormed(try RunReport(of: run.directory).html()))
    }

    /// A page of 300 epochs and 20 classes stays below a megabyte.
    @Test func longRunsHavePagesThatCanBeOpened() async throws {
        let run = try Run(Self.configuration(epochs: 1), in: path("run"), own: Self.own())
        try await run.start()
        var report = try RunReport(of: run.directory)
        let names = MetricCatalog.all.map(\.name)
        report.history = (1...300).map { epoch in
            var line = report.history[0]
            line.epoch = epoch
            for name in names { line.validation[name] = 1 / Double(epoch + 1) }
            return line
        }
        let classes = (0..<20).map { "class \($0)" }
        let outcomes = (0..<20000).map { index in
            ClassificationReport.Outcome(
                index: index, label: index % 20, prediction: index % 7 == 0 ? index / 20 % 20 : index % 20,
                probability: Float(index % 100) / 100)
        }
        let evaluation = Evaluation(["loss": 1, "accuracy": 0.8], imageCount: 20000)
        report.measured = .init(
            part: .test,
            sections: .init(ClassificationReport(evaluation: evaluation, classes: classes, outcomes: outcomes)) {
                "pictures/of/something/\($0).jpg"
            })
        let page = try report.html()
        #expect(page.utf8.count < 1_000_000, "\(page.utf8.count)")
        #expect(isWellFormed(page))
    }
}
