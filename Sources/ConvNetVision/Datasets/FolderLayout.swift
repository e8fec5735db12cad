import ConvNetPages

/// What the directories at the top of a dataset are: its classes, or its parts, each with the classes in it.
///
/// Names alone do not tell: a `train` may be a class beside `bus` and `car`. Directories named as parts are parts
/// - where none but they have pictures, and some have these in sub-directories;
/// - where there are two or more of them, and one has its pictures in sub-directories;
/// - where another directory has sub-directories of the same names, or is called like a part with more to its name (`test1`).
///
/// What could be either is refused: a part's name over pictures in sub-directories, with only one other directory of pictures
/// beside it, or with directories that are called as its own; and names that are nearly parts' (`train_set`, `test_set`) over
/// the same sub-directories. Everything else is a class.
struct FolderLayout {
    enum Reading {
        case classes
        /// By part; what is beside these is left aside.
        case parts([DatasetPart: DirectoryWalk])
    }

    let reading: Reading
    /// What a user should know of it.
    private(set) var notices: [DatasetNotice] = []

    private static let names: [DatasetPart: [String]] = [
        .train: ["train", "training"], .validation: ["val", "valid", "validation", "dev"],
        .test: ["test", "testing", "eval"],
    ]

    /// The part that a directory of this name may be.
    static func part(named name: String) -> DatasetPart? {
        let name = name.lowercased()
        return DatasetPart.allCases.first { names[$0, default: []].contains(name) }
    }

    /// - Throws: `DatasetError.ambiguousFolder`, `.noDataset` where parts have pictures and no classes.
    init(_ top: DirectoryWalk, of directory: String) throws(DatasetError) {
        let folders = top.folders.map(TopFolder.init)
        let named = folders.filter { $0.part != nil }
        let divided = named.filter { !$0.subfolders.isEmpty }
        // What cannot be looked at, as `lost+found`, is no reason to take a part for a class.
        let others = folders.filter { $0.part == nil && $0.walk.hasPictures }
        // A part on a disk that is not there is one, too.
        let namedLinks = top.ownBadFiles.count { Self.part(named: $0.path) != nil }
        let areParts: Bool
        if others.isEmpty {
            areParts = !divided.isEmpty
            let mayHaveOthers = folders.contains { $0.part == nil && $0.walk.hasContent }
            if divided.isEmpty, !mayHaveOthers, let flat = named.first(where: { $0.ownPictures > 0 }) {
                throw .noDataset(
                    directory: directory,
                    problem:
                        "'\(printable(flat.name))' has \(flat.ownPictures.counted("picture")) and no sub-directories "
                        + "that would tell their classes")
            }
        } else if let first = divided.first {
            let isOneOfSeveral = named.count + namedLinks > 1
            areParts = if isOneOfSeveral { true } else { try Self.isPart(first, beside: others, of: directory) }
        } else {
            try Self.checkNearlyNamed(others, of: directory)
            areParts = false
        }
        guard areParts else {
            reading = .classes
            for folder in named where folder.walk.hasContent {
                notices.append(
                    DatasetNotice(
                        "'\(printable(folder.name))' is taken for a class, as the directories beside it are",
                        "If it is a part, put the others into parts, too: train, val, test."))
            }
            // As archives are unpacked into a directory of their own.
            let filled = folders.filter(\.walk.hasContent)
            if filled.count == 1, filled[0].ownPictures == 0, filled[0].subfolders.count > 1 {
                let name = printable(filled[0].name)
                notices.append(
                    DatasetNotice(
                        "'\(name)' is the only class: the \(filled[0].subfolders.count.grouped) directories in it are not "
                            + "taken for classes",
                        "Give '\(name)' itself where they are."))
            }
            return
        }
        var parts: [DatasetPart: DirectoryWalk] = [:]
        var twice: [TopFolder] = []
        for folder in divided {
            guard let part = folder.part else { continue }
            if parts[part] == nil { parts[part] = folder.walk } else { twice.append(folder) }
        }
        reading = .parts(parts)
        for folder in named where folder.subfolders.isEmpty {
            notices.append(
                folder.ownPictures == 0
                    ? DatasetNotice(
                        "'\(printable(folder.name))' has no pictures: not used", "Fill it, or remove it.")
                    : DatasetNotice(
                        "'\(printable(folder.name))' has \(folder.ownPictures.counted("picture")) and no classes: not used",
                        "What is measured with needs a sub-directory for each class; to see what pictures show, give the "
                            + "directory to 'predict'."))
        }
        for folder in twice {
            guard let part = folder.part, let first = parts[part] else { continue }
            notices.append(
                DatasetNotice(
                    "\(folder.description) is not used: '\(printable(first.name))' is the \(part) part",
                    "Put their pictures together, or move one of them elsewhere."))
        }
        let strangers =
            folders.filter { $0.part == nil }.map(\.description)
            + top.ownBadFiles.filter { Self.part(named: $0.path) == nil }.map { "'\(printable($0.path))'" }
        if !strangers.isEmpty {
            let more = strangers.count > Self.mostNamed ? " and \((strangers.count - Self.mostNamed).grouped) more" : ""
            notices.append(
                DatasetNotice(
                    "beside the parts, \(strangers.prefix(Self.mostNamed).joined(separator: ", "))\(more) "
                        + "\(strangers.count == 1 ? "is" : "are") not used",
                    "Parts are called train, val or test (or training; valid, validation, dev; testing, eval)."))
        }
    }

    private static let mostNamed = 5

    /// Whether the only directory that is named as a part is one, though others have pictures, too.
    private static func isPart(
        _ folder: TopFolder, beside others: [TopFolder], of directory: String
    ) throws(DatasetError) -> Bool {
        let classes = Set(folder.subfolders)
        if others.contains(where: { $0.isCalledLikeAPart || !classes.isDisjoint(with: $0.subfolders) }) { return true }
        let isRepeated = others.contains { classes.contains($0.name) }
        // With pictures of its own it is a class like any other.
        guard isRepeated || others.count == 1 && folder.ownPictures == 0 else { return false }
        let (name, part) = (printable(folder.name), folder.part ?? .train)
        let list = folder.subfolders.prefix(mostNamed).map { "'\(printable($0))'" }.joined(separator: ", ")
        throw .ambiguousFolder(
            directory: directory,
            problem:
                "'\(name)' may be a class, as '\(printable(others[0].name))' beside it, or the \(part) part with the "
                + "\(folder.subfolders.count == 1 ? "class" : "classes") \(list). If it is a class, rename it; if it is a part, move what is "
                + "beside it into a part as well, or elsewhere")
    }

    private static func checkNearlyNamed(_ folders: [TopFolder], of directory: String) throws(DatasetError) {
        for (position, folder) in folders.enumerated() where folder.isCalledLikeAPart {
            let others = folders.enumerated().filter { $0.offset != position }.map(\.element)
            let classes = Set(folder.subfolders)
            guard let other = others.first(where: { !classes.isDisjoint(with: $0.subfolders) }) else { continue }
            throw .ambiguousFolder(
                directory: directory,
                problem: "'\(printable(folder.name))' and '\(printable(other.name))' may be classes, or parts, for "
                    + "there are sub-directories of the same names in them. If they are parts, call them train, val or test; "
                    + "if they are classes, give them other names")
        }
    }
}

/// A directory at the top of a dataset.
private struct TopFolder: CustomStringConvertible {
    let walk: DirectoryWalk
    let part: DatasetPart?

    init(_ walk: DirectoryWalk) {
        self.walk = walk
        part = FolderLayout.part(named: walk.name)
    }

    var name: String { walk.name }
    var ownPictures: Int { walk.ownPictures.count }

    /// The directories in it that have pictures, or what could not be looked at.
    var subfolders: [String] { walk.folders.filter(\.hasContent).map(\.name) }

    /// `test1`, `train_extra`: a part's name, and what is no letter behind it.
    var isCalledLikeAPart: Bool {
        let stem = name.prefix { $0.isLetter }
        return stem.endIndex < name.endIndex && FolderLayout.part(named: String(stem)) != nil
    }

    var description: String {
        let pictures = walk.pictures.count
        return "'\(printable(name))' (\(pictures == 0 ? "no pictures" : pictures.counted("picture")))"
    }
}
