import ConvNetGraph
import ConvNetPages
import Foundation

/// The entries of a directory in the order of their bytes, so that every system lists them alike.
///
/// Names are read as the system has them: those that are not UTF-8, which Foundation would bend into others, are told apart.
struct DirectoryListing {
    /// Names that are UTF-8, hidden ones (with a dot in front) left out.
    private(set) var names: [String] = []
    /// The others, with bytes such as `\xE9` in the place of what cannot be read.
    private(set) var unreadableNames: [String] = []

    /// - Throws: `DatasetError.unreadable`.
    init(_ path: String) throws(DatasetError) {
        guard let directory = opendir(path) else { throw .unreadable(file: path, reason: systemReason()) }
        defer { closedir(directory) }
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                // The end, or a disk that fails: half a directory must not pass for the whole.
                guard errno == 0 else { throw .unreadable(file: path, reason: systemReason()) }
                break
            }
            let bytes = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0)))
                }
            }
            if bytes.first == UInt8(ascii: ".") { continue }
            if let name = String(validating: bytes, as: UTF8.self) {
                names.append(name)
            } else {
                unreadableNames.append(bytesEscaped(bytes))
            }
        }
        names = names.sortedByBytes()
        unreadableNames = unreadableNames.sortedByBytes()
    }
}

/// Bytes as text, with those that are no UTF-8 as `\xE9`.
func bytesEscaped(_ bytes: [UInt8]) -> String {
    var text = ""
    var rest = bytes[...]
    while let byte = rest.first {
        let readable = (1...min(4, rest.count)).lazy.compactMap { String(validating: rest.prefix($0), as: UTF8.self) }
        if let character = readable.first {
            text += character
            rest = rest.dropFirst(character.utf8.count)
        } else {
            text += (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16, uppercase: true)
            rest = rest.dropFirst()
        }
    }
    return text
}

/// A directory and what is below it. Symbolic links are followed, unless they lead back to where they are in.
struct DirectoryWalk {
    /// Its last component; empty for the root.
    let name: String
    /// Relative to the root.
    let path: String
    private(set) var entries: [Entry] = []
    /// Of what is right in it, the names that are not UTF-8, with bytes as `\xE9`.
    private(set) var unreadableNames: [String] = []

    enum Entry {
        /// By its name. What is decoded is decided by its content; other files in a picture folder are notes and the like.
        case picture(path: String)
        case otherFile(path: String)
        case folder(DirectoryWalk)
        /// What cannot be used; where it is a directory that cannot be read, it is alone in it.
        case bad(BadFile)
    }

    /// - Parameters:
    ///   - root: the directory that paths are relative to; empty for the current one.
    ///   - directory: the one below it that is walked.
    /// - Throws: `DatasetError.unreadable` where it cannot be listed itself.
    init(_ root: String, directory: String = "") throws(DatasetError) {
        let path = Self.join(root, directory)
        let listing = try DirectoryListing(path)
        let open = [Self.identity(path)].compactMap { $0 }
        self.init(name: "", path: directory, listing, root: root, open: open)
    }

    /// - Parameter open: the directories that the walk is in.
    private init(name: String, path: String, _ listing: DirectoryListing, root: String, open: [FileIdentity]) {
        self.name = name
        self.path = path
        unreadableNames = listing.unreadableNames
        for name in unreadableNames {
            entries.append(Self.bad(Self.join(path, name), "has a name that is not UTF-8. Rename it."))
        }
        for name in listing.names {
            let entry = Self.join(path, name)
            switch Self.kind(Self.join(root, entry)) {
            case .directory: entries.append(.folder(DirectoryWalk(name: name, path: entry, root: root, open: open)))
            case .file: entries.append(hasPictureName(name) ? .picture(path: entry) : .otherFile(path: entry))
            case .missing: entries.append(Self.bad(entry, "is a symbolic link to nothing. Remove the link."))
            case .unreadable(let reason):
                entries.append(Self.bad(entry, "cannot be read: \(reason).\(readingAdvice(reason))"))
            case .other: entries.append(Self.bad(entry, "is neither a file nor a directory. Remove it."))
            }
        }
    }

    /// - Parameter bad: why it cannot be looked into.
    private init(name: String, path: String, bad problem: String) {
        self.name = name
        self.path = path
        entries = [Self.bad(path, problem)]
    }

    /// A directory within another.
    private init(name: String, path: String, root: String, open: [FileIdentity]) {
        let whole = Self.join(root, path)
        guard let identity = Self.identity(whole) else {
            let reason = systemReason()
            self.init(name: name, path: path, bad: "cannot be read: \(reason).\(readingAdvice(reason))")
            return
        }
        guard !open.contains(identity) else {
            self.init(name: name, path: path, bad: "is a symbolic link to a directory that it is in. Remove the link.")
            return
        }
        do throws(DatasetError) {
            let listing = try DirectoryListing(whole)
            self.init(name: name, path: path, listing, root: root, open: open + [identity])
        } catch {
            let reason = if case .unreadable(_, let reason) = error { reason } else { "\(error)" }
            self.init(name: name, path: path, bad: "cannot be read: \(reason).\(readingAdvice(reason))")
        }
    }

    private static func bad(_ path: String, _ problem: String) -> Entry {
        .bad(BadFile(path: path, problem: "'\(printable(path))' \(problem)"))
    }

    // MARK: What there is

    /// The directories right in this one.
    var folders: [DirectoryWalk] {
        entries.compactMap { if case .folder(let folder) = $0 { folder } else { nil } }
    }

    /// The pictures right in it.
    var ownPictures: [String] { entries.compactMap { if case .picture(let path) = $0 { path } else { nil } } }

    /// The other files right in it.
    var ownOtherFiles: [String] { entries.compactMap { if case .otherFile(let path) = $0 { path } else { nil } } }

    /// What is right in it and cannot be used.
    var ownBadFiles: [BadFile] { entries.compactMap { if case .bad(let file) = $0 { file } else { nil } } }

    /// All pictures below it, those of each directory in the order of their bytes.
    var pictures: [String] { collect { if case .picture(let path) = $0 { path } else { nil } } }

    /// The same, and other files that are pictures by what is asked.
    func pictures(orWhere isPicture: (_ path: String) -> Bool) -> [String] {
        collect { entry in
            switch entry {
            case .picture(let path): path
            case .otherFile(let path): isPicture(path) ? path : nil
            default: nil
            }
        }
    }

    /// All other files below it.
    var otherFiles: [String] { collect { if case .otherFile(let path) = $0 { path } else { nil } } }

    /// Everything below it that cannot be used.
    var badFiles: [BadFile] { collect { if case .bad(let file) = $0 { file } else { nil } } }

    var hasPictures: Bool { contains { if case .picture = $0 { true } else { false } } }

    /// Whether there are pictures below it, or what could not be looked at.
    var hasContent: Bool { contains { if case .otherFile = $0 { false } else { true } } }

    private func contains(_ isWanted: (Entry) -> Bool) -> Bool {
        entries.contains { if case .folder(let folder) = $0 { folder.contains(isWanted) } else { isWanted($0) } }
    }

    private func collect<T>(_ value: (Entry) -> T?) -> [T] {
        var result: [T] = []
        collect(value, into: &result)
        return result
    }

    private func collect<T>(_ value: (Entry) -> T?, into result: inout [T]) {
        for entry in entries {
            if case .folder(let folder) = entry {
                folder.collect(value, into: &result)
            } else if let value = value(entry) {
                result.append(value)
            }
        }
    }

    // MARK: Files

    struct FileIdentity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// What tells files apart, whatever their paths; nil where there is none.
    static func identity(_ path: String) -> FileIdentity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    enum Kind: Equatable {
        case file, directory, other, missing
        /// The system does not say.
        case unreadable(reason: String)
    }

    /// What is at a path, links followed.
    static func kind(_ path: String) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return [ENOENT, ENOTDIR, ELOOP].contains(errno) ? .missing : .unreadable(reason: systemReason())
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFREG: return .file
        default: return .other
        }
    }

    static func join(_ directory: String, _ name: String) -> String {
        directory.isEmpty ? name : directory.utf8.last == UInt8(ascii: "/") ? directory + name : directory + "/" + name
    }
}

/// The path from the root of a file that is there, `.` left out. What `..` leads to behind a symbolic link the system alone
/// knows.
package func absolutePath(_ path: String) -> String {
    if pathComponents(path).contains(".."), let resolved = realpath(path, nil) {
        defer { free(resolved) }
        return String(cString: resolved)
    }
    let whole = isAbsolute(path) ? path : FileManager.default.currentDirectoryPath + "/" + path
    return "/" + pathComponents(whole).filter { $0 != "." }.joined(separator: "/")
}

func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }

/// What stands between slashes, empty names left out. A slash is a byte: a combining mark behind it makes no other character.
func pathComponents(_ path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
}
