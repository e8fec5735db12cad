import ConvNetCore
import Foundation

/// A directory with a sub-directory of pictures for each class, at its top or under `train` and `val` or `test`.
struct ImageFolder {
    private let url: URL
    private let subdirectories: [String]

    /// - Throws: `DatasetError.noPictures` where pictures have no sub-directory that would tell their class, `.noDataset`
    ///   where there is neither the one nor the other.
    init(_ url: URL) throws(DatasetError) {
        self.url = url
        let listing = try DirectoryListing(url.path)
        subdirectories = listing.names.filter {
            DirectoryWalk.kind(DirectoryWalk.join(url.path, $0)) == .directory
        }
        guard subdirectories.isEmpty else { return }
        if listing.names.contains(where: Self.isPicture) { throw .noPictures(directory: url.path) }
        throw .noDataset(directory: url.path, problem: Self.problem(of: listing))
    }

    private static func problem(of listing: DirectoryListing) -> String {
        let advice = "a dataset has a sub-directory of JPEG or PNG files for each class"
        let unreadable = listing.unreadableNames.count
        if unreadable > 0, listing.names.isEmpty {
            return unreadable == 1
                ? "the name of what is in it ('\(printable(listing.unreadableNames[0]))') is not UTF-8; rename it"
                : "the names of the \(unreadable) entries in it are not UTF-8; rename them"
        }
        let files = listing.names.count + unreadable
        if files == 0 { return "it is empty; \(advice)" }
        return files == 1
            ? "there is only a file in it, '\(printable(listing.names[0]))', which is no picture; \(advice)"
            : "there are \(files) files in it, none of them a picture, and no sub-directories; \(advice)"
    }

    private static let partNames: [DatasetPart: [String]] = [
        .train: ["train", "training"], .validation: ["val", "valid", "validation"], .test: ["test"],
    ]

    /// Lists the files; none is opened.
    ///
    /// - Throws: `DatasetError.noPictures` where there are none to learn from.
    func open(name: String) throws(DatasetError) -> ImageDatasets {
        func directory(_ part: DatasetPart) -> String? {
            subdirectories.first { Self.partNames[part, default: []].contains($0.lowercased()) }
        }
        guard let train = directory(.train) else {
            let all = try scan("", classes: subdirectories)
            return ImageDatasets(name: name, train: try dataset(all, all.classes, name), badFiles: all.badFiles)
        }
        let training = try scan(train, classes: nil)
        let classes = training.classes
        var result = ImageDatasets(
            name: name, train: try dataset(training, classes, "\(name) (train)"), badFiles: training.badFiles)
        for part in [DatasetPart.validation, .test] {
            guard let directory = directory(part) else { continue }
            var found = try scan(directory, classes: nil)
            for stranger in found.classes where !classes.contains(stranger) {
                let path = DirectoryWalk.join(directory, stranger)
                found.badFiles.append(
                    BadFile(
                        path: path,
                        problem:
                            "'\(printable(path))' is a class that '\(train)' lacks. Remove it, or add pictures to train on."
                    ))
                found.files[stranger] = nil
            }
            let images = try dataset(found, classes, "\(name) (\(part))")
            if part == .validation { result.validation = images } else { result.test = images }
            for var file in found.badFiles {
                file.part = part
                result.badFiles.append(file)
            }
        }
        return result
    }

    private struct Scan {
        /// Those that have pictures, sorted.
        var classes: [String] = []
        var files: [String: [String]] = [:]
        var badFiles: [BadFile] = []
        /// The one of them that says the most where there are no pictures: what could not be looked at.
        var unreadable: BadFile?
    }

    private func scan(_ directory: String, classes names: [String]?) throws(DatasetError) -> Scan {
        var scan = Scan()
        let path = DirectoryWalk.join(url.path, directory)
        let classes =
            if let names { names } else {
                try DirectoryListing(path).names.filter {
                    DirectoryWalk.kind(DirectoryWalk.join(path, $0)) == .directory
                }
            }
        for name in classes {
            let walk = DirectoryWalk(url.path, directory: DirectoryWalk.join(directory, name))
            let pictures = walk.files.filter(Self.isPicture)
            scan.badFiles += walk.badFiles
            scan.unreadable = scan.unreadable ?? walk.badFiles.first
            guard !pictures.isEmpty else {
                // A directory that could not be read has been complained of.
                if walk.badFiles.isEmpty {
                    let path = DirectoryWalk.join(directory, name)
                    scan.badFiles.append(
                        BadFile(
                            path: path,
                            problem:
                                "'\(printable(path))' is a class with no pictures. Add some, or remove the directory."))
                }
                continue
            }
            scan.classes.append(name)
            scan.files[name] = pictures
        }
        return scan
    }

    private func dataset(
        _ scan: Scan, _ classes: [String], _ name: String
    ) throws(DatasetError) -> ImageFileDataset {
        let entries = classes.enumerated().flatMap { label, name in
            scan.files[name, default: []].map { ImageFileDataset.Entry(path: $0, label: label) }
        }
        if entries.isEmpty {
            guard let unreadable = scan.unreadable else { throw .noPictures(directory: url.path) }
            throw .noDataset(
                directory: url.path, problem: "no picture is found in its sub-directories: \(unreadable.problem)")
        }
        return ImageFileDataset(name: name, classes: classes, directory: url, entries: entries)
    }

    /// By its name. What is decoded is decided by its content; other files in a picture folder are notes and the like.
    static func isPicture(_ path: String) -> Bool {
        guard let dot = path.lastIndex(of: ".") else { return false }
        return pictureExtensions.contains(path[path.index(after: dot)...].lowercased())
    }

    private static let pictureExtensions: Set = [
        "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "ppm", "pgm", "pnm", "heic", "heif",
        "avif", "jp2", "jxl",
    ]
}
