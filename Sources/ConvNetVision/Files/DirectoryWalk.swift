import ConvNetCore
import Foundation

/// The entries of a directory in the order of their bytes, so that every system lists them alike.
///
/// Names are read as the system has them: those that are not UTF-8, which Foundation would bend into others, are told apart.
struct DirectoryListing {
    /// Names that are UTF-8, hidden ones (with a dot in front) left out.
    var names: [String] = []
    /// The others, with U+FFFD in the place of what cannot be read.
    var unreadableNames: [String] = []

    /// - Throws: `DatasetError.unreadable`.
    init(_ path: String) throws(DatasetError) {
        guard let directory = opendir(path) else { throw .unreadable(file: path, reason: systemReason()) }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let bytes = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0)))
                }
            }
            if bytes.first == UInt8(ascii: ".") { continue }
            if let name = String(validating: bytes, as: UTF8.self) {
                names.append(name)
            } else {
                unreadableNames.append(String(decoding: bytes, as: UTF8.self))
            }
        }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// All files under a directory. Symbolic links are followed, unless they lead back to where they are in.
struct DirectoryWalk {
    /// Paths relative to the directory, sorted within each.
    private(set) var files: [String] = []
    /// What could not be read.
    private(set) var badFiles: [BadFile] = []
    private let root: String
    /// The directories that the walk is in, by device and inode.
    private var open: [FileIdentity] = []

    struct FileIdentity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// - Parameters:
    ///   - root: the directory that paths are relative to.
    ///   - directory: the one below it that is walked.
    init(_ root: String, directory: String) {
        self.root = root
        if !directory.isEmpty, let identity = Self.identity(root) { open = [identity] }
        walk(directory)
    }

    private mutating func walk(_ directory: String) {
        let path = Self.join(root, directory)
        guard let identity = Self.identity(path) else {
            return refuse(directory, "cannot be read: \(systemReason()). Check its permissions.")
        }
        guard !open.contains(identity) else {
            return refuse(directory, "is a symbolic link to a directory that it is in. Remove the link.")
        }
        open.append(identity)
        defer { open.removeLast() }
        let listing: DirectoryListing
        do throws(DatasetError) {
            listing = try DirectoryListing(path)
        } catch {
            let reason = if case .unreadable(_, let reason) = error { reason } else { "\(error)" }
            return refuse(directory, "cannot be read: \(reason). Check its permissions.")
        }
        for name in listing.unreadableNames {
            refuse(Self.join(directory, name), "has a name that is not UTF-8. Rename it.")
        }
        for name in listing.names {
            let entry = Self.join(directory, name)
            switch Self.kind(Self.join(root, entry)) {
            case .directory: walk(entry)
            case .file: files.append(entry)
            case .missing: refuse(entry, "is a symbolic link to nothing. Remove the link.")
            case .other: refuse(entry, "is neither a file nor a directory. Remove it.")
            }
        }
    }

    /// What tells files apart, whatever their paths; nil where there is none.
    static func identity(_ path: String) -> FileIdentity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    private mutating func refuse(_ path: String, _ problem: String) {
        badFiles.append(BadFile(path: path, problem: "'\(printable(path))' \(problem)"))
    }

    enum Kind {
        case file, directory, other, missing
    }

    /// What is at a path, links followed.
    static func kind(_ path: String) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ELOOP || errno == ENOENT ? .missing : .other }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFREG: return .file
        default: return .other
        }
    }

    static func join(_ directory: String, _ name: String) -> String {
        directory.isEmpty ? name : directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }
}

/// The path from the root of a file that is there, `.` left out. What `..` leads to behind a symbolic link the system alone
/// knows.
package func absolutePath(_ path: String) -> String {
    if path.split(separator: "/").contains(".."), let resolved = realpath(path, nil) {
        defer { free(resolved) }
        return String(cString: resolved)
    }
    let whole = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
}
