import ConvNetPages
import Foundation

/// Pictures that a file lists: comma-separated values with the columns `path` and `label` and, where one likes, `index` (the
/// class's position) and `part` (`train`, `validation` or `test`). Paths are relative to the file's directory, or absolute, and
/// may lead anywhere.
struct ImageTable {
    /// What an exported dataset calls its table, and a directory is recognized by.
    static let fileName = "labels.csv"

    private let file: URL

    init(_ file: URL) {
        self.file = file
    }

    private func fail(_ line: Int, _ problem: String) -> DatasetError {
        .badTable(file: file.path, line: line, problem: problem)
    }

    /// Reads the table; no picture is opened.
    ///
    /// Classes are in the order of their indices; without these, labels that are all numbers are in the order of numbers, and
    /// others in that of their bytes. Rows that repeat another count once.
    ///
    /// - Parameter needsTraining: whether it is an error that there is nothing to learn from.
    /// - Throws: `DatasetError.badTable`, and why the file could not be read.
    func open(name: String, needsTraining: Bool = true) throws(DatasetError) -> DatasetParts {
        let table = try CSVFile(contentsOf: file)
        guard table.columns != [DatasetExport.unfinishedMark] else {
            throw .noDataset(
                directory: file.deletingLastPathComponent().path,
                problem: "its export has not come to its end. Remove it, and export again")
        }
        guard let path = table.index(of: "path"), let label = table.index(of: "label") else {
            throw fail(1, "there must be columns 'path' and 'label'")
        }
        let classes = try classes(of: table, label: label)
        let labels = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        let (rows, notices) = try distinctRows(of: table, path: path, label: label)
        var entries: [DatasetPart: [ImageFileDataset.Entry]] = [:]
        for row in rows {
            guard let label = labels[row.label] else { continue }
            entries[row.part, default: []].append(ImageFileDataset.Entry(path: row.path, label: label))
        }
        guard !entries.isEmpty, entries[.train] != nil || !needsTraining else {
            throw fail(1, Self.lack(entries))
        }
        let directory = file.deletingLastPathComponent()
        let isDivided = table.index(of: "part") != nil
        func dataset(_ part: DatasetPart) -> ImageFileDataset {
            ImageFileDataset(
                name: name + (isDivided ? " (\(part))" : ""), classes: classes, directory: directory,
                entries: entries[part, default: []])
        }
        var result = DatasetParts(
            name: name, train: dataset(.train), validation: entries[.validation].map { _ in dataset(.validation) },
            test: entries[.test].map { _ in dataset(.test) })
        result.notices = notices
        return result
    }

    /// Why there is nothing to learn from.
    private static func lack(_ entries: [DatasetPart: [ImageFileDataset.Entry]]) -> String {
        guard !entries.isEmpty else { return "no row follows the names of the columns" }
        let others = DatasetPart.allCases.compactMap { part in
            entries[part].map { "\(part) (\($0.count.grouped))" }
        }
        return "no row is of the part train, only of \(others.joined(separator: " and "))"
    }

    // MARK: Rows

    private struct Row {
        var line: Int
        var path: String
        var label: String
        var part: DatasetPart
    }

    /// One row for each picture: a split names pictures by their paths, and the same one on both sides would be a leak.
    private func distinctRows(
        of table: CSVFile, path: Int, label: Int
    ) throws(DatasetError) -> (rows: [Row], notices: [DatasetNotice]) {
        let part = table.index(of: "part")
        let names = PictureNames(file.deletingLastPathComponent().path)
        var rows: [Row] = []
        var positions: [ExactText: Int] = [:]
        var repeated: [(line: Int, earlier: Int)] = []
        for record in table.rows {
            let named = part.map { DatasetPart(rawValue: record.fields[$0]) } ?? .train
            guard let named else {
                throw fail(
                    record.line,
                    "the part is train, validation or test, not '\(printable(record.fields[part ?? 0]))'")
            }
            let row = Row(line: record.line, path: record.fields[path], label: record.fields[label], part: named)
            guard !row.path.utf8.contains(0) else { throw fail(row.line, "a path cannot have a NUL character") }
            let name = names.canonical(row.path)
            guard let position = positions[name] else {
                positions[name] = rows.count
                rows.append(row)
                continue
            }
            let earlier = rows[position]
            let picture = "'\(printable(row.path))' "
            guard row.label == earlier.label else {
                throw fail(
                    row.line,
                    picture + "has the label '\(printable(row.label))' here and '\(printable(earlier.label))' in line "
                        + "\(earlier.line)")
            }
            guard row.part == earlier.part else {
                throw fail(
                    row.line, picture + "is in the part \(row.part) here and in \(earlier.part) in line \(earlier.line)"
                )
            }
            repeated.append((row.line, earlier.line))
        }
        guard let first = repeated.first else { return (rows, []) }
        let what =
            repeated.count == 1
            ? "1 row repeats another and counts" : "\(repeated.count.grouped) rows repeat others and count"
        return (
            rows,
            [
                DatasetNotice(
                    "\(what) once: line \(first.line) names the picture of line \(first.earlier)",
                    "Remove them; for pictures of small classes to come more often, there is 'train --balance sampling'."
                )
            ]
        )
    }

    // MARK: Classes

    private func classes(of table: CSVFile, label: Int) throws(DatasetError) -> [String] {
        try checkSpellings(of: table, label: label)
        guard let column = table.index(of: "index") else {
            let names = Set(table.rows.map { $0.fields[label] }).sortedByBytes()
            let numbers = names.compactMap { Int($0) }
            guard numbers.count == names.count else { return names }
            // Of equal numbers, 1 and 01, the bytes decide: a set has another order in every process.
            return zip(numbers, names).enumerated().sorted { one, other in
                (one.element.0, one.offset) < (other.element.0, other.offset)
            }.map(\.element.1)
        }
        var names: [Int: String] = [:]
        for row in table.rows {
            let name = row.fields[label]
            guard let index = Int(row.fields[column]), index >= 0 else {
                throw fail(row.line, "the index must be 0 or more, not '\(printable(row.fields[column]))'")
            }
            guard names[index, default: name] == name else {
                throw fail(
                    row.line,
                    "class \(index) is '\(printable(name))' here and '\(printable(names[index] ?? ""))' further up")
            }
            names[index] = name
        }
        guard Set(names.values).count == names.count, (names.keys.max() ?? -1) + 1 == names.count else {
            throw fail(1, "the indices must count the classes from 0, each name with one index")
        }
        return names.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Labels are text: what reads alike is one class, and which of its spellings is meant nobody could say.
    private func checkSpellings(of table: CSVFile, label: Int) throws(DatasetError) {
        var spellings: [String: (name: String, line: Int)] = [:]
        for row in table.rows {
            let name = row.fields[label]
            guard let earlier = spellings[name] else {
                spellings[name] = (name, row.line)
                continue
            }
            guard ExactText(earlier.name) == ExactText(name) else {
                throw fail(
                    row.line,
                    "the label '\(ExactText(name).escaped)' reads like '\(ExactText(earlier.name).escaped)' in line "
                        + "\(earlier.line), and is written with other characters; write both alike")
            }
        }
    }
}
