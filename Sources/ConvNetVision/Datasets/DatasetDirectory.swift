import ConvNetGraph
import ConvNetTraining
import Foundation

/// The files of a dataset in one directory, not yet read.
protocol DatasetDirectory {
    /// Reads one part.
    ///
    /// - Parameters:
    ///   - name: What messages call the dataset; the parts add `(train)` and `(test)`.
    ///   - classes: The class names where they are known.
    func open(_ part: DatasetPart, name: String, classes: [String]?) throws(DatasetError) -> any Dataset
}

extension DatasetDirectory {
    /// Reads some of the parts.
    ///
    /// - Throws: `DatasetError.shapesDiffer` where the images of two do, and what reading one throws.
    func open(
        _ parts: Set<DatasetPart>, name: String, classes: [String]? = nil
    ) throws(DatasetError) -> DatasetParts {
        guard parts.contains(.train) else {
            let test = try open(.test, name: name, classes: classes)
            let none = ImageFileDataset(
                name: "\(name) (train)", classes: test.classes, directory: URL(filePath: "/"), entries: [])
            return DatasetParts(name: name, train: none, test: test)
        }
        let train = try open(.train, name: name, classes: classes)
        guard parts.contains(.test) else { return DatasetParts(name: name, train: train) }
        let test = try open(.test, name: name, classes: train.classes)
        guard train.imageShape == test.imageShape else {
            throw .shapesDiffer(
                dataset: name, train: train.imageShape?.description ?? "", test: test.imageShape?.description ?? "")
        }
        return DatasetParts(name: name, train: train, test: test)
    }
}

/// Whether a file is there.
///
/// - Throws: `DatasetError.unreadable` where the system does not say: a dataset of another kind must not be made of what is left.
func isThere(_ file: URL) throws(DatasetError) -> Bool {
    do {
        return try file.isThere()
    } catch {
        throw .unreadable(file: file.path, reason: systemReason(error.code))
    }
}

/// The class names in a file of one name a line.
///
/// - Throws: `DatasetError.classNamesNotText`, `.missingClassName`, `.repeatedClassName` and why the file could not be read.
func readClassNames(_ file: URL) throws(DatasetError) -> [String] {
    guard let text = String(data: try readFile(file, bytesForEach: 20), encoding: .utf8) else {
        throw .classNamesNotText(file: file.path)
    }
    var names = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        .map { $0.trimmingCharacters(in: .whitespaces) }
    while names.last == "" { names.removeLast() }
    if names.isEmpty { throw .missingClassName(file: file.path, line: 1) }
    // An empty line is more likely a slip than a wish to shift the classes after it.
    if let blank = names.firstIndex(of: "") { throw .missingClassName(file: file.path, line: blank + 1) }
    if let (one, other) = names.firstReadingAlike {
        throw .repeatedClassName(file: file.path, line: other + 1, earlier: one + 1, name: names[other])
    }
    return names
}
