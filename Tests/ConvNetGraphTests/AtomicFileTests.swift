import Foundation
import Testing

@testable import ConvNetGraph

@Suite struct AtomicFileTests {
    private let old = Data("old".utf8)

    @Test func writesAndReplaces() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("file")
            let large = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) })
            for data in [old, Data(), large, large.dropFirst(1_000_001)] {
                try AtomicFile.write(data, to: url)
                #expect(try Data(contentsOf: url) == data)
                #expect(try contents(of: directory) == ["file"])
            }
        }
    }

    /// Pieces of any size, some of them larger than what is written at a time.
    @Test func piecesAndTheirChecksum() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("file")
            let pieces = [0, 9_000_001, 3, 4 << 20, 0, 5].map {
                Data((0..<$0).map { UInt8(truncatingIfNeeded: $0 / 3) })
            }
            let checksum = try AtomicFile.write(to: url) { file in
                var checksum = CRC32()
                for piece in pieces { checksum.append(try piece.withUnsafeBytes(file.append), count: piece.count) }
                return checksum
            }
            #expect(try Data(contentsOf: url) == pieces.reduce(Data(), +))
            #expect(checksum.value == FileChecksum(of: try Data(contentsOf: url)).crc32)
        }
    }

    @Test func namesAsLongAsTheFileSystemAllows() throws {
        try withTemporaryDirectory { directory in
            let name = String(repeating: "n", count: 255)
            try AtomicFile.write(old, to: directory.appendingPathComponent(name))
            #expect(try contents(of: directory) == [name])
        }
    }

    @Test func keepsPermissions() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("file")
            try AtomicFile.write(old, to: url)
            #expect(try permissions(of: url) & 0o7133 == 0)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
            try AtomicFile.write(Data("new".utf8), to: url)
            #expect(try permissions(of: url) == 0o600)
        }
    }

    @Test func followsSymbolicLinks() throws {
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("file")
            let link = directory.appendingPathComponent("link")
            try old.write(to: file)
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "file")
            try AtomicFile.write(Data("new".utf8), to: link)
            #expect(try Data(contentsOf: file) == Data("new".utf8))
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == "file")
        }
    }

    @Test func missingDirectory() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("absent/file")
            let error = #expect(throws: FileWriteError.self) { try AtomicFile.write(old, to: url) }
            #expect(error == FileWriteError(path: url.path, operation: .openDirectory, code: ENOENT))
            let message = "\(url.path): not written: cannot open its directory: No such file or directory"
            #expect(error?.description == message)
            #expect(error?.localizedDescription == message)
        }
    }

    @Test func targetsThatAreNotFiles() throws {
        try withTemporaryDirectory { directory in
            let subdirectory = directory.appendingPathComponent("subdirectory")
            try FileManager.default.createDirectory(at: subdirectory, withIntermediateDirectories: false)
            #expect(throws: FileWriteError(path: subdirectory.path, operation: .replace, code: EISDIR)) {
                try AtomicFile.write(old, to: subdirectory)
            }
            let pipe = directory.appendingPathComponent("pipe")
            try #require(mkfifo(pipe.path, 0o600) == 0)
            #expect(throws: FileWriteError(path: pipe.path, operation: .replace, code: ENOTSUP)) {
                try AtomicFile.write(old, to: pipe)
            }
            #expect(try contents(of: directory) == ["pipe", "subdirectory"])
        }
    }

    @Test func nameTooLong() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent(String(repeating: "n", count: 256))
            #expect(throws: FileWriteError(path: url.path, operation: .inspect, code: ENAMETOOLONG)) {
                try AtomicFile.write(old, to: url)
            }
            try #expect(contents(of: directory) == [])
        }
    }

    /// The write stops half way, in a child process, because the limit on file sizes holds for a whole process.
    @Test func failureHalfWayLeavesThePreviousFile() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryDirectory { directory in
                let url = directory.appendingPathComponent("file")
                try AtomicFile.write(Data("old".utf8), to: url)
                // Without this the signal would end the process before write could fail.
                signal(SIGXFSZ, SIG_IGN)
                var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
                try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)

                let error = #expect(throws: FileWriteError.self) {
                    try AtomicFile.write(Data(count: 300_000), to: url)
                }
                #expect(error?.description == "\(url.path): not written: cannot write its data: File too large")
                #expect(try Data(contentsOf: url) == Data("old".utf8))
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["file"])
            }
        }
    }

    // MARK: Pieces

    @Test func pieceByPiece() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("file")
            try AtomicFile.write(to: url) { file in
                for piece in [old, Data(), Data("er".utf8)] { _ = try piece.withUnsafeBytes(file.append) }
            }
            #expect(try Data(contentsOf: url) == Data("older".utf8))
        }
    }

    @Test func aBodyThatThrowsLeavesThePreviousFile() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("file")
            try AtomicFile.write(old, to: url)
            #expect(throws: CancellationError.self) {
                try AtomicFile.write(to: url) { file in
                    _ = try Data("new".utf8).withUnsafeBytes(file.append)
                    throw CancellationError()
                }
            }
            #expect(try Data(contentsOf: url) == old)
            #expect(try contents(of: directory) == ["file"])
        }
    }

    // MARK: Links

    private func number(of url: URL) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: url.path)[.systemFileNumber] as? NSNumber).intValue
    }

    @Test func aLinkIsTheSameFile() throws {
        try withTemporaryDirectory { directory in
            let (source, url) = (directory.appendingPathComponent("source"), directory.appendingPathComponent("url"))
            try AtomicFile.write(Data("new".utf8), to: source)
            try AtomicFile.write(linkTo: source, to: url)
            #expect(try number(of: url) == number(of: source))
            // A link in the place of itself, and in that of another file.
            try AtomicFile.write(linkTo: source, to: url)
            #expect(try number(of: url) == number(of: source))
            try AtomicFile.write(old, to: url)
            #expect(try Data(contentsOf: source) == Data("new".utf8))
            try AtomicFile.write(linkTo: source, to: url)
            #expect(try Data(contentsOf: url) == Data("new".utf8))
            #expect(try contents(of: directory) == ["source", "url"])
        }
    }

    /// Linked files have one set of permissions, so one that has others becomes a copy.
    @Test func aLinkKeepsPermissions() throws {
        try withTemporaryDirectory { directory in
            let (source, url) = (directory.appendingPathComponent("source"), directory.appendingPathComponent("url"))
            try AtomicFile.write(Data("new".utf8), to: source)
            try AtomicFile.write(old, to: url)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
            let before = try permissions(of: source)
            try AtomicFile.write(linkTo: source, to: url)
            #expect(try Data(contentsOf: url) == Data("new".utf8))
            #expect(try permissions(of: url) == 0o600 && permissions(of: source) == before)
            #expect(try contents(of: directory) == ["source", "url"])
        }
    }

    /// No file system links to another one; here a symbolic link leads there.
    @Test(.enabled(if: FileManager.default.isWritableFile(atPath: "/dev/shm"), "there is no second file system"))
    func aLinkThatIsRefusedBecomesACopy() throws {
        try withTemporaryDirectory { directory in
            let elsewhere = URL(filePath: "/dev/shm/convnet-tests-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: elsewhere) }
            let (source, url) = (directory.appendingPathComponent("source"), directory.appendingPathComponent("url"))
            try AtomicFile.write(Data("new".utf8), to: source)
            try old.write(to: elsewhere)
            try FileManager.default.createSymbolicLink(at: url, withDestinationURL: elsewhere)
            try AtomicFile.write(linkTo: source, to: url)
            #expect(try Data(contentsOf: elsewhere) == Data("new".utf8))
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: url.path) == elsewhere.path)
            #expect(try contents(of: directory) == ["source", "url"])
        }
    }

    @Test func noLinkTakesThePlaceOfADirectory() throws {
        try withTemporaryDirectory { directory in
            let (source, url) = (directory.appendingPathComponent("source"), directory.appendingPathComponent("url"))
            try AtomicFile.write(old, to: source)
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
            #expect(throws: FileWriteError(path: url.path, operation: .replace, code: EISDIR)) {
                try AtomicFile.write(linkTo: source, to: url)
            }
        }
    }

    private func contents(of directory: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    private func permissions(of url: URL) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        return try #require(attributes[.posixPermissions] as? NSNumber).intValue
    }
}
