import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import ConvNetVision
import Foundation

/// How a model does on a dataset, as a page to look at: metrics, classes, confusions, calibration, and the most confident mistakes as
/// pictures.
///
/// The page is one HTML file that fetches nothing. A run's own page ends with the same.
public struct EvaluationPage {
    private let sections: EvaluationSections
    private let name: String
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
        sections = EvaluationSections(report, images: images, mistakes: mistakes)
        self.name = name
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
        let accuracy = sections.report.evaluation.accuracy
        let body: HTML = """
            \(FactTable(facts.map { .init($0.name, $0.value) }).html)
            \(try sections.html())
            """
        return Page(title: "\(printable(name)): \(EvaluationSections.percent(accuracy))", body: body).html.description
    }
}
