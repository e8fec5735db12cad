import ConvNetGraph
import ConvNetTraining
import Foundation

/// Where datasets come from: a few are known by name, every other one is a directory.
///
///     let data = try DatasetCatalog.open("fashion-mnist")
///     print(data.train.count, data.train.imageShape)      // 60000 1×28×28
public enum DatasetCatalog {
    /// The datasets that are known by name, installed or not.
    public static let all: [CatalogEntry] = [.fashionMNIST]

    /// Opens a dataset of images of one size by its name or by the path of a directory with the four files of MNIST's form, or with
    /// the binary files of CIFAR-10 or CIFAR-100.
    ///
    /// Names go first. Something else is a path if it contains a slash or exists.
    ///
    /// - Throws: `DatasetError` where there is no such dataset or its files cannot be used.
    public static func open(_ nameOrPath: String) throws(DatasetError) -> TrainTestDatasets {
        if let entry = entry(nameOrPath) { return try entry.open() }
        let url = try directory(nameOrPath)
        return try recognizedFiles(in: url).open(name: url.datasetName)
    }

    /// Opens one part of a dataset, which is faster than both.
    ///
    /// - Throws: as ``open(_:)``.
    public static func open(_ nameOrPath: String, part: DatasetPart) throws(DatasetError) -> any Dataset {
        if let entry = entry(nameOrPath) { return try entry.open(part) }
        let url = try directory(nameOrPath)
        return try recognizedFiles(in: url).open(part, name: url.datasetName, classes: nil)
    }

    /// Opens a dataset as pictures of any size: by its name, or by the path of a directory with files as ``open(_:)`` takes
    /// them, with a file `labels.csv`, or with a sub-directory of JPEG and PNG files for each class, at its top or under
    /// `train` and `val` or `test`; or by the path of a `.csv` file with columns `path` and `label`, which may name pictures
    /// anywhere.
    ///
    /// Files of pictures are listed, and not opened. What is left aside is in ``ImageDatasets/notices``.
    ///
    /// - Parameter needsTraining: whether it is an error that a folder or a table has pictures to measure with only;
    ///   ``ImageDatasets/train`` is otherwise empty.
    /// - Throws: `DatasetError` where there is no such dataset or its files cannot be used.
    public static func openImages(
        _ nameOrPath: String, needsTraining: Bool = true
    ) throws(DatasetError) -> ImageDatasets {
        if let entry = entry(nameOrPath) { return try entry.openImages() }
        if isTable(nameOrPath) {
            let url = URL(fileURLWithPath: nameOrPath, isDirectory: false)
            return try ImageTable(url).open(
                name: url.deletingPathExtension().lastPathComponent, needsTraining: needsTraining)
        }
        let url = try directory(nameOrPath)
        let name = url.datasetName
        if let table = try table(in: url) {
            var images = try table.open(name: name, needsTraining: needsTraining)
            images.tableDirectory = url
            return images
        }
        if let files = try files(in: url) { return try files.openImages(name: name) }
        return try ImageFolder(url).open(name: name, needsTraining: needsTraining)
    }

    /// Opens the pictures of a dataset that a model is measured on: those for testing, where there are none those for
    /// validation, and all of a dataset that is not divided. Takes what ``openImages(_:needsTraining:)`` takes, and reads no
    /// more than it must.
    ///
    /// - Throws: `DatasetError` where there is no such dataset or its files cannot be used.
    public static func openTestImages(_ nameOrPath: String) throws(DatasetError) -> any ImageDataset {
        if let entry = entry(nameOrPath) { return try entry.openImages(.test) }
        if !isTable(nameOrPath) {
            let url = try directory(nameOrPath)
            if try table(in: url) == nil, let files = try files(in: url) {
                return try files.open(.test, name: url.datasetName, classes: nil)
            }
        }
        let images = try openImages(nameOrPath, needsTraining: false)
        return images.test ?? images.validation ?? images.train
    }

    private static func entry(_ name: String) -> CatalogEntry? { all.first { $0.name == name } }

    private static func directory(_ nameOrPath: String) throws(DatasetError) -> URL {
        var status = stat()
        guard stat(nameOrPath, &status) == 0 else {
            switch errno {
            case ENOENT where !nameOrPath.contains("/"):
                throw .unknownDataset(name: nameOrPath, suggestion: nearestName(to: nameOrPath, in: all.map(\.name)))
            case ENOENT, ENOTDIR: throw .directoryNotFound(path: nameOrPath)
            case let code: throw .unreadable(file: nameOrPath, reason: systemReason(code))
            }
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .notADirectory(path: nameOrPath) }
        return URL(fileURLWithPath: nameOrPath, isDirectory: true)
    }

    private static func isTable(_ path: String) -> Bool { path.lowercased().hasSuffix(".csv") }

    private static func table(in url: URL) throws(DatasetError) -> ImageTable? {
        let file = url.appendingPathComponent(ImageTable.fileName, isDirectory: false)
        return try isThere(file) ? ImageTable(file) : nil
    }

    /// nil where the directory has none of the files that tell such a dataset.
    private static func files(in url: URL) throws(DatasetError) -> (any DatasetDirectory)? {
        if let files = try CIFARDirectory(url) { return files }
        let files = IDXDirectory(url)
        return try files.isRecognized() ? files : nil
    }

    private static func recognizedFiles(in url: URL) throws(DatasetError) -> any DatasetDirectory {
        if let files = try files(in: url) { return files }
        // Says what is wrong with it, where pictures of any size would not do either.
        if try table(in: url) == nil { _ = try ImageFolder(url).open(name: url.datasetName) }
        throw .noDataset(
            directory: url.path,
            problem: "it has pictures in files of their own, which may be of any size: open it with openImages")
    }
}

// MARK: - Where datasets are

extension DatasetCatalog {
    /// What a dataset can be opened by from every working directory: its name, or the absolute path of its directory or
    /// table. What is neither a name nor there stays as it was given.
    public static func location(of nameOrPath: String) -> String {
        let kind = DirectoryWalk.kind(nameOrPath)
        let isThere = kind == .directory || kind == .file && isTable(nameOrPath)
        return entry(nameOrPath) == nil && isThere ? absolutePath(nameOrPath) : nameOrPath
    }

    /// Whether two names or paths stand for one dataset, however they are written.
    public static func areSame(_ one: String, _ other: String) -> Bool {
        if ExactText(one) == ExactText(other) { return true }
        guard entry(one) == nil, entry(other) == nil, let identity = DirectoryWalk.identity(one) else { return false }
        return identity == DirectoryWalk.identity(other)
    }
}

extension URL {
    /// Standardized, so that "." and "data/.." give the name of the directory they stand for.
    fileprivate var datasetName: String { standardizedFileURL.lastPathComponent }
}
