import ConvNetGraph
import ConvNetTraining
import Foundation

/// Pictures in files, each with a label, or with any number of them.
public struct ImageFileDataset: Dataset {
    /// One picture.
    struct Entry: Hashable, Sendable {
        /// Relative to the dataset's directory.
        var path: String
        var target: Target

        init(path: String, target: Target) {
            self.path = path
            self.target = target
        }

        init(path: String, label: Int) { self.init(path: path, target: .label(label)) }
    }

    public let name: String
    public let classes: [String]
    /// What the paths are relative to.
    public let directory: URL
    let entries: [Entry]
    public let targetKind: TargetKind

    init(name: String, classes: [String], directory: URL, entries: [Entry], targetKind: TargetKind = .label) {
        self.name = name
        self.classes = classes
        self.directory = directory
        self.entries = entries
        self.targetKind = targetKind
    }

    /// Files that nobody has labelled: all have the label 0.
    ///
    /// - Parameter paths: of files, absolute or relative to the current directory.
    public init(unlabelled paths: [String], name: String, classes: [String]) {
        self.init(
            name: name, classes: classes, directory: URL(filePath: FileManager.default.currentDirectoryPath),
            entries: paths.map { Entry(path: $0, label: 0) })
    }

    public var count: Int { entries.count }
    /// Pictures may differ in size.
    public var imageShape: Shape? { nil }
    public var isCostlyToRead: Bool { true }
    public func target(at index: Int) -> Target { entries[index].target }

    /// The file's path within the directory.
    public func imageName(at index: Int) -> String { entries[index].path }

    public func item(at index: Int) throws -> DatasetItem {
        .picture(try ImageFile(contentsOf: url(at: index), name: entries[index].path))
    }

    /// Reads no more of the file than tells it.
    public func imageShape(at index: Int) throws -> Shape {
        try ImageFile.shape(ofFileAt: url(at: index), name: entries[index].path)
    }

    func url(at index: Int) -> URL {
        let path = entries[index].path
        return URL(filePath: isAbsolute(path) ? path : DirectoryWalk.join(directory.path, path))
    }
}

/// A file or directory that cannot be used, and why: a sentence that names it.
public struct BadFile: Hashable, Sendable {
    /// Relative to the dataset's directory.
    public var path: String
    /// What is wrong, and what to do about it.
    public var problem: String
    /// The part that it would belong to.
    public var part = DatasetPart.train
}
