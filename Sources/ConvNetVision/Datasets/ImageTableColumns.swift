import ConvNetPages
import ConvNetTraining
import Foundation

/// What the columns of an ``ImageTable`` say of classes.
struct ImageTableColumns {
    /// The positions of the pictures' column, and of that of the parts.
    let path: Int
    let part: Int?
    let kind: TargetKind
    /// In the order of their indices; without these, names that are all numbers are in the order of numbers, and others in that of
    /// their bytes. Classes that are columns keep their order.
    let classes: [String]
    /// For each row, the names of its classes, each once.
    let labels: [[String]]

    /// Whether each class is a column of 0 and 1.
    let hasClassColumns: Bool

    /// What is wrong with a table, and in which line.
    struct Problem: Error {
        var line: Int
        var sentence: String

        init(_ line: Int, _ sentence: String) {
            self.line = line
            self.sentence = sentence
        }
    }

    private static let pathNames = ["path", "file", "filename", "image"]
    /// Names that no class can have where classes are columns.
    static func isReserved(_ name: String) -> Bool {
        (pathNames + ["part", "label", "labels", "index"]).contains(
            name.trimmingCharacters(in: .whitespaces).lowercased())
    }
    private static let separator: Character = ";"

    init(_ table: CSVFile) throws(Problem) {
        let paths = Self.pathNames.filter { table.index(of: $0) != nil }
        guard let path = paths.first.flatMap(table.index) else {
            throw Problem(
                1,
                "there must be a column 'path' that names the pictures; it may be called 'file', 'filename' or 'image'")
        }
        guard paths.count == 1 else {
            throw Problem(
                1, "the columns '\(paths[0])' and '\(paths[1])' may both name the pictures; leave out one of them")
        }
        self.path = path
        part = table.index(of: "part")
        hasClassColumns = table.index(of: "label") == nil && table.index(of: "labels") == nil
        let (label, labels, index) = (table.index(of: "label"), table.index(of: "labels"), table.index(of: "index"))
        switch (label, labels) {
        case (_?, _?):
            throw Problem(
                1,
                "there are a column 'label', the one class of each picture, and 'labels', any number of them; leave out one of the two"
            )
        case (let label?, nil):
            kind = .label
            self.labels = table.rows.map { [$0.fields[label]] }
            classes = try Self.classes(of: table, self.labels, index: index)
        case (nil, let labels?):
            guard index == nil else {
                throw Problem(
                    1, "a column 'index' tells the position of a picture's one class, and does not go with 'labels'")
            }
            kind = .labels
            self.labels = table.rows.map { Self.names($0.fields[labels]) }
            classes = try Self.classes(of: table, self.labels, index: nil)
            guard !classes.isEmpty || table.rows.isEmpty else { throw Problem(1, "no picture has a class") }
        case (nil, nil):
            kind = .labels
            let columns = table.columns.indices.filter { $0 != path && $0 != table.index(of: "part") }
            guard !columns.isEmpty else {
                throw Problem(
                    1,
                    "there must be a column 'label' with the class of each picture, 'labels' with any number of them, as in "
                        + "cat;outdoor, or a column of 0 and 1 for each class")
            }
            classes = columns.map { table.columns[$0].trimmingCharacters(in: .whitespaces) }
            if classes.contains("") { throw Problem(1, "a column has no name, which would be that of its class") }
            if let (one, other) = classes.firstReadingAlike {
                throw Problem(
                    1, "the columns '\(printable(classes[one]))' and '\(printable(classes[other]))' read alike")
            }
            var rows: [[String]] = []
            for row in table.rows {
                rows.append(try Self.names(of: row, in: columns, classes))
            }
            self.labels = rows
        }
    }

    /// `cat; outdoor`, in the order of the field and each once.
    private static func names(_ field: String) -> [String] {
        var names: [String] = []
        for name in field.split(separator: separator) {
            let word = name.trimmingCharacters(in: .whitespaces)
            if !word.isEmpty, !names.contains(word) { names.append(word) }
        }
        return names
    }

    private static func names(
        of row: (line: Int, fields: [String]), in columns: [Int], _ names: [String]
    ) throws(Problem) -> [String] {
        var found: [String] = []
        for (name, column) in zip(names, columns) {
            switch row.fields[column].trimmingCharacters(in: .whitespaces) {
            case "1": found.append(name)
            case "0": break
            case let other:
                throw Problem(
                    row.line,
                    "the column '\(printable(name))' is a class, since there is no 'label' and no 'labels': it has 0 or 1 "
                        + "in each row, not '\(printable(other))'")
            }
        }
        return found
    }

    // MARK: Classes

    private static func classes(
        of table: CSVFile, _ labels: [[String]], index: Int?
    ) throws(Problem) -> [String] {
        try checkSpellings(of: table, labels)
        guard let index else {
            let names = Set(labels.joined()).sortedByBytes()
            let numbers = names.compactMap { Int($0) }
            guard numbers.count == names.count else { return names }
            // Of equal numbers, 1 and 01, the bytes decide: a set has another order in every process.
            return zip(numbers, names).enumerated().sorted { one, other in
                (one.element.0, one.offset) < (other.element.0, other.offset)
            }.map(\.element.1)
        }
        var names: [Int: String] = [:]
        for (row, labels) in zip(table.rows, labels) {
            let name = labels[0]
            guard let position = Int(row.fields[index]), position >= 0 else {
                throw Problem(row.line, "the index must be 0 or more, not '\(printable(row.fields[index]))'")
            }
            guard names[position, default: name] == name else {
                throw Problem(
                    row.line,
                    "class \(position) is '\(printable(name))' here and '\(printable(names[position] ?? ""))' further up"
                )
            }
            names[position] = name
        }
        guard Set(names.values).count == names.count, (names.keys.max() ?? -1) + 1 == names.count else {
            throw Problem(1, "the indices must count the classes from 0, each name with one index")
        }
        return names.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Labels are text: what reads alike is one class, and which of its spellings is meant nobody could say.
    private static func checkSpellings(of table: CSVFile, _ labels: [[String]]) throws(Problem) {
        var spellings: [String: (name: String, line: Int)] = [:]
        for (row, names) in zip(table.rows, labels) {
            for name in names {
                guard let earlier = spellings[name] else {
                    spellings[name] = (name, row.line)
                    continue
                }
                guard ExactText(earlier.name) == ExactText(name) else {
                    throw Problem(
                        row.line,
                        "the label '\(ExactText(name).escaped)' reads like '\(ExactText(earlier.name).escaped)' in line "
                            + "\(earlier.line), and is written with other characters; write both alike")
                }
            }
        }
    }
}
