import ConvNetPages
import Foundation

/// A directory with a sub-directory of pictures for each class, at its top or under `train` and `val` or `test`.
struct ImageFolder {
    private let url: URL
    private let top: DirectoryWalk

    /// Lists the files; none is opened.
    ///
    /// - Throws: `DatasetError.noPictures` where pictures have no sub-directory that would tell their class, `.noDataset`
    ///   where there is neither the one nor the other, `.unreadable`.
    init(_ url: URL) throws(DatasetError) {
        self.url = url
        top = try DirectoryWalk(url.path)
        guard top.folders.isEmpty else { return }
        if !top.ownPictures.isEmpty { throw .noPictures(directory: url.path) }
        throw .noDataset(directory: url.path, problem: Self.problem(of: top))
    }

    /// - Parameter top: without directories and pictures.
    private static func problem(of top: DirectoryWalk) -> String {
        let advice = "a dataset has a sub-directory of JPEG or PNG files for each class"
        let (files, bad, unreadable) = (top.ownOtherFiles, top.ownBadFiles, top.unreadableNames)
        if let first = unreadable.first, top.entries.count == unreadable.count {
            return unreadable.count == 1
                ? "the name of what is in it ('\(printable(first))') is not UTF-8; rename it"
                : "the names of the \(unreadable.count) entries in it are not UTF-8; rename them"
        }
        if let first = bad.first {
            return (bad.count == 1 ? "" : "\(bad.count) entries of it cannot be used, the first one: ") + first.problem
        }
        if files.isEmpty { return "it is empty; \(advice)" }
        return files.count == 1
            ? "there is only a file in it, '\(printable(files[0]))', which is no picture; \(advice)"
            : "there are \(files.count) files in it, none of them a picture, and no sub-directories; \(advice)"
    }

    /// - Parameter needsTraining: whether it is an error that there is nothing to learn from.
    /// - Throws: `DatasetError.noPictures` and `.noDataset` where there are no pictures that could be used, or none to learn
    ///   from, `.ambiguousFolder` where classes and parts cannot be told apart, `.classesReadAlike`.
    func open(name: String, needsTraining: Bool = true) throws(DatasetError) -> DatasetParts {
        let layout = try FolderLayout(top, of: url.path)
        switch layout.reading {
        case .classes:
            let all = try Scan(top, of: url.path)
            if all.classes.isEmpty { throw lack(all) }
            var result = DatasetParts(
                name: name, train: dataset(all, all.classNames, name), badFiles: all.badFiles)
            result.notices = layout.notices + all.notices
            result.unrecognizedFiles = unrecognized(in: [top])
            return result
        case .parts(let parts): return try open(parts, layout.notices, name: name, needsTraining: needsTraining)
        }
    }

    private func open(
        _ parts: [DatasetPart: DirectoryWalk], _ notices: [DatasetNotice], name: String, needsTraining: Bool
    ) throws(DatasetError) -> DatasetParts {
        var scans: [DatasetPart: Scan] = [:]
        for (part, folder) in parts { scans[part] = try Scan(folder, of: url.path) }
        let training = scans[.train].flatMap { $0.classes.isEmpty ? nil : $0 }
        if needsTraining, training == nil {
            if let empty = scans[.train] { throw lack(empty) }
            throw .noDataset(directory: url.path, problem: Self.lackOfTraining(parts))
        }
        // Without any to learn, classes are those that there are to measure.
        let classes =
            training?.classNames
            ?? [.validation, .test].flatMap { scans[$0]?.classNames ?? [] }.reduce(into: []) { all, name in
                if !all.contains(name) { all.append(name) }
            }.sortedByBytes()
        var result = DatasetParts(
            name: name, train: dataset(Scan(), classes, "\(name) (train)"))
        result.notices = notices + [Scan.looseNotice(of: top)].compactMap { $0 }
        result.directories = parts.mapValues(\.name)
        result.unrecognizedFiles = unrecognized(in: DatasetPart.allCases.compactMap { parts[$0] })
        for file in top.ownBadFiles {
            guard let part = FolderLayout.part(named: file.path) else { continue }
            result.badFiles.append(file.of(part))
        }
        for part in DatasetPart.allCases {
            guard var found = scans[part] else { continue }
            found.removeStrangers(to: classes, training: parts[.train]?.name ?? "")
            result.badFiles += found.badFiles.map { $0.of(part) }
            result.notices += found.notices
            // A part without a picture that could be used is none.
            guard !found.classes.isEmpty else { continue }
            let images = dataset(found, classes, "\(name) (\(part))")
            switch part {
            case .train: result.train = images
            case .validation: result.validation = images
            case .test: result.test = images
            }
        }
        guard result.parts.contains(where: { $0.images.count > 0 }) else {
            throw lack(scans[.train] ?? scans[.validation] ?? scans[.test] ?? Scan())
        }
        return result
    }

    private static func lackOfTraining(_ parts: [DatasetPart: DirectoryWalk]) -> String {
        let names = DatasetPart.allCases.compactMap { part in parts[part].map { "'\(printable($0.name))' (\(part))" } }
        return "it has no part to learn from, only \(names.joined(separator: " and ")); such a part is called 'train'"
    }

    private func dataset(_ scan: Scan, _ classes: [String], _ name: String) -> ImageFileDataset {
        let labels = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        let entries = scan.classes.flatMap { found in
            found.pictures.map { ImageFileDataset.Entry(path: $0, label: labels[found.name] ?? 0) }
        }
        return ImageFileDataset(name: name, classes: classes, directory: url, entries: entries)
    }

    /// Why there are no pictures: what could not be looked at says the most.
    private func lack(_ scan: Scan) -> DatasetError {
        guard let unreadable = scan.unreadable else { return .noPictures(directory: url.path) }
        return .noDataset(
            directory: url.path, problem: "no picture is found in its sub-directories: \(unreadable.problem)")
    }

    private func unrecognized(in walks: [DirectoryWalk]) -> ImageFileDataset {
        let paths = walks.flatMap(\.folders).flatMap(\.otherFiles)
        return ImageFileDataset(
            name: "", classes: [""], directory: url, entries: paths.map { ImageFileDataset.Entry(path: $0, label: 0) })
    }
}

/// The classes in a directory, and what else there is.
private struct Scan {
    /// Those that have pictures, sorted.
    var classes: [(name: String, path: String, pictures: [String])] = []
    var badFiles: [BadFile] = []
    var notices: [DatasetNotice] = []
    /// The one of them that says the most where there are no pictures: what could not be looked at.
    var unreadable: BadFile?

    var classNames: [String] { classes.map(\.name) }

    init() {}

    /// - Throws: `DatasetError.classesReadAlike`.
    init(_ folder: DirectoryWalk, of directory: String) throws(DatasetError) {
        notices += [Self.looseNotice(of: folder)].compactMap { $0 }
        badFiles = folder.ownBadFiles
        unreadable = folder.badFiles.first
        for folder in folder.folders {
            let pictures = folder.pictures
            let bad = folder.badFiles
            badFiles += bad
            guard pictures.isEmpty else {
                classes.append((folder.name, folder.path, pictures))
                continue
            }
            // A directory that could not be read has been complained of.
            if bad.isEmpty {
                badFiles.append(
                    BadFile(
                        path: folder.path,
                        problem:
                            "'\(printable(folder.path))' is a class with no pictures. Add some, or remove the directory."
                    ))
            }
        }
        if let (one, other) = classNames.firstReadingAlike {
            throw .classesReadAlike(directory: directory, one: classes[one].name, other: classes[other].name)
        }
    }

    /// That pictures lie where no class is told; nil where there are none.
    static func looseNotice(of folder: DirectoryWalk) -> DatasetNotice? {
        let loose = folder.ownPictures
        return loose.first.map { first in
            DatasetNotice(
                "\(loose.count.counted("picture")) beside the sub-directories, as '\(printable(first))', "
                    + "\(loose.count == 1 ? "is" : "are") not used",
                "Put \(loose.count == 1 ? "it into the sub-directory of its" : "them into the sub-directories of their") class."
            )
        }
    }

    /// Makes bad files of the classes that training lacks.
    ///
    /// - Parameter training: the name of its directory.
    mutating func removeStrangers(to known: [String], training: String) {
        // By what is read: one system may write a name with other bytes than another.
        let known = Set(known)
        for stranger in classes where !known.contains(stranger.name) {
            badFiles.append(
                BadFile(
                    path: stranger.path,
                    problem: "'\(printable(stranger.path))' is a class that '\(printable(training))' lacks. Remove it, "
                        + "or add pictures to train on."))
        }
        classes.removeAll { !known.contains($0.name) }
    }
}

extension BadFile {
    fileprivate func of(_ part: DatasetPart) -> BadFile {
        var file = self
        file.part = part
        return file
    }
}
