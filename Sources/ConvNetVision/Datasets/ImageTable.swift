import ConvNetCore
import Foundation

/// Pictures that a file lists: comma-separated values with the columns `path` and `label` and, where one likes, `index` (the
/// class's position) and `part` (`train`, `validation` or `test`). Paths are relative to the file's directory.
struct ImageTable {
    /// What an exported dataset calls its table, and a directory is recognized by.
    static let fileName = "labels.csv"

    private let file: URL

    init(_ file: URL) {
        self.file = file
    }

    /// Reads the table; no picture is opened.
    ///
    /// Classes are in the order of their indices; without these, labels that are all numbers are in the order of numbers, and
    /// others in that of their bytes.
    ///
    /// - Throws: `DatasetError.badTable`, and why the file could not be read.
    func open(name: String) throws(DatasetError) -> ImageDatasets {
        let table = try CSVFile(contentsOf: file)
        guard let path = table.index(of: "path"), let label = table.index(of: "label") else {
            throw .badTable(file: file.path, line: 1, problem: "there must be columns 'path' and 'label'")
        }
        let classes = try classes(of: table, label: label)
        let labels = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        var entries: [DatasetPart: [ImageFileDataset.Entry]] = [:]
        let part = table.index(of: "part")
        for row in table.rows {
            let named = part.map { DatasetPart(rawValue: row.fields[$0]) } ?? .train
            guard let named else {
                throw .badTable(
                    file: file.path, line: row.line,
                    problem: "the part is train, validation or test, not '\(printable(row.fields[part ?? 0]))'")
            }
            guard let label = labels[row.fields[label]] else { continue }
            entries[named, default: []].append(ImageFileDataset.Entry(path: row.fields[path], label: label))
        }
        let directory = file.deletingLastPathComponent()
        guard let train = entries[.train] else {
            throw .badTable(file: file.path, line: 1, problem: Self.lack(entries))
        }
        func dataset(_ entries: [ImageFileDataset.Entry], _ suffix: String) -> ImageFileDataset {
            ImageFileDataset(name: name + suffix, classes: classes, directory: directory, entries: entries)
        }
        return ImageDatasets(
            name: name, train: dataset(train, part == nil ? "" : " (train)"),
            validation: entries[.validation].map { dataset($0, " (validation)") },
            test: entries[.test].map { dataset($0, " (test)") })
    }

    /// Why there is nothing to learn from.
    private static func lack(_ entries: [DatasetPart: [ImageFileDataset.Entry]]) -> String {
        guard !entries.isEmpty else { return "no row follows the names of the columns" }
        let others = DatasetPart.allCases.compactMap { part in
            entries[part].map { "\(part) (\($0.count.grouped))" }
        }
        return "no row is of the part train, only of \(others.joined(separator: " and "))"
    }

    private func classes(of table: CSVFile, label: Int) throws(DatasetError) -> [String] {
        guard let column = table.index(of: "index") else {
            let names = Set(table.rows.map { $0.fields[label] })
            if names.allSatisfy({ Int($0) != nil }) { return names.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) } }
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
        var names: [Int: String] = [:]
        for row in table.rows {
            let name = row.fields[label]
            guard let index = Int(row.fields[column]), index >= 0 else {
                throw .badTable(
                    file: file.path, line: row.line,
                    problem: "the index must be 0 or more, not '\(printable(row.fields[column]))'")
            }
            guard names[index, default: name] == name else {
                throw .badTable(
                    file: file.path, line: row.line,
                    problem:
                        "class \(index) is '\(printable(name))' here and '\(printable(names[index] ?? ""))' further up")
            }
            names[index] = name
        }
        guard Set(names.values).count == names.count, (names.keys.max() ?? -1) + 1 == names.count else {
            throw .badTable(
                file: file.path, line: 1, problem: "the indices must count the classes from 0, each name with one index"
            )
        }
        return names.sorted { $0.key < $1.key }.map(\.value)
    }
}
