import ConvNet
import ConvNetPages
import Foundation

/// A dataset's findings as text.
struct CheckReport {
    private let check: DatasetCheck
    /// Of the terminal, in columns.
    private let width: Int

    /// Of more classes only those with the fewest pictures are listed.
    private static let mostClasses = 40
    private static let longestClassName = 30

    init(_ check: DatasetCheck, width: Int = 80) {
        self.check = check
        self.width = width
    }

    /// Without a line feed at its end.
    var text: String {
        let statistics = [classes, sizes, channels].compactMap { $0 }
        return ([summary] + check.findings.map(finding) + statistics).joined(separator: "\n\n")
    }

    // MARK: Findings

    private var summary: String {
        let total = check.parts.reduce(0) { $0 + $1.pictures }
        let classes = check.classes.count.counted("class", plural: "classes")
        let severities = DatasetCheck.Severity.allCases.compactMap { severity -> String? in
            let count = check.findings.count { $0.severity == severity }
            return count == 0 ? nil : count.counted(severity.rawValue)
        }
        let directories = check.parts.compactMap { part in
            part.directory.map { "\(quoted($0)) is the \(part.part) part" }
        }
        return "\(printable(check.name)): \(total.counted("picture")) in \(classes)"
            + directories.map { "; \($0)" }.joined() + "\n"
            + (severities.isEmpty ? "Nothing is wrong." : "Found: " + severities.joined(separator: ", "))
    }

    private func finding(_ finding: DatasetCheck.Finding) -> String {
        let headline = "\(finding.severity.rawValue.uppercased()): \(finding.headline)."
        var lines = [printable(headline).wrapped(to: width, indent: 2)]
        lines.append("  " + printable(finding.advice).wrapped(to: width - 2, indent: 2))
        for example in finding.examples { lines += self.lines(example, of: finding) }
        // A class's share of an imbalance is no instance of it.
        let left = finding.count - finding.examples.reduce(0) { $0 + covered($1, of: finding.kind) }
        if left > 0, !finding.examples.isEmpty { lines.append("    and \(left.grouped) more") }
        return lines.joined(separator: "\n")
    }

    /// How many of the pictures that a finding counts an example stands for.
    private func covered(_ example: DatasetCheck.Example, of kind: DatasetCheck.Kind) -> Int {
        switch kind {
        case .conflictingLabels: example.count
        case .duplicates: example.count - 1
        default: 1
        }
    }

    private func lines(_ example: DatasetCheck.Example, of finding: DatasetCheck.Finding) -> [String] {
        guard !example.pictures.isEmpty else {
            return ["    " + printable(example.note ?? "").wrapped(to: width - 4, indent: 6)]
        }
        var names = example.pictures.map { picture in
            let label = finding.kind == .conflictingLabels || finding.kind == .nearConflictingLabels
            return quoted(picture.name)
                + (label ? " (\(picture.label.isEmpty ? "no class" : shortened(picture.label)))" : "")
        }
        if example.count > names.count { names.append("\((example.count - names.count).grouped) more") }
        let sign = Self.nearKinds.contains(finding.kind) ? "≈" : "="
        var lines = ["    " + names[0]]
        for name in names.dropFirst() {
            // Names may hold blanks, so lines are broken between names only.
            if lines[lines.count - 1].displayWidth + 3 + name.displayWidth <= width {
                lines[lines.count - 1] += " \(sign) \(name)"
            } else {
                lines.append("      \(sign) \(name)")
            }
        }
        if let note = example.note { lines[lines.count - 1] += ", \(printable(note))" }
        return lines
    }

    private static let nearKinds: Set<DatasetCheck.Kind> = [.nearLeak, .nearConflictingLabels, .nearDuplicates]

    // MARK: Statistics

    private var classes: String {
        var table = TextTable(
            columns: [.right("class"), .left("name")] + check.parts.map { .right($0.part.rawValue) })
        var labels = Array(check.classes.indices)
        if labels.count > Self.mostClasses {
            let counts = check.parts[0].classCounts
            labels = Array(labels.sorted { (counts[$0], $0) < (counts[$1], $1) }.prefix(Self.mostClasses))
        }
        for label in labels {
            table.append(
                ["\(label)", shortened(check.classes[label])] + check.parts.map { $0.classCounts[label].grouped })
        }
        let left = check.classes.count - labels.count
        return "\(table)" + (left > 0 ? "\nand \(left.grouped) classes with more pictures" : "")
            + check.parts.compactMap(severalClasses).map { "\n\($0)" }.joined()
    }

    /// How many classes pictures have; nil where each has one.
    private func severalClasses(_ part: DatasetCheck.Part) -> String? {
        guard let without = part.withoutClass, let mean = part.classesPerPicture else { return nil }
        return
            "\(part.part): \(String(format: "%.2f", mean)) classes a picture on average, \(without.grouped) without any"
    }

    private var sizes: String {
        var table = TextTable(
            columns: [
                .left("part"), .right("pictures"), .right("smallest"), .right("median"), .right("largest"),
                .right("sizes"),
            ])
        for part in check.parts {
            let sizes = part.sizes
            table.append(
                [part.part.rawValue, part.readable.grouped]
                    + [sizes?.smallest, sizes?.median, sizes?.largest].map { $0.map(\.description) ?? "" }
                    + [(sizes?.different ?? 0).grouped])
        }
        return table.text(fitting: width, leavingOut: ["sizes", "pictures", "median"])
    }

    /// nil where no picture of the training part can be read.
    private var channels: String? {
        guard let channels = check.channels else { return nil }
        var table = TextTable(columns: [.left("0 to 1"), .right("mean"), .right("standard deviation")])
        let names = channels.mean.count == 1 ? ["grey"] : ["red", "green", "blue"]
        for (index, name) in names.enumerated() {
            table.append([name, channels.mean[index].fourDigits, channels.standardDeviation[index].fourDigits])
        }
        return "\(table)"
    }

    private func shortened(_ name: String) -> String {
        let text = printable(name)
        return text.displayWidth <= Self.longestClassName ? text : text.prefix(ofWidth: Self.longestClassName - 1) + "…"
    }
}
