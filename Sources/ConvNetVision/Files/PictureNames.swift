import Foundation

/// Tells which paths of a table name one file: `a.png`, `./a.png`, `b/../a.png` and the absolute path are the same.
struct PictureNames {
    private let directory: [String]
    /// Without symbolic links.
    private let resolved: [String]

    /// - Parameter directory: what relative paths start from.
    init(_ directory: String) {
        self.directory = pathComponents(absolutePath(directory))
        resolved = Self.resolved(self.directory)
    }

    /// An absolute path without `.` and `..`.
    func canonical(_ path: String) -> ExactText { ExactText(components(path).joined(separator: "/")) }

    /// Whether a path leads out of the directory; symbolic links in it are not followed.
    func isOutside(_ path: String) -> Bool { !components(path).starts(with: resolved) }

    private func components(_ path: String) -> [String] {
        var result: [String] = isAbsolute(path) ? [] : directory
        for component in pathComponents(path) where component != "." {
            guard component == ".." else {
                result.append(component)
                continue
            }
            // What `..` leads to behind a symbolic link the system alone knows.
            if Self.isLink(result) { result = Self.resolved(result) }
            _ = result.popLast()
        }
        if result.starts(with: directory) { result.replaceSubrange(..<directory.count, with: resolved) }
        return result
    }

    private static func isLink(_ components: [String]) -> Bool {
        var status = stat()
        return lstat("/" + components.joined(separator: "/"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func resolved(_ components: [String]) -> [String] {
        guard let path = realpath("/" + components.joined(separator: "/"), nil) else { return components }
        defer { free(path) }
        return pathComponents(String(cString: path))
    }
}
