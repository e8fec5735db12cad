import ConvNetPages
import ConvNetTraining
import ConvNetVision
import Foundation

/// What a page says of how a model did on images: metrics, classes, what was taken for what, calibration, and mistakes.
package struct EvaluationSections {
    package let report: any EvaluationReport
    /// What the report is on; nil where only the images' names are known, or pictures would take too long.
    let images: (any Dataset)?
    let imageName: (Int) -> String
    let mistakes: Int

    /// - Parameter mistakes: how many of the most confident ones are shown at most.
    package init(_ report: any EvaluationReport, images: any Dataset, mistakes: Int = 48) {
        self.report = report
        self.images = images
        imageName = { images.imageName(at: $0) }
        self.mistakes = mistakes
    }

    /// Without pictures.
    package init(_ report: any EvaluationReport, imageName: @escaping (Int) -> String, mistakes: Int = 48) {
        self.report = report
        images = nil
        self.imageName = imageName
        self.mistakes = mistakes
    }

    /// A metric's value for a page.
    package static func text(_ value: Double, unit: MetricUnit) -> String {
        unit == .share ? percent(value) : value.fourDigits
    }

    package static func percent(_ share: Double) -> String { String(format: "%.2f\u{A0}%%", share * 100) }

    /// - Throws: why a picture cannot be read.
    package func html() throws -> HTML {
        """
        <p>\(metrics) on \(report.evaluation.imageCount.grouped) images.</p>
        <h2>Classes</h2>
        <p>Precision is the share of the images taken for a class that are of it; recall is the share of a class's images
        that were taken for it; F1 is the harmonic mean of the two.</p>
        \(scores)
        <h2>What was taken for what</h2>
        \(confusions)
        \(calibration)
        \(try mistakePictures())
        """
    }

    // MARK: Numbers

    /// Accuracy first, then the others as the catalog has them.
    private var metrics: String {
        let evaluation = report.evaluation
        let known = MetricCatalog.all.filter { evaluation[$0.name] != nil }
        // Of five classes or fewer, the right one always is among the first five.
        let shown = known.filter { $0.name != "top5_accuracy" || report.classes.count > 5 }
        let first = shown.filter { $0.name == "accuracy" } + shown.filter { $0.name != "accuracy" }
        let texts = first.map { metric in
            let value = evaluation[metric.name] ?? .nan
            let title = metric.name == "top5_accuracy" ? "among the first five" : metric.title
            return "\(title) \(Self.text(value, unit: metric.unit))"
        }
        let text = texts.joined(separator: ", ")
        return text.prefix(1).uppercased() + text.dropFirst()
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

    // MARK: Confusions

    private var confusions: HTML {
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

    /// More classes than these do not fit a map; their most frequent confusions are listed.
    static let mostClasses = 40
    static let mostConfusions = 60

    /// All pairs of classes where there are few of these, otherwise the most frequent confusions.
    private func matrix(_ report: ClassificationReport) -> HTML {
        let classes = report.classes.map(printable)
        guard classes.count <= Self.mostClasses else {
            let rows: [HTML] = report.confusions.prefix(Self.mostConfusions).map { confusion in
                """
                <tr><th scope="row">\(classes[confusion.label])</th><td>\(classes[confusion.prediction])</td>
                <td><a href="#\(Self.anchor(confusion.label, confusion.prediction))">\(confusion.imageCount)</a></td></tr>
                """
            }
            return """
                <div class="scroll"><table><thead><tr><th scope="col">class</th><th scope="col">taken for</th>
                <th scope="col">images</th></tr></thead><tbody>\(rows)</tbody></table></div>
                """
        }
        let cells = classes.indices.map { label in
            let all = max(report.confusion[label].reduce(0, +), 1)
            return report.confusion[label].enumerated().map { other, count in
                // The root of the share of the class, so that rare confusions can be seen.
                HeatMap.Cell(
                    share: (Double(count) / Double(all)).squareRoot(), color: other == label ? .first : .second,
                    text: count == 0 ? "" : "\(count)",
                    tooltip: other == label
                        ? "\(classes[label]): \(count.grouped) of \(all.grouped) right"
                        : "\(classes[label]) taken for \(classes[other]): \(count.grouped) of \(all.grouped)",
                    link: other != label && count > 0 ? "#\(Self.anchor(label, other))" : nil)
            }
        }
        return """
            <p>Rows are what the images are, columns what they were taken for. The number of a confusion leads to its
            images.</p>
            \(HeatMap(
                rowTitle: "class", columnTitle: "taken for", rows: classes, columns: classes, cells: cells,
                summary: "How many images of each class were taken for each class"
            ).html)
            """
    }

    /// Where the images of one class that were taken for another are on the page.
    static func anchor(_ label: Int, _ prediction: Int) -> String { "taken-\(label)-\(prediction)" }

    // MARK: Calibration

    private var calibration: HTML {
        let calibration = report.calibration
        guard let error = calibration.expectedError else { return "" }
        let bins = calibration.bins
        let edges = (0...bins.count).map { Double($0) / Double(bins.count) }
        let scale = Scale.shares(title: "probability", [0, 1])
        let points = bins.compactMap { bin in
            bin.meanProbability.flatMap { mean in bin.accuracy.map { LineChart.Point(mean, $0) } }
        }
        let isSingle = report is ClassificationReport
        let what = isSingle ? "answers" : "classes of all images"
        let reliability = LineChart(
            series: [
                .init(name: "as probable as said", points: [.init(0, 0), .init(1, 1)], color: .third, isDashed: true),
                .init(name: isSingle ? "right answers" : "the image has the class", points: points, color: .first),
            ], horizontal: scale, vertical: .shares(title: "share that is so", [0, 1]),
            summary: "The share of right answers by their probability")
        let counts = Histogram(
            edges: edges,
            groups: [
                .init(name: isSingle ? "right" : "so", color: .first, counts: bins.map(\.right)),
                .init(name: isSingle ? "wrong" : "not so", color: .second, counts: bins.map { $0.count - $0.right }),
            ], horizontal: scale, title: what, summary: "How many \(what) there are by their probability")
        return """
            <h2>How far probabilities can be trusted</h2>
            <p>Of what is held for 90\u{A0}% probable, 90 of 100 should be so. Expected calibration error
            \(Self.percent(error)).</p>
            \(SmallMultiples([
                ("How often it is so", reliability.html), ("How probable the model holds it", counts.html),
            ]).html)
            """
    }
}
