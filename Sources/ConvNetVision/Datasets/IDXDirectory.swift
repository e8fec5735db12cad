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
        let trainImages = try IDXFile(contentsOf: file("train-images", rank: 3), rank: 3)
        let trainLabels = try IDXFile(contentsOf: file("train-labels", rank: 1), rank: 1)
        let testImages = try IDXFile(contentsOf: file("t10k-images", rank: 3), rank: 3)
        let testLabels = try IDXFile(contentsOf: file("t10k-labels", rank: 1), rank: 1)
        let classes =
            if let knownClasses { knownClasses } else { try listedClasses() ?? numberedClasses(trainLabels) }

        let train = try IDXDataset(
            images: trainImages, labels: trainLabels, name: "\(name) (train)", classes: classes)
        let test = try IDXDataset(images: testImages, labels: testLabels, name: "\(name) (test)", classes: classes)
        guard train.imageShape == test.imageShape else {
            throw .shapesDiffer(
                dataset: name, train: train.imageShape.description, test: test.imageShape.description)
        }
        return TrainTestDatasets(name: name, train: train, test: test)
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

    private func numberedClasses(_ labels: IDXFile) -> [String] {
        (0...(labels.elements.max() ?? 0)).map { String($0) }
    }
}
