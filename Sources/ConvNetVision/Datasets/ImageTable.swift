import ConvNetPages
import ConvNetTraining
import Foundation

/// Pictures that a file lists: comma-separated values with a column for the picture (`path`, `file`, `filename` or `image`) and the
/// classes in one of three ways, which the columns alone tell:
/// - a column `label`, the one class of each picture, and where one likes `index`, the class's position;
/// - a column `labels`, any number of classes, as in `cat;outdoor`;
/// - neither, and a column of 0 and 1 for each class.
///
/// A column `part` (`train`, `validation` or `test`) divides them. Paths are relative to the file's directory, or absolute, and may lead
/// anywhere.
struct ImageTable {
    /// What an exported dataset calls its table, and a directory is recognized by.
    static let fileName = "labels.csv"

    private let file: URL
    /// The part that the table's directory is, and its name within that of the dataset; nil of a table for all parts.
    private let place: (part: DatasetPart, directory: String)?

    init(_ file: URL, place: (part: DatasetPart, directory: String)? = nil) {
        self.file = file
        self.place = place
    }

    /// What a table says.
    struct Content {
        var kind: TargetKind
        var classes: [String]
        /// One for each picture.
        var rows: [Row]
        var notices: [DatasetNotice]
        var isDivided: Bool
        /// Whether each class is a column.
        var hasClassColumns: Bool
    }

    struct Row {
        var line: Int
        var path: String
        /// Names of classes, in the order of the table.
        var labels: [String]
        var part: DatasetPart
    }

    func fail(_ line: Int, _ problem: String) -> DatasetError {
        .badTable(file: file.path, line: line, problem: problem)
    }

    /// Reads tables; no picture is opened. Rows that repeat another of their table count once. The classes are those of the first table.
    ///
    /// - Parameters:
    ///   - tables: one for all parts, or one for each in the order of the parts.
    ///   - directory: of the dataset, which the pictures' names are relative to.
    ///   - needsTraining: whether it is an error that there is nothing to learn from.
    /// - Throws: `DatasetError.badTable`, and why a file could not be read.
    static func open(
        _ tables: [ImageTable], in directory: URL, name: String, needsTraining: Bool
    ) throws(DatasetError) -> DatasetParts {
        let first = (table: tables[0], content: try tables[0].read())
        let labels = Dictionary(uniqueKeysWithValues: first.content.classes.enumerated().map { ($1, $0) })
        var entries: [DatasetPart: [ImageFileDataset.Entry]] = [:]
        var notices: [DatasetNotice] = []
        let names = PictureNames(directory.path)
        var lines: [ExactText: (part: DatasetPart, line: Int)] = [:]
        for (number, table) in tables.enumerated() {
            let content = number == 0 ? first.content : try table.read()
            notices += content.notices
            try table.check(content, against: first.content, of: first.table)
            for row in content.rows {
                let path = table.path(of: row)
                if let (part, line) = lines.updateValue((row.part, row.line), forKey: names.canonical(path)) {
                    throw table.fail(
                        row.line, "'\(printable(row.path))' is in the part \(part), too: line \(line) of its table")
                }
                let target = try table.target(row, among: labels, content.kind)
                entries[row.part, default: []].append(ImageFileDataset.Entry(path: path, target: target))
            }
        }
        guard !entries.isEmpty, entries[.train] != nil || !needsTraining else {
            throw first.table.fail(1, lack(entries))
        }
        var result = DatasetParts(name: name, first.content, entries, directory: directory, notices: notices)
        for case (let part, let directory)? in tables.map(\.place) { result.directories[part] = directory }
        return result
    }

    /// From the dataset's directory, or absolute.
    private func path(of row: Row) -> String {
        guard let place, !isAbsolute(row.path) else { return row.path }
        return DirectoryWalk.join(place.directory, row.path)
    }

    private func check(_ content: Content, against known: Content, of table: ImageTable) throws(DatasetError) {
        guard content.kind == known.kind else {
            throw fail(
                1,
                "its pictures have \(Self.words(content.kind)), those of '\(printable(table.file.path))' \(Self.words(known.kind))"
            )
        }
        // Columns tell all classes, whether a picture has them or not.
        guard !content.hasClassColumns || Set(content.classes) == Set(known.classes) else {
            throw fail(1, "its columns of classes are not those of '\(printable(table.file.path))'")
        }
    }

    private static func words(_ kind: TargetKind) -> String {
        kind == .labels ? "any number of classes" : "one class each"
    }

    private func target(_ row: Row, among classes: [String: Int], _ kind: TargetKind) throws(DatasetError) -> Target {
        var labels: [Int] = []
        for name in row.labels {
            guard let label = classes[name] else {
                throw fail(
                    row.line, "the class '\(printable(name))' is none of those to learn: no picture there has it")
            }
            labels.append(label)
        }
        return kind == .labels ? .labels(labels.sorted()) : .label(labels[0])
    }

    /// Why there is nothing to learn from.
    private static func lack(_ entries: [DatasetPart: [ImageFileDataset.Entry]]) -> String {
        guard !entries.isEmpty else { return "no row follows the names of the columns" }
        let others = DatasetPart.allCases.compactMap { part in
            entries[part].map { "\(part) (\($0.count.grouped))" }
        }
        return "no row is of the part train, only of \(others.joined(separator: " and "))"
    }

    // MARK: Reading

    private func read() throws(DatasetError) -> Content {
        let table = try CSVFile(contentsOf: file)
        guard table.columns != [DatasetExport.unfinishedMark] else {
            throw .noDataset(
                directory: file.deletingLastPathComponent().path,
                problem: "its export has not come to its end. Remove it, and export again")
        }
        let columns: ImageTableColumns
        do throws(ImageTableColumns.Problem) {
            columns = try ImageTableColumns(table)
        } catch {
            throw fail(error.line, error.sentence)
        }
        let (rows, notices) = try distinctRows(of: table, columns)
        return Content(
            kind: columns.kind, classes: columns.classes, rows: rows, notices: notices,
            isDivided: columns.part != nil || place != nil, hasClassColumns: columns.hasClassColumns)
    }

    /// One row for each picture: a split names pictures by their paths, and the same one on both sides would be a leak.
    private func distinctRows(
        of table: CSVFile, _ columns: ImageTableColumns
    ) throws(DatasetError) -> (rows: [Row], notices: [DatasetNotice]) {
        let names = PictureNames(file.deletingLastPathComponent().path)
        var rows: [Row] = []
        var positions: [ExactText: Int] = [:]
        var repeated: [(line: Int, earlier: Int)] = []
        for (record, labels) in zip(table.rows, columns.labels) {
            let row = Row(
                line: record.line, path: record.fields[columns.path], labels: labels,
                part: try part(of: record, column: columns.part))
            guard !row.path.utf8.contains(0) else { throw fail(row.line, "a path cannot have a NUL character") }
            let name = names.canonical(row.path)
            guard let position = positions[name] else {
                positions[name] = rows.count
                rows.append(row)
                continue
            }
            let earlier = rows[position]
            let picture = "'\(printable(row.path))' "
            guard Set(row.labels) == Set(earlier.labels) else {
                func words(_ labels: [String]) -> String { "'\(printable(labels.joined(separator: ";")))'" }
                let what = columns.kind == .labels ? "labels" : "label"
                throw fail(
                    row.line,
                    picture + "has the \(what) \(words(row.labels)) here and \(words(earlier.labels)) in line "
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
                    columns.kind == .labels
                        ? "Remove them; for small classes to count more, there is 'train --balance weights'."
                        : "Remove them; for pictures of small classes to come more often, there is 'train --balance sampling'."
                )
            ]
        )
    }

    private func part(of record: (line: Int, fields: [String]), column: Int?) throws(DatasetError) -> DatasetPart {
        guard let column else { return place?.part ?? .train }
        guard let named = DatasetPart(rawValue: record.fields[column]) else {
            throw fail(
                record.line, "the part is train, validation or test, not '\(printable(record.fields[column]))'")
        }
        if let place, place.part != named {
            throw fail(record.line, "the part is \(named) here, in the directory for \(place.part)")
        }
        return named
    }
}

extension DatasetParts {
    fileprivate init(
        name: String, _ content: ImageTable.Content, _ entries: [DatasetPart: [ImageFileDataset.Entry]], directory: URL,
        notices: [DatasetNotice]
    ) {
        func dataset(_ part: DatasetPart) -> ImageFileDataset {
            ImageFileDataset(
                name: name + (content.isDivided ? " (\(part))" : ""), classes: content.classes, directory: directory,
                entries: entries[part, default: []], targetKind: content.kind)
        }
        self.init(
            name: name, train: dataset(.train), validation: entries[.validation].map { _ in dataset(.validation) },
            test: entries[.test].map { _ in dataset(.test) })
        self.notices = notices
    }
}
