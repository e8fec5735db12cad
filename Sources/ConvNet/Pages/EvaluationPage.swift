import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import ConvNetVision
import Foundation

/// How a model does on a dataset, as a page to look at: accuracy, classes, confusions, and the most confident mistakes as pictures.
///
/// The page is one HTML file without scripts that fetches nothing.
public struct EvaluationPage {
    private let report: any EvaluationReport
    private let images: any Dataset
    private let name: String
    private let mistakes: Int
    private let facts: [Fact]

    /// What the page says of the measurement itself, such as the model's file.
    public struct Fact: Hashable, Sendable {
        /// `model`
        public var name: String
        /// `runs/resnet18-1/model.safetensors`
        public var value: String

        /// A fact, by the name that stands before it.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// - Parameters:
    ///   - images: what the report is on.
    ///   - name: what the page calls it.
    ///   - mistakes: how many are shown at most.
    ///   - facts: what was measured on what, how and when.
    public init(
        _ report: any EvaluationReport, images: any Dataset, name: String, mistakes: Int = 48, facts: [Fact] = []
    ) {
        self.report = report
        self.images = images
        self.name = name
        self.mistakes = mistakes
        self.facts = facts
    }

    /// Writes the page; whatever happens, `url` holds either this page or what it held before.
    ///
    /// - Throws: ``FileWriteError``, and why a picture cannot be read.
    public func write(to url: URL) throws {
        try AtomicFile.write(Data(html().utf8), to: url)
    }

    /// The file's content.
    ///
    /// - Throws: why a picture cannot be read.
    public func html() throws -> String {
        let evaluation = report.evaluation
        func percent(_ share: Double) -> String { String(format: "%.2f\u{A0}%%", share * 100) }
        let wrong = wrongAnswers
        let shown = try wrong.prefix(mistakes).map(figure)
        // Of five classes or fewer, the right one always is.
        let top5 =
            report.classes.count > 5
            ? evaluation.top5Accuracy.map { "among the first five \(percent($0)), " } ?? "" : ""
        let note: HTML =
            wrong.isEmpty
            ? "<p>There is none.</p>"
            : "<p>\(shown.count) of \(wrong.count), the most confident first. Some may be labelled wrongly.</p>"
        let body: HTML = """
            <style>\(Self.style)</style>
            <p>Accuracy \(percent(evaluation.accuracy)), \(top5)loss
            \(String(format: "%.4f", evaluation.loss)) on \(evaluation.imageCount.grouped) images.</p>
            \(factTable)
            <h2>Classes</h2>
            <p>Precision is the share of the images taken for a class that are of it; recall is the share of a class's images
            that were taken for it; F1 is the harmonic mean of the two.</p>
            \(scores)
            <h2>What was taken for what</h2>
            \(matrix)
            <h2>The most confident mistakes</h2>
            \(note)
            <div class="pictures">
            \(shown)
            </div>
            """
        return Page(title: "\(printable(name)): \(percent(evaluation.accuracy))", body: body).html.description
    }

    private static let style: HTML = """
        .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1.25rem 1rem; }
        .pictures figure { margin: 0; min-width: 0; }
        .pictures img { width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--grid); border: 1px solid var(--rule);
          image-rendering: pixelated; }
        .pictures figcaption { overflow-wrap: anywhere; line-height: 1.35; margin-top: .3rem; }
        .pictures b { color: var(--ink); }
        table.facts { width: auto; }
        table.facts th { font-weight: 400; color: var(--muted); }
        table.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
        table.matrix td { text-align: center; min-width: 2.4rem; }
        table.matrix thead th:not(:first-child) { max-width: 7rem; overflow: hidden; text-overflow: ellipsis; text-align: center; }
        """

    // MARK: Parts

    private var factTable: HTML {
        guard !facts.isEmpty else { return "" }
        let rows: [HTML] = facts.map { "<tr><th scope=\"row\">\($0.name)</th><td>\(printable($0.value))</td></tr>" }
        return "<table class=\"facts\"><tbody>\(rows)</tbody></table>"
    }

    private var scores: HTML {
        func cell(_ share: Double?) -> String { share.map { String(format: "%.1f\u{A0}%%", $0 * 100) } ?? "–" }
        let rows: [HTML] = report.scores.map { score in
            """
            <tr><th scope="row">\(printable(score.name))</th><td>\(score.imageCount.grouped)</td>
            <td>\(cell(score.precision))</td><td>\(cell(score.recall))</td><td>\(cell(score.f1))</td></tr>
            """
        }
        return """
            <div class="scroll"><table><thead><tr><th scope="col">class</th><th scope="col">images</th>
            <th scope="col">precision</th><th scope="col">recall</th><th scope="col">F1</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            """
    }

    private var matrix: HTML {
        switch report {
        case let report as ClassificationReport: matrix(report)
        case let report as MultiLabelReport: answers(report)
        default: ""
        }
    }

    /// Of any number of classes an image, how often each is in the answers.
    private func answers(_ report: MultiLabelReport) -> HTML {
        let rows: [HTML] = zip(report.classes, zip(report.thresholds, report.confusion)).map { name, counts in
            """
            <tr><th scope="row">\(printable(name))</th><td>\(String(format: "%.3f", counts.0))</td>
            <td>\(counts.1.truePositives.grouped)</td><td>\(counts.1.falsePositives.grouped)</td>
            <td>\(counts.1.falseNegatives.grouped)</td><td>\(counts.1.trueNegatives.grouped)</td></tr>
            """
        }
        return """
            <p>An image is answered with all classes whose probability reaches the threshold.</p>
            <div class="scroll"><table><thead><tr><th scope="col">class</th><th scope="col">threshold</th>
            <th scope="col">rightly with it</th><th scope="col">wrongly with it</th><th scope="col">wrongly without it</th>
            <th scope="col">rightly without it</th></tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }

    /// All pairs of classes where there are few of these, otherwise the most frequent confusions.
    private func matrix(_ report: ClassificationReport) -> HTML {
        let classes = report.classes.map(printable)
        guard classes.count <= 30 else {
            let rows: [HTML] = report.confusions.prefix(50).map { confusion in
                """
                <tr><th scope="row">\(classes[confusion.label])</th><td>\(classes[confusion.prediction])</td>
                <td>\(confusion.imageCount)</td></tr>
                """
            }
            return """
                <div class="scroll"><table><thead><tr><th scope="col">class</th><th scope="col">taken for</th>
                <th scope="col">images</th></tr></thead><tbody>\(rows)</tbody></table></div>
                """
        }
        let rows: [HTML] = classes.indices.map { label in
            let all = max(report.confusion[label].reduce(0, +), 1)
            let cells: [HTML] = report.confusion[label].enumerated().map { other, count in
                // The right ones are blue, the wrong ones orange; the shade is the share of the class, and its root, so that
                // rare confusions can be seen.
                let shade = count == 0 ? 0 : Int((100 * (Double(count) / Double(all)).squareRoot() * 0.6).rounded())
                let color: HTML = other == label ? "--first" : "--second"
                return """
                    <td style="background: color-mix(in srgb, var(\(color)) \(shade)%, transparent)"
                    title="\(classes[label]) taken for \(classes[other])">\(count == 0 ? "" : "\(count)")</td>
                    """
            }
            return "<tr><th scope=\"row\">\(classes[label])</th>\(cells)</tr>"
        }
        let heads: [HTML] = classes.map { "<th scope=\"col\" title=\"\($0)\">\($0)</th>" }
        return """
            <p>Rows are what the images are, columns what they were taken for.</p>
            <div class="scroll"><table class="matrix"><thead><tr><th scope="col">class</th>\(heads)</tr></thead>
            <tbody>\(rows)</tbody></table></div>
            """
    }

    /// What is wrong with the answer to an image, in lines.
    private struct WrongAnswer {
        var index: Int
        var lines: [HTML]
    }

    /// The most confident ones first.
    private var wrongAnswers: [WrongAnswer] {
        func percent(_ share: Float) -> String { String(format: "%.1f\u{A0}%%", share * 100) }
        func line(_ what: HTML, _ label: Int, _ probability: Float) -> HTML {
            "\(what) <b>\(printable(report.classes[label]))</b> \(percent(probability))"
        }
        switch report {
        case let report as ClassificationReport:
            return report.mistakes.map { mistake in
                WrongAnswer(
                    index: mistake.index,
                    lines: [
                        line("taken for", mistake.prediction, mistake.probability),
                        line("labelled", mistake.label, mistake.labelProbability),
                    ])
            }
        case let report as MultiLabelReport:
            return report.mistakes.map { mistake in
                WrongAnswer(
                    index: mistake.index,
                    lines: [
                        line(
                            mistake.isMissing ? "answered without" : "answered with", mistake.label, mistake.probability
                        ),
                        "labelled \(printable(names(report.outcomes[mistake.index].labels)))",
                    ])
            }
        default: return []
        }
    }

    private func names(_ labels: [Int]) -> String {
        labels.isEmpty ? "with none" : labels.map { report.classes[$0] }.joined(separator: ", ")
    }

    private func figure(_ wrong: WrongAnswer) throws -> HTML {
        let name = printable(images.imageName(at: wrong.index))
        let lines: [HTML] = wrong.lines.map { "\($0)<br/>\n" }
        return """
            <figure><img alt="\(name)" src="data:image/png;base64,\(try thumbnail(wrong.index).base64EncodedString())"/>
            <figcaption>\(lines)\(name)</figcaption></figure>
            """
    }

    /// The picture, upright and no larger than it needs to be.
    private func thumbnail(_ index: Int) throws -> Data {
        let image = try images.picture(at: index).decode(Decoding(channels: 3))
        let scale = 160 / Double(max(image.height, image.width))
        guard scale < 1 else { return try PNG.encode(image) }
        func length(_ length: Int) -> Int { max(1, Int((Double(length) * scale).rounded())) }
        return try PNG.encode(image.resized(to: Size(length(image.height), length(image.width))))
    }
}
