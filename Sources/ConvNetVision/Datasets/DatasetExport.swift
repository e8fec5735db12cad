import ConvNetGraph
import ConvNetTraining
import Foundation

/// Writing a dataset as PNG files in a folder, with a table that keeps their order.
public enum DatasetExport {
    /// Writes `part/class/number.png` for every picture, and `labels.csv`; both open again as the same dataset. Where pictures have any
    /// number of classes these are `part/number.png`, and the table alone has the classes, a column of 0 and 1 for each.
    ///
    /// Classes with names that cannot be directories' get others; the table has their own.
    ///
    /// - Parameters:
    ///   - directory: is made; it must not hold anything yet.
    ///   - progress: called now and then with the pictures that have been written, and all of them.
    /// - Throws: `DatasetError.directoryInUse`, `.badClassName` where a class is called as another column of the table, ``FileWriteError``, why a picture cannot be read, and what `progress` throws.
    public static func write(
        _ images: DatasetParts, to directory: URL, progress: (_ written: Int, _ all: Int) throws -> Void = { _, _ in }
    ) throws {
        let files = FileManager.default
        if let content = try? files.contentsOfDirectory(atPath: directory.path), !content.isEmpty {
            throw DatasetError.directoryInUse(path: directory.relativePath)
        }
        let form = try Form(images.train)
        let tableFile = directory.appendingPathComponent(ImageTable.fileName, isDirectory: false)
        try make(directory)
        try AtomicFile.write(Data("\(unfinishedMark)\n".utf8), to: tableFile)
        var table = form.header
        let all = images.parts.reduce(0) { $0 + $1.images.count }
        var written = 0
        for (part, pictures) in images.parts {
            for name in form.directories {
                try make(directory.appendingPathComponent("\(part)/\(name)", isDirectory: true))
            }
            let digits = "\(max(pictures.count - 1, 0))".count
            for index in 0..<pictures.count {
                let target = pictures.target(at: index)
                let number = String(repeating: "0", count: digits - "\(index)".count) + "\(index)"
                let path = ["\(part)", form.directory(of: target), "\(number).png"].compactMap { $0 }
                    .joined(separator: "/")
                try write(
                    png(pictures.picture(at: index)), to: directory.appendingPathComponent(path, isDirectory: false))
                table += form.row(path, target, part)
                written += 1
                try progress(written, all)
            }
        }
        try AtomicFile.write(Data(table.utf8), to: tableFile)
    }

    /// What table and directories look like.
    private struct Form {
        let classes: [String]
        /// For each class; one without a name for all pictures where they have any number of classes.
        let directories: [String]
        private let hasSeveral: Bool

        init(_ images: any Dataset) throws(DatasetError) {
            classes = images.classes
            hasSeveral = images.targetKind == .labels
            directories = hasSeveral ? [""] : DatasetExport.directoryNames(for: classes)
            if hasSeveral, let name = classes.first(where: ImageTableColumns.isReserved) {
                throw .badClassName(name)
            }
        }

        var header: String {
            (hasSeveral ? ["path"] + classes.map(CSVFile.quoted) + ["part"] : ["path", "label", "index", "part"])
                .joined(separator: ",") + "\n"
        }

        func directory(of target: Target) -> String? { hasSeveral ? nil : directories[target.label] }

        func row(_ path: String, _ target: Target, _ part: DatasetPart) -> String {
            let labels = Set(target.classes)
            let fields =
                hasSeveral
                ? classes.indices.map { labels.contains($0) ? "1" : "0" }
                : [CSVFile.quoted(classes[target.label]), "\(target.label)"]
            return ([path] + fields + [part.rawValue]).joined(separator: ",") + "\n"
        }
    }

    /// What stands in the table's place until all pictures are written: the folder of an export that was cut off would
    /// otherwise look like a whole dataset, of classes with fewer pictures.
    static let unfinishedMark = "This export has not come to its end."

    /// Bringing every one of so many files to disk by itself would take longer than all else.
    private static func write(_ data: Data, to file: URL) throws {
        do {
            try data.write(to: file)
        } catch {
            throw DatasetError.notWritten(file: file.relativePath, reason: systemReason(for: error))
        }
    }

    private static func png(_ picture: any ImageSource) throws -> Data {
        try PNG.encode(picture as? Image ?? picture.decode(Decoding(channels: picture.isGrey ? 1 : 3)))
    }

    private static func make(_ directory: URL) throws {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        } catch {
            throw DatasetError.notWritten(file: directory.relativePath, reason: systemReason(for: error))
        }
    }

    /// Letters, digits and a few signs stay; everything else becomes `_`. Long names are cut, and those that would be the same
    /// get a number.
    static func directoryNames(for classes: [String]) -> [String] {
        var used: Set<String> = []
        return classes.map { name in
            var safe = ""
            for scalar in name.unicodeScalars {
                let next = scalar.isSafeInFileNames ? String(scalar) : "_"
                guard safe.utf8.count + next.utf8.count <= mostBytes else { break }
                safe += next
            }
            if safe.isEmpty || safe.hasPrefix(".") { safe = "_" + safe }
            // Some file systems do not tell cases apart.
            var unique = safe
            var number = 2
            while !used.insert(unique.lowercased()).inserted {
                unique = "\(safe)_\(number)"
                number += 1
            }
            return unique
        }
    }

    /// File systems take 255 bytes, encrypted ones fewer; a number may follow.
    private static let mostBytes = 120
}

extension Unicode.Scalar {
    fileprivate var isSafeInFileNames: Bool {
        isASCII
            ? properties.isAlphabetic || properties.numericType != nil || "-_. +".unicodeScalars.contains(self)
            : properties.isAlphabetic
    }
}
