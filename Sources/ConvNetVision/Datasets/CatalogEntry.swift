import ConvNetTraining
import Foundation

/// A dataset that is known by name.
public struct CatalogEntry: Sendable {
    /// The name to open it by, e.g. `fashion-mnist`.
    public let name: String

    /// What it holds, in one line.
    public let summary: String

    /// The class names; a label is an index into them.
    public let classes: [String]

    /// How to install it, as a sentence.
    public let installation: String

    let expectedDirectory: URL

    /// The directory it is installed in, or nil where it is not on this machine.
    public var directory: URL? {
        FileManager.default.fileExists(atPath: expectedDirectory.path) ? expectedDirectory : nil
    }

    /// Reads its parts, or some of them.
    ///
    /// - Throws: `DatasetError.notInstalled` where it is not on this machine, and every error of its files.
    public func open(
        _ parts: Set<DatasetPart> = Set(DatasetPart.allCases)
    ) throws(DatasetError) -> DatasetParts {
        try installedDirectory().open(parts, name: name, classes: classes)
    }

    private func installedDirectory() throws(DatasetError) -> IDXDirectory {
        guard directory != nil else {
            throw .notInstalled(name: name, directory: expectedDirectory.path, installation: installation)
        }
        return IDXDirectory(expectedDirectory)
    }
}

extension CatalogEntry {
    /// Fashion-MNIST by Zalando Research, https://github.com/zalandoresearch/fashion-mnist, in the place where Debian's
    /// package puts it.
    static let fashionMNIST = CatalogEntry(
        name: "fashion-mnist",
        summary: "70000 grey images of clothing, 28×28 pixels, in 10 classes (Zalando Research)",
        classes: [
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ],
        installation: "Install Debian's package dataset-fashion-mnist (sudo apt-get install dataset-fashion-mnist), "
            + "or give the path of a directory with its four files.",
        expectedDirectory: URL(fileURLWithPath: "/usr/share/datasets/fashion-mnist", isDirectory: true)
    )
}
