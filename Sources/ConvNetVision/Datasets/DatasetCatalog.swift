import ConvNetCore
import Foundation

/// Where datasets come from: a few are known by name, every other one is a directory.
///
///     let data = try DatasetCatalog.open("fashion-mnist")
///     print(data.train.count, data.train.imageShape)      // 60000 1×28×28
public enum DatasetCatalog {
    /// The datasets that are known by name, installed or not.
    public static let all: [CatalogEntry] = [.fashionMNIST]

    /// Opens a dataset by its name or by the path of a directory with the four files of MNIST's form.
    ///
    /// Names go first. Something else is a path if it contains a slash or exists.
    ///
    /// - Throws: `DatasetError` where there is no such dataset or its files cannot be used.
    public static func open(_ nameOrPath: String) throws(DatasetError) -> TrainTestDatasets {
        if let entry = all.first(where: { $0.name == nameOrPath }) { return try entry.open() }
        guard nameOrPath.contains("/") || FileManager.default.fileExists(atPath: nameOrPath) else {
            throw .unknownDataset(name: nameOrPath, suggestion: nearestName(to: nameOrPath, in: all.map(\.name)))
        }
        let directory = try IDXDirectory(path: nameOrPath)
        // Standardized, so that "." and "data/.." give the name of the directory they stand for.
        return try directory.open(name: directory.url.standardizedFileURL.lastPathComponent)
    }
}
