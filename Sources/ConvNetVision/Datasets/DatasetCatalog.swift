import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import Foundation

/// Where datasets come from: a few are known by name, every other one is a directory.
///
///     let data = try DatasetCatalog.open("fashion-mnist")
///     print(data.train.count, data.train.imageShape)      // 60000 1×28×28
public enum DatasetCatalog {
    /// The datasets that are known by name, installed or not.
    public static let all: [CatalogEntry] = [.fashionMNIST]

    /// Opens a dataset by its name, or by the path of a directory: with the four files of MNIST's form, with the binary files of
    /// CIFAR-10 or CIFAR-100, with a file `labels.csv`, at its top or in `train` and `val` or `test`, or with a sub-directory of
    /// JPEG and PNG files for each class, there as well; or by the path of a `.csv` file with columns `path` and `label` (or `labels`, or
    /// one of 0 and 1 for each class), which may name pictures anywhere.
    ///
    /// Names go first. Something else is a path if it contains a slash or exists. Files of pictures are listed, and not opened.
    /// What is left aside is in ``DatasetParts/notices``.
    ///
    /// - Parameters:
    ///   - parts: those that are wanted; others may be left out where they would have to be read.
    ///   - needsTraining: whether it is an error that a folder or a table has pictures to measure with only;
    ///     ``DatasetParts/train`` is otherwise empty.
    /// - Throws: `DatasetError` where there is no such dataset or its files cannot be used.
    public static func open(
        _ nameOrPath: String, parts: Set<DatasetPart> = Set(DatasetPart.allCases), needsTraining: Bool = true
    ) throws(DatasetError) -> DatasetParts {
        if let entry = entry(nameOrPath) { return try entry.open(parts) }
        if isTable(nameOrPath) {
            let url = URL(fileURLWithPath: nameOrPath, isDirectory: false)
            return try ImageTable.open(
                [ImageTable(url)], in: url.deletingLastPathComponent(),
                name: url.deletingPathExtension().lastPathComponent, needsTraining: needsTraining)
        }
        let url = try directory(nameOrPath)
        let name = url.datasetName
        if let tables = try tables(in: url) {
            var images = try ImageTable.open(tables, in: url, name: name, needsTraining: needsTraining)
            images.tableDirectory = url
            return images
        }
        if let files = try files(in: url) { return try files.open(parts, name: name) }
        return try ImageFolder(url).open(name: name, needsTraining: needsTraining)
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

    /// The table at the top of a directory, or those in the directories that are called like parts, in the parts' order; nil where there
    /// is none.
    ///
    /// - Throws: `DatasetError.noDataset` where one part has a table and another pictures without.
    private static func tables(in url: URL) throws(DatasetError) -> [ImageTable]? {
        let top = url.appendingPathComponent(ImageTable.fileName, isDirectory: false)
        if try isThere(top) { return [ImageTable(top)] }
        var places: [DatasetPart: String] = [:]
        var others: [String] = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path))?.sortedByBytes() ?? []
        for name in names {
            guard let part = FolderLayout.part(named: name) else { continue }
            let directory = url.appendingPathComponent(name, isDirectory: true)
            let file = directory.appendingPathComponent(ImageTable.fileName, isDirectory: false)
            guard try isThere(file) else {
                // An empty one is no part.
                let content = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
                if DirectoryWalk.kind(directory.path) == .directory, content != [] { others.append(name) }
                continue
            }
            if let other = places[part] {
                throw .noDataset(
                    directory: url.path,
                    problem: "'\(printable(other))' and '\(printable(name))' are both the part \(part)")
            }
            places[part] = name
        }
        guard let with = places.values.min() else { return nil }
        if let without = others.first {
            throw .noDataset(
                directory: url.path,
                problem:
                    "'\(printable(with))' has a \(ImageTable.fileName) and '\(printable(without))' has none; give both one"
            )
        }
        return DatasetPart.allCases.compactMap { part in
            places[part].map { name in
                ImageTable(
                    url.appendingPathComponent("\(name)/\(ImageTable.fileName)", isDirectory: false),
                    place: (part, name))
            }
        }
    }

    /// nil where the directory has none of the files that tell such a dataset.
    private static func files(in url: URL) throws(DatasetError) -> (any DatasetDirectory)? {
        if let files = try CIFARDirectory(url) { return files }
        let files = IDXDirectory(url)
        return try files.isRecognized() ? files : nil
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
