import Foundation

/// A file of comma-separated values with a header line (RFC 4180): fields may be quoted, and a quote within them doubled.
package struct CSVFile {
    /// The names in the first line.
    package let columns: [String]
    /// As many fields as there are columns, and the line, counted from 1, where each row begins.
    package let rows: [(line: Int, fields: [String])]

    /// The text, its bytes, and a string for each field, which may have one byte and a comma.
    private static let bytesForEach = 12

    /// - Throws: `DatasetError.badTable`, and why the file could not be read.
    package init(contentsOf url: URL) throws(DatasetError) {
        guard var text = String(data: try readFile(url, bytesForEach: Self.bytesForEach), encoding: .utf8) else {
            throw .badTable(file: url.path, line: 1, problem: "it is not UTF-8 text")
        }
        if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
        try self.init(text, file: url.path)
    }

    init(_ text: String, file: String) throws(DatasetError) {
        var records: [(line: Int, fields: [String])] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var (line, start) = (1, 1)
        var isQuoted = false
        var wasQuoted = false
        let bytes = Array(text.utf8)
        func endRecord() {
            fields.append(String(decoding: field, as: UTF8.self))
            // An empty line is no row.
            if fields.count > 1 || !field.isEmpty || wasQuoted { records.append((start, fields)) }
            (fields, field, wasQuoted) = ([], [], false)
        }
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\n") { line += 1 }
            if isQuoted {
                guard byte == UInt8(ascii: "\"") else {
                    field.append(byte)
                    continue
                }
                if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                    field.append(byte)
                    position += 1
                } else {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted: (isQuoted, wasQuoted) = (true, true)
            case UInt8(ascii: "\""):
                throw .badTable(
                    file: file, line: line, problem: "a quote stands within a field that does not begin with one")
            case UInt8(ascii: ","):
                fields.append(String(decoding: field, as: UTF8.self))
                (field, wasQuoted) = ([], false)
            case UInt8(ascii: "\n"):
                endRecord()
                start = line
            case UInt8(ascii: "\r") where position == bytes.count || bytes[position] == UInt8(ascii: "\n"): break
            default:
                guard !wasQuoted else {
                    throw .badTable(file: file, line: line, problem: "text follows the closing quote of a field")
                }
                field.append(byte)
            }
        }
        guard !isQuoted else { throw .badTable(file: file, line: start, problem: "a quoted field has no end") }
        endRecord()
        guard let header = records.first else {
            throw .badTable(file: file, line: 1, problem: "it is empty; the first line names the columns")
        }
        for row in records where row.fields.count != header.fields.count {
            throw .badTable(
                file: file, line: row.line,
                problem: "it has \(row.fields.count) fields, the first line \(header.fields.count)")
        }
        columns = header.fields
        rows = Array(records.dropFirst())
    }

    /// The position of a column.
    func index(of column: String) -> Int? {
        columns.firstIndex { $0.trimmingCharacters(in: .whitespaces).lowercased() == column }
    }

    /// A field as a file has it: in quotes where it must be.
    package static func quoted(_ field: String) -> String {
        // By bytes: a comma with a combining mark behind it is another character, and a comma all the same.
        guard field.utf8.contains(where: ",\"\r\n".utf8.contains) else { return field }
        let doubled = field.utf8.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
        return "\"" + String(decoding: doubled, as: UTF8.self) + "\""
    }
}
