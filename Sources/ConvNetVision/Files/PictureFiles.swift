import Foundation

/// The pictures that a person means by paths of files, of folders and by patterns.
public struct PictureFiles: Sendable {
    /// In the order in which they were given, those of folders and patterns sorted.
    public private(set) var paths: [String] = []
    /// What was found in folders and cannot be read.
    public private(set) var badFiles: [BadFile] = []

    /// - Parameter arguments: a file stands for itself, a folder for all pictures below it, and a pattern with `*`, `?` or
    ///   `[` for what it matches.
    /// - Throws: `DatasetError.emptyFolder` for a folder without any, `.noMatches` for a pattern that matches nothing.
    public init(_ arguments: [String]) throws(DatasetError) {
        for argument in arguments {
            // A name may have a pattern's signs in it.
            if DirectoryWalk.kind(argument) == .missing, argument.contains(where: { "*?[".contains($0) }) {
                let matches = Self.matches(of: argument)
                guard !matches.isEmpty else { throw .noMatches(pattern: argument) }
                for path in matches { try add(path, isMatch: true) }
            } else {
                try add(argument, isMatch: false)
            }
        }
    }

    private mutating func add(_ path: String, isMatch: Bool) throws(DatasetError) {
        guard DirectoryWalk.kind(path) == .directory else {
            // What a pattern happens to match may be notes.
            if !isMatch || ImageFolder.isPicture(path) { paths.append(path) }
            return
        }
        let walk = DirectoryWalk(path, directory: "")
        let pictures = walk.files.filter(ImageFolder.isPicture).map { DirectoryWalk.join(path, $0) }
        guard isMatch || !pictures.isEmpty || !walk.badFiles.isEmpty else { throw .emptyFolder(directory: path) }
        paths += pictures
        badFiles += walk.badFiles
    }

    private static func matches(of pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else { return [] }
        return (0..<Int(result.gl_pathc)).compactMap { result.gl_pathv[$0].flatMap { String(validatingCString: $0) } }
    }
}
