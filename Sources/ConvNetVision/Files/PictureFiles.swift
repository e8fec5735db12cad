import ConvNetPages
import Foundation

/// The pictures that a person means by paths of files, of folders and by patterns.
package struct PictureFiles: Sendable {
    /// In the order in which they were given, those of folders and patterns sorted.
    package private(set) var paths: [String] = []
    /// What was found in folders and by patterns, and cannot be read.
    package private(set) var badFiles: [BadFile] = []
    /// What patterns match besides pictures.
    package private(set) var notices: [DatasetNotice] = []

    /// - Parameter arguments: a file stands for itself, a folder for all pictures below it, and a pattern with `*`, `?` or
    ///   `[` for those that it matches. Pictures are such by their names or else by their first bytes.
    /// - Throws: `DatasetError.emptyFolder` for a folder without any, `.noMatches` and `.noPictureMatches` for a pattern that
    ///   matches nothing, or no picture.
    package init(_ arguments: [String]) throws(DatasetError) {
        for argument in arguments {
            // A name may have a pattern's signs in it.
            switch DirectoryWalk.kind(argument) {
            case .missing where argument.utf8.contains(where: "*?[".utf8.contains): try addMatches(of: argument)
            case .directory: guard try addFolder(argument) else { throw .emptyFolder(directory: argument) }
            default: paths.append(argument)
            }
        }
    }

    /// Returns whether there is anything in it.
    private mutating func addFolder(_ path: String) throws(DatasetError) -> Bool {
        let walk = try DirectoryWalk("", directory: path)
        let pictures = walk.pictures { hasPictureContent(URL(filePath: $0)) }
        paths += pictures
        badFiles += walk.badFiles
        return !pictures.isEmpty || walk.hasContent
    }

    private mutating func addMatches(of pattern: String) throws(DatasetError) {
        let matches = Self.matches(of: pattern)
        guard let first = matches.first else { throw .noMatches(pattern: pattern) }
        var others = 0
        for match in matches {
            guard let path = String(validating: match, as: UTF8.self) else {
                let path = bytesEscaped(match)
                badFiles.append(
                    BadFile(path: path, problem: "'\(printable(path))' has a name that is not UTF-8. Rename it."))
                continue
            }
            if DirectoryWalk.kind(path) == .directory {
                if try !addFolder(path) { others += 1 }
            } else if hasPictureName(path) || hasPictureContent(URL(filePath: path)) {
                paths.append(path)
            } else {
                others += 1
            }
        }
        guard others < matches.count else {
            throw .noPictureMatches(pattern: pattern, count: matches.count, first: bytesEscaped(first))
        }
        if others > 0 {
            notices.append(
                DatasetNotice(
                    "\(others.grouped) of the \(matches.count.grouped) files that '\(printable(pattern))' matches "
                        + "\(others == 1 ? "is" : "are") left out, no \(others == 1 ? "picture" : "pictures")",
                    "Name them one by one where they are meant."))
        }
    }

    private static func matches(of pattern: String) -> [[UInt8]] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else { return [] }
        return (0..<Int(result.gl_pathc)).compactMap { position in
            result.gl_pathv[position].map { path in
                Array(UnsafeRawBufferPointer(start: path, count: strlen(path)))
            }
        }
    }
}

/// Whether a path ends as those of pictures do.
func hasPictureName(_ path: String) -> Bool {
    guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return pictureExtensions.contains(path[path.utf8.index(after: dot)...].lowercased())
}

private let pictureExtensions: Set = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "ppm", "pgm", "pnm", "heic", "heif",
    "avif", "jp2", "jxl",
]

/// Whether a file begins as those do that can be decoded, whatever its name; `false` where it cannot be read.
func hasPictureContent(_ file: URL) -> Bool {
    guard let start = try? FileReader(file).start(ImageSignature.length), case .decodable = ImageSignature(start)
    else { return false }
    return true
}
