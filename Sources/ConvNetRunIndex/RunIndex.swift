#if CONVNET_RUN_INDEX
import ConvNetGraph
import ConvNetRuns
import Foundation

/// All runs below a directory, as a list that can be filtered and sorted.
///
///     let index = RunIndex(of: "runs")
///     for run in try index.runs(where: RunFilter(parsing: "accuracy>0.9"), by: RunOrder("accuracy", isAscending: false)) {
///         print(run.path, run.values["accuracy"] ?? "")
///     }
///
/// What the runs' own files tell is kept in `.index.sqlite` in the directory, so that only what has changed is read again. The file may
/// be deleted at any time. Where it cannot be used (a read-only or full disk, another program's file, a process that writes for too
/// long) the runs are read without it, and ``notes`` says so.
public struct RunIndex: Sendable {
    /// The file's name.
    public static let fileName = ".index.sqlite"

    /// Whose runs are listed.
    public let directory: String
    /// What the caller should know, in sentences.
    public private(set) var notes: [String] = []
    private let store: RunStore
    /// Whether it was made anew, since the file was broken.
    private var isFresh = false

    /// One run.
    public struct Entry: Hashable, Sendable {
        /// From the index's directory.
        public var path: String
        /// As `RunOverview.values` has them, all that was asked for.
        public var values: [String: String]
        /// What of it cannot be read; nil where all can.
        public var problem: String?
    }

    /// Brings the index up to date.
    ///
    /// - Parameter directory: whose runs are listed, those in directories within it included.
    /// - Throws: `RunDirectoryError` where the directory cannot be read.
    public init(of directory: String = "runs") throws {
        self.directory = directory
        let found = try RunDirectory.search(below: directory)
        let file = URL(filePath: directory).appending(path: Self.fileName)
        // Where there is nothing to keep, no file is left behind.
        if try !Self.isRun(directory), try !found.isEmpty || file.isThere() {
            do {
                store = try Self.updated(file, found)
                return
            } catch {
                notes.append("\(file.relativePath) cannot be used, and the runs are read without it: \(error)")
            }
        }
        // The index of a single run would be a file in its directory.
        store = try RunStore.inMemory()
        try store.update(found)
    }

    private static func updated(_ file: URL, _ found: [RunDirectory.Found]) throws -> RunStore {
        do {
            let store = try RunStore.open(file)
            try store.update(found)
            return store
        } catch  where RunStore.saysBroken(error) {
            try RunStore.remove(file)
            let store = try RunStore.open(file)
            try store.update(found)
            return store
        }
    }

    private static func isRun(_ directory: String) throws -> Bool {
        try URL(filePath: directory).appending(path: "config.yaml").isThere()
    }

    /// The runs that a filter lets through.
    ///
    /// - Parameters:
    ///   - names: the values that are wanted of each; nil for all.
    ///   - most: how many; nil for all.
    /// - Throws: ``RunFilterError/unknownName(_:suggestion:)``, and what the database throws.
    public func runs(
        where filter: RunFilter = RunFilter(), by order: RunOrder = .newest, values names: [String]? = nil,
        atMost most: Int? = nil
    ) throws -> [Entry] {
        do {
            for name in filter.terms.map(\.name) + [order.name] where name != "path" && name != RunOrder.newest.name {
                guard try store.count() > 0, try !store.has(name) else { continue }
                throw RunFilterError.unknownName(name, suggestion: nearestName(to: name, in: try store.names()))
            }
            return try store.entries(filter, order, values: names, atMost: most)
        } catch  where RunStore.saysBroken(error) && !isFresh {
            // What is broken may not have been looked at before.
            try RunStore.remove(URL(filePath: directory).appending(path: Self.fileName))
            var index = try RunIndex(of: directory)
            index.isFresh = true
            return try index.runs(where: filter, by: order, values: names, atMost: most)
        }
    }

    /// What is wrong with runs that cannot be read whole, by path.
    public func problems() throws -> [(path: String, problem: String)] { try store.problems() }
}
#endif
