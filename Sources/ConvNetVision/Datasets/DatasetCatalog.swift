import ConvNetCore
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
        return try files(in: url).open(name: url.datasetName)
    }

    /// Opens one part of a dataset, which is faster than both.
    ///
    /// - Throws: as ``open(_:)``.
    public static func open(_ nameOrPath: String, part: DatasetPart) throws(DatasetError) -> any Dataset {
        if let entry = entry(nameOrPath) { return try entry.open(part) }
        let url = try directory(nameOrPath)
        return try files(in: url).open(part, name: url.datasetName, classes: nil)
    }

    /// Opens a dataset as pictures of any size: by its name, or by the path of a directory with files as ``open(_:)`` takes
    /// them, with a file `labels.csv`, or with a sub-directory of JPEG and PNG files for each class, at its top or under
    /// `train` and `val` or `test`; or by the path of a `.csv` file with columns `path` and `label`.
    ///
    /// Files of pictures are listed, and not opened.
    ///
    /// - Throws: `DatasetError` where there is no such dataset or its files cannot be used.
    public static func openImages(_ nameOrPath: String) throws(DatasetError) -> ImageDatasets {
        if let entry = entry(nameOrPath) { return try entry.openImages() }
        if nameOrPath.lowercased().hasSuffix(".csv") {
            let url = URL(fileURLWithPath: nameOrPath, isDirectory: false)
            return try ImageTable(url).open(name: url.deletingPathExtension().lastPathComponent)
        }
        let url = try directory(nameOrPath)
        let table = url.appendingPathComponent(ImageTable.fileName, isDirectory: false)
        if FileManager.default.fileExists(atPath: table.path) {
            return try ImageTable(table).open(name: url.datasetName)
        }
        if CIFARDirectory(url) == nil, !IDXDirectory(url).isRecognized {
            if let folder = try ImageFolder(url) { return try folder.open(name: url.datasetName) }
            // Without a sub-directory there is nothing to tell the classes by.
            if try DirectoryListing(url.path).names.contains(where: ImageFolder.isPicture) {
                throw .noPictures(directory: url.path)
            }
        }
        return try files(in: url).openImages(name: url.datasetName)
    }

    private static func entry(_ name: String) -> CatalogEntry? { all.first { $0.name == name } }

    private static func directory(_ nameOrPath: String) throws(DatasetError) -> URL {
        guard nameOrPath.contains("/") || FileManager.default.fileExists(atPath: nameOrPath) else {
            throw .unknownDataset(name: nameOrPath, suggestion: nearestName(to: nameOrPath, in: all.map(\.name)))
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: nameOrPath, isDirectory: &isDirectory) else {
            throw .directoryNotFound(path: nameOrPath)
        }
        guard isDirectory.boolValue else { throw .notADirectory(path: nameOrPath) }
        return URL(fileURLWithPath: nameOrPath, isDirectory: true)
    }

    private static func files(in url: URL) -> any DatasetDirectory { CIFARDirectory(url) ?? IDXDirectory(url) }
}

extension URL {
    /// Standardized, so that "." and "data/.." give the name of the directory they stand for.
    fileprivate var datasetName: String { standardizedFileURL.lastPathComponent }
}
