#if CONVNET_RUN_INDEX
import ConvNetGraph
import ConvNetRuns
import Foundation
import GRDB

/// The database behind a ``RunIndex``: a row for each run, and one for each of its values.
struct RunStore: Sendable {
    private let queue: DatabaseQueue

    /// "CnvR", which tells our files from other programs'.
    private static let applicationID = 0x436e_7652
    /// Of the tables, and of what is read from runs: files of another one are made anew.
    private static let version = 1
    /// Runs that are read and written at a time: what a process that is killed may lose.
    private static let chunk = 256

    static func inMemory() throws -> RunStore { RunStore(queue: try prepared(DatabaseQueue(configuration: settings))) }

    /// Opens a file, makes one, or makes it anew where it is of another version or broken.
    ///
    /// - Throws: ``RunStoreError`` for a file that is not ours, and what the database throws.
    static func open(_ file: URL) throws -> RunStore {
        let isNew = try !file.isThere()
        // What a process that was killed has left belongs to a file that has been deleted.
        if isNew { removeCompanions(of: file) }
        guard try isNew || isOurs(file) else { throw RunStoreError(problem: "it is another program's file") }
        do {
            return RunStore(queue: try prepared(DatabaseQueue(path: file.path, configuration: settings)))
        } catch  where saysBroken(error) {
            try remove(file)
            return RunStore(queue: try prepared(DatabaseQueue(path: file.path, configuration: settings)))
        }
    }

    /// Whether a file is no database, or not the one that it was.
    static func saysBroken(_ error: any Error) -> Bool {
        if error is RowDecodingError { return true }
        guard let error = error as? DatabaseError else { return false }
        return [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_SCHEMA, .SQLITE_FORMAT, .SQLITE_ERROR].contains(
            error.resultCode)
    }

    private static var settings: Configuration {
        var settings = Configuration()
        settings.busyMode = .timeout(5)
        // What is lost can be read again.
        settings.prepareDatabase {
            try $0.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA mmap_size = 268435456; PRAGMA cache_size = -65536")
        }
        return settings
    }

    private static func prepared(_ queue: DatabaseQueue) throws -> DatabaseQueue {
        let isCurrent = try queue.read { database in
            try Int.fetchOne(database, sql: "PRAGMA user_version") == version
                && Int.fetchOne(database, sql: "PRAGMA application_id") == applicationID
        }
        if isCurrent { return queue }
        try queue.write { database in
            // Another process may have been faster.
            try database.execute(
                sql: """
                    DROP TABLE IF EXISTS value;
                    DROP TABLE IF EXISTS run;
                    CREATE TABLE run (
                        id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, started TEXT, problem TEXT
                    );
                    CREATE TABLE value (
                        name TEXT NOT NULL, run INTEGER NOT NULL, text TEXT NOT NULL, number REAL,
                        PRIMARY KEY (name, run)
                    ) WITHOUT ROWID;
                    CREATE INDEX valueByRun ON value (run);
                    PRAGMA application_id = \(applicationID);
                    PRAGMA user_version = \(version);
                    """)
        }
        return queue
    }

    /// Whether a file is an index, by its first bytes: one that is empty is, since a process may have been killed before its first
    /// write.
    private static func isOurs(_ file: URL) throws -> Bool {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        let head = try handle.read(upToCount: 100) ?? Data()
        if head.isEmpty { return true }
        // https://www.sqlite.org/fileformat.html, section 1.3
        guard head.count == 100, head.starts(with: Data("SQLite format 3\0".utf8)) else { return false }
        let number = head[68..<72].reduce(0) { $0 << 8 | Int($1) }
        return number == applicationID
    }

    /// Removes a file that is broken.
    static func remove(_ file: URL) throws {
        try FileManager.default.removeItem(at: file)
        removeCompanions(of: file)
    }

    private static func removeCompanions(of file: URL) {
        for suffix in ["-journal", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file.path + suffix) }
    }

    // MARK: Bringing up to date

    /// Reads what has changed, adds what is new, and removes what is gone.
    func update(_ found: [RunDirectory.Found]) throws {
        let known = try queue.read { database in
            var known = [String: (stamp: String, id: Int64)](minimumCapacity: found.count)
            let rows = try Row.fetchCursor(database, sql: "SELECT path, stamp, id FROM run")
            while let row = try rows.next() {
                try known[row.decode(atIndex: 0)] = (row.decode(atIndex: 1), row.decode(atIndex: 2))
            }
            return known
        }
        let running = try queue.read { database in
            Set(try Int64.fetchAll(database, sql: "SELECT run FROM value WHERE name = 'state' AND text = 'running'"))
        }
        // One that said it was running may have been ended from outside, which changes no file.
        let changed = found.filter { run in
            known[run.path].map { $0.stamp != run.stamp || running.contains($0.id) } ?? true
        }
        let paths = Set(found.map(\.path))
        let gone = known.filter { !paths.contains($0.key) }.map(\.value.id)
        if !gone.isEmpty {
            try queue.write { database in
                for id in gone { try Self.remove(id, database) }
            }
        }
        for start in stride(from: 0, to: changed.count, by: Self.chunk) {
            let part = Array(changed[start..<min(start + Self.chunk, changed.count)])
            let overviews = Self.overviews(of: part)
            try queue.write { database in
                for (run, overview) in zip(part, overviews) { try Self.insert(run, overview, database) }
            }
        }
    }

    /// On all processors: reading is most of the time.
    private static func overviews(of runs: [RunDirectory.Found]) -> [RunOverview] {
        struct Slots: @unchecked Sendable { let start: UnsafeMutablePointer<RunOverview?> }
        var overviews = [RunOverview?](repeating: nil, count: runs.count)
        overviews.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            let slots = Slots(start: start)
            DispatchQueue.concurrentPerform(iterations: runs.count) { index in
                slots.start[index] = RunOverview(of: runs[index].directory)
            }
        }
        return overviews.compactMap { $0 }
    }

    private static func remove(_ id: Int64, _ database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM value WHERE run = ?").execute(arguments: [id])
        try database.cachedStatement(sql: "DELETE FROM run WHERE id = ?").execute(arguments: [id])
    }

    private static func insert(_ run: RunDirectory.Found, _ overview: RunOverview, _ database: Database) throws {
        let former = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT id FROM run WHERE path = ?"), arguments: [run.path])
        if let former { try remove(former, database) }
        let started = overview.started?.formatted(.iso8601)
        try database.cachedStatement(sql: "INSERT INTO run (path, stamp, started, problem) VALUES (?, ?, ?, ?)")
            .execute(arguments: [run.path, run.stamp, started, overview.problem])
        let id = database.lastInsertedRowID
        let insertion = try database.cachedStatement(
            sql: "INSERT INTO value (run, name, text, number) VALUES (?, ?, ?, ?)")
        for (name, text) in overview.values {
            try insertion.execute(arguments: [id, name, text, Double(text)])
        }
    }

    /// Holds off other processes that would write.
    func whileWriting(_ body: () throws -> Void) throws {
        try queue.inDatabase { database in
            try database.inTransaction(.exclusive) {
                try body()
                return .rollback
            }
        }
    }

    // MARK: Asking

    func count() throws -> Int { try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM run") ?? 0 } }

    func has(_ name: String) throws -> Bool {
        try queue.read {
            try Bool.fetchOne($0, sql: "SELECT EXISTS (SELECT 1 FROM value WHERE name = ?)", arguments: [name]) ?? false
        }
    }

    func names() throws -> [String] {
        try queue.read { try String.fetchAll($0, sql: "SELECT DISTINCT name FROM value ORDER BY name") }
    }

    func problems() throws -> [(path: String, problem: String)] {
        try queue.read { database in
            try Row.fetchAll(
                database, sql: "SELECT path, problem FROM run WHERE problem IS NOT NULL ORDER BY path"
            ).map { (try $0.decode(atIndex: 0), try $0.decode(atIndex: 1)) }
        }
    }

    func entries(
        _ filter: RunFilter, _ order: RunOrder, values names: [String]?, atMost most: Int?
    ) throws -> [RunIndex.Entry] {
        var arguments = StatementArguments()
        let conditions = filter.terms.map { $0.condition(&arguments) }
        let direction = order.isAscending ? "ASC" : "DESC"
        var sql = "SELECT run.id, run.path, run.problem FROM run"
        var sorting = "run.\(order.name) IS NULL, run.\(order.name) \(direction)"
        if !["path", "started"].contains(order.name) {
            sql += " LEFT JOIN value AS sorted ON sorted.run = run.id AND sorted.name = ?"
            arguments = [order.name] + arguments
            sorting = "sorted.run IS NULL, sorted.number \(direction), sorted.text \(direction)"
        }
        if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
        sql += " ORDER BY \(sorting), run.path"
        if let most { sql += " LIMIT \(max(most, 0))" }
        return try queue.read { database in
            var (entries, positions) = ([RunIndex.Entry](), [Int64: Int]())
            let values = [String: String](minimumCapacity: names?.count ?? 64)
            let rows = try Row.fetchCursor(database, sql: sql, arguments: arguments)
            while let row = try rows.next() {
                positions[try row.decode(atIndex: 0)] = entries.count
                entries.append(
                    RunIndex.Entry(
                        path: try row.decode(atIndex: 1), values: values, problem: try row.decode(atIndex: 2)))
            }
            for name in try names ?? String.fetchAll(database, sql: "SELECT DISTINCT name FROM value") {
                let rows = try Row.fetchCursor(
                    database, sql: "SELECT run, text FROM value WHERE name = ?", arguments: [name])
                while let row = try rows.next() {
                    guard let position = positions[try row.decode(atIndex: 0)] else { continue }
                    entries[position].values[name] = try row.decode(String.self, atIndex: 1)
                }
            }
            return entries
        }
    }
}

extension RunFilter.Term {
    /// What holds for a run in SQL; its values are added to the arguments.
    fileprivate func condition(_ arguments: inout StatementArguments) -> String {
        let isEquality = comparison == .is || comparison == .isNot
        let number = name == "path" ? nil : number
        let column = number == nil ? "text" : "number"
        let symbol = isEquality ? (number == nil ? "GLOB" : "=") : comparison.rawValue
        let negation = comparison == .isNot ? "NOT " : ""
        if name != "path" { arguments += [name] }
        if let number { arguments += [number] } else { arguments += [isEquality ? Self.pattern(value) : value] }
        guard name != "path" else { return "\(negation)(run.path \(symbol) ?)" }
        return """
            \(negation)EXISTS (SELECT 1 FROM value WHERE value.run = run.id AND value.name = ? AND value.\(column) \(symbol) ?)
            """
    }
}

extension RunFilter.Term {
    /// As GLOB takes it, with no other sign that stands for others than `*`.
    private static func pattern(_ text: String) -> String {
        text.replacing("[", with: "[[]").replacing("?", with: "[?]")
    }
}

/// An index that cannot be used.
struct RunStoreError: Error, CustomStringConvertible {
    var problem: String
    var description: String { problem }
}
#endif
