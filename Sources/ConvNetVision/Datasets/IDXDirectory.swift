import ConvNetTraining
import Foundation

/// A directory with the four files of MNIST or of a dataset published in its form: `train-images-idx3-ubyte`,
/// `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`; each compressed (`.gz`) or not, and
/// with a dot or a hyphen before `idx`. An optional `classes.txt` holds one class name per line.
struct IDXDirectory: DatasetDirectory {
    let url: URL

    /// - Parameter url: of a directory that is there.
    init(_ url: URL) { self.url = url }

    /// Whether any of the four files is there.
    func isRecognized() throws(DatasetError) -> Bool {
        for part in [DatasetPart.train, .test] {
            for (kind, rank) in [("images", 3), ("labels", 1)] {
                if try find("\(part.filePrefix)-\(kind)", rank: rank) != nil { return true }
            }
        }
        return false
    }

    /// Reads one part: predicting on a few test images should not wait for 60,000 others.
    ///
    /// - Parameters:
    ///   - name: What messages call the dataset; the parts add `(train)` and `(test)`.
    ///   - knownClasses: The class names where they are known. Otherwise those of `classes.txt` count, and without that
    ///     file the numbers from 0 to the largest training label.
    func open(
        _ part: DatasetPart, name: String, classes knownClasses: [String]?
    ) throws(DatasetError) -> any Dataset {
        if part == .validation { throw .noSuchPart(dataset: name, part: part) }
        let images = try IDXFile(contentsOf: file("\(part.filePrefix)-images", rank: 3), rank: 3)
        let labels = try IDXFile(contentsOf: file("\(part.filePrefix)-labels", rank: 1), rank: 1)
        let classes = if let knownClasses { knownClasses } else { try classes() }
        return try IDXDataset(images: images, labels: labels, name: "\(name) (\(part))", classes: classes)
    }

    private func file(_ stem: String, rank: Int) throws(DatasetError) -> URL {
        guard let file = try find(stem, rank: rank) else {
            throw .missingFile(directory: url.path, file: "\(stem)-idx\(rank)-ubyte")
        }
        return file
    }

    /// nil where there is none, in whichever spelling.
    private func find(_ stem: String, rank: Int) throws(DatasetError) -> URL? {
        for variant in ["\(stem)-idx\(rank)-ubyte", "\(stem).idx\(rank)-ubyte"] {
            for suffix in ["", ".gz"] {
                let candidate = url.appendingPathComponent(variant + suffix, isDirectory: false)
                if try isThere(candidate) { return candidate }
            }
        }
        return nil
    }

    private func classes() throws(DatasetError) -> [String] {
        if let listed = try listedClasses() { listed } else { try numberedClasses() }
    }

    /// The lines of `classes.txt`, or nil where there is no such file.
    private func listedClasses() throws(DatasetError) -> [String]? {
        let file = url.appendingPathComponent("classes.txt", isDirectory: false)
        return try isThere(file) ? readClassNames(file) : nil
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
