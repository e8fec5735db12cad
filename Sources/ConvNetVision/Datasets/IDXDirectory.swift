import ConvNetCore
import Foundation

/// A directory with the four files of MNIST or of a dataset published in its form: `train-images-idx3-ubyte`,
/// `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`; each compressed (`.gz`) or not, and
/// with a dot or a hyphen before `idx`. An optional `classes.txt` holds one class name per line.
struct IDXDirectory {
    let url: URL

    /// - Throws: `DatasetError.directoryNotFound` or `.notADirectory`.
    init(path: String) throws(DatasetError) {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw .directoryNotFound(path: path)
        }
        guard isDirectory.boolValue else { throw .notADirectory(path: path) }
        url = URL(fileURLWithPath: path, isDirectory: true)
    }

    /// Reads both parts.
    ///
    /// - Parameters:
    ///   - name: What messages call the dataset; the parts add `(train)` and `(test)`.
    ///   - knownClasses: The class names where they are known. Otherwise those of `classes.txt` count, and without that
    ///     file the numbers from 0 to the largest training label.
    func open(name: String, classes knownClasses: [String]? = nil) throws(DatasetError) -> TrainTestDatasets {
        let train = try open(.train, name: name, classes: knownClasses)
        let test = try open(.test, name: name, classes: train.classes)
        guard train.imageShape == test.imageShape else {
            throw .shapesDiffer(
                dataset: name, train: train.imageShape.description, test: test.imageShape.description)
        }
        return TrainTestDatasets(name: name, train: train, test: test)
    }

    /// Reads one part: predicting on a few test images should not wait for 60,000 others.
    func open(
        _ part: DatasetPart, name: String, classes knownClasses: [String]? = nil
    ) throws(DatasetError) -> IDXDataset {
        let images = try IDXFile(contentsOf: file("\(part.filePrefix)-images", rank: 3), rank: 3)
        let labels = try IDXFile(contentsOf: file("\(part.filePrefix)-labels", rank: 1), rank: 1)
        let classes = if let knownClasses { knownClasses } else { try classes() }
        return try IDXDataset(images: images, labels: labels, name: "\(name) (\(part))", classes: classes)
    }

    private func file(_ stem: String, rank: Int) throws(DatasetError) -> URL {
        let name = "\(stem)-idx\(rank)-ubyte"
        for variant in [name, "\(stem).idx\(rank)-ubyte"] {
            for suffix in ["", ".gz"] {
                let candidate = url.appendingPathComponent(variant + suffix, isDirectory: false)
                if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
            }
        }
        throw .missingFile(directory: url.path, file: name)
    }

    private func classes() throws(DatasetError) -> [String] {
        if let listed = try listedClasses() { listed } else { try numberedClasses() }
    }

    /// The lines of `classes.txt`, or nil where there is no such file.
    private func listedClasses() throws(DatasetError) -> [String]? {
        let file = url.appendingPathComponent("classes.txt", isDirectory: false)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard let text = String(data: try readFile(file), encoding: .utf8) else {
            throw .classNamesNotText(file: file.path)
        }
        var names = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        while names.last == "" { names.removeLast() }
        if names.isEmpty { throw .missingClassName(file: file.path, line: 1) }
        // An empty line is more likely a slip than a wish to shift the classes after it.
        if let blank = names.firstIndex(of: "") { throw .missingClassName(file: file.path, line: blank + 1) }
        return names
    }

    private func numberedClasses() throws(DatasetError) -> [String] {
        let labels = try IDXFile(contentsOf: file("\(DatasetPart.train.filePrefix)-labels", rank: 1), rank: 1)
        return (0...(labels.elements.max() ?? 0)).map { String($0) }
    }
}

extension DatasetPart {
    /// MNIST's files call the test part `t10k`.
    fileprivate var filePrefix: String { self == .train ? "train" : "t10k" }
}
