import ConvNetPages
import ConvNetTraining
import ConvNetVision
import Foundation

/// The mistakes on a page: the most confident ones, and those of each confusion.
extension EvaluationSections {
    /// Of each confusion, and of all together: what makes pages large.
    private static let (picturesOfEach, picturesOfAll) = (6, 120)
    /// The names of how many further images of a confusion are told.
    private static let namesOfEach = 12
    private static let (largeSide, smallSide) = (160, 80)

    /// - Throws: why a picture cannot be read.
    func mistakePictures() throws -> HTML {
        let wrong = wrongAnswers
        let shown = Array(wrong.prefix(mistakes))
        let note: HTML =
            wrong.isEmpty
            ? "<p>There is none.</p>"
            : "<p>\(shown.count) of \(wrong.count.grouped), the most confident first. Some may be labelled wrongly.</p>"
        return """
            <h2>The most confident mistakes</h2>
            \(note)
            \(PictureGrid(try shown.map { try picture($0.index, $0.lines, side: Self.largeSide) }).html)
            \(try confusedPictures())
            """
    }

    /// What is wrong with the answer to an image, in lines.
    private struct WrongAnswer {
        var index: Int
        var lines: [HTML]
    }

    private static func percent(_ share: Float) -> String { String(format: "%.1f\u{A0}%%", share * 100) }

    /// The most confident ones first.
    private var wrongAnswers: [WrongAnswer] {
        func line(_ what: HTML, _ label: Int, _ probability: Float) -> HTML {
            let number: HTML = probability.isNaN ? "" : " \(Self.percent(probability))"
            return "\(what) <b>\(printable(report.classes[label]))</b>\(number)"
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
                let labels = report.outcomes[mistake.index].labels.map { report.classes[$0] }
                return WrongAnswer(
                    index: mistake.index,
                    lines: [
                        line(
                            mistake.isMissing ? "answered without" : "answered with", mistake.label, mistake.probability
                        ),
                        "labelled \(labels.isEmpty ? "with none" : printable(labels.joined(separator: ", ")))",
                    ])
            }
        default: return []
        }
    }

    /// The images of each confusion that the table of these leads to, the most confident first.
    private func confusedPictures() throws -> HTML {
        guard let report = report as? ClassificationReport, !report.mistakes.isEmpty else { return "" }
        let mistakes = Dictionary(grouping: report.mistakes) { Self.anchor($0.label, $0.prediction) }
        let confusions =
            report.classes.count > Self.mostClasses
            ? Array(report.confusions.prefix(Self.mostConfusions)) : report.confusions
        var left = images == nil ? 0 : Self.picturesOfAll
        let parts: [HTML] = try confusions.map { confusion in
            let anchor = Self.anchor(confusion.label, confusion.prediction)
            let all = mistakes[anchor] ?? []
            let count = min(all.count, Self.picturesOfEach, left)
            left -= count
            let pictures = try all.prefix(count).map { mistake in
                let name: HTML = "\(Self.percent(mistake.probability))"
                return try picture(mistake.index, [name], side: Self.smallSide, hasName: false)
            }
            let others = all.dropFirst(count).prefix(Self.namesOfEach).map { printable(imageName($0.index)) }
            let rest = all.count - count - others.count
            let names = others + (rest > 0 ? ["\(rest.grouped) more"] : [])
            return """
                <h3 id="\(anchor)">\(printable(report.classes[confusion.label])) taken for \
                \(printable(report.classes[confusion.prediction])): \(confusion.imageCount.grouped)</h3>
                \(PictureGrid(pictures, isSmall: true).html)
                <p class="note">\(names.joined(separator: ", "))</p>
                """
        }
        return "<h2>The images of each confusion</h2>\(parts)"
    }

    private func picture(_ index: Int, _ lines: [HTML], side: Int, hasName: Bool = true) throws -> PictureGrid.Picture {
        let name = printable(imageName(index))
        return PictureGrid.Picture(
            png: try images.map { try Self.thumbnail(of: $0, at: index, side: side) }, name: name,
            lines: hasName ? lines + ["\(name)"] : lines)
    }

    /// The picture, upright and no larger than it needs to be.
    private static func thumbnail(of images: any Dataset, at index: Int, side: Int) throws -> Data {
        let image = try images.picture(at: index).decode(Decoding(channels: 3))
        let scale = Double(side) / Double(max(image.height, image.width))
        guard scale < 1 else { return try PNG.encode(image) }
        func length(_ length: Int) -> Int { max(1, Int((Double(length) * scale).rounded())) }
        return try PNG.encode(image.resized(to: Size(length(image.height), length(image.width))))
    }
}
