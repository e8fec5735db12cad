#if CONVNET_RUN_INDEX
import ConvNetRuns
import Foundation
import Testing

@testable import ConvNetRunIndex

@Suite struct RunIndexTests {
    /// A directory of runs that nobody has trained.
    final class Place {
        let url = FileManager.default.temporaryDirectory.appending(path: "runs-\(UUID())")

        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }

        var path: String { url.path }
        var index: URL { url.appending(path: RunIndex.fileName) }

        func write(_ text: String, to path: String) throws {
            let file = url.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }

        /// A run as a process that has ended has left it.
        func add(
            _ name: String, model: String = "lenet5", accuracy: Double, rate: Double = 0.05, started: Int = 0,
            state: String = "completed"
        ) throws {
            try write(
                """
                dataset: /data/digits
                model: \(model)
                epochs: 3
                optimizer:
                  kind: sgd
                learning_rate: \(rate)
                """, to: "\(name)/config.yaml")
            let date = Date(timeIntervalSince1970: TimeInterval(1_700_000_000 + started)).formatted(.iso8601)
            try write(
                """
                {"version": "1", "host": "h", "processor": "p", "instructions": "avx2", "threads": 2,
                "started": "\(date)", "ended": "\(date)", "state": "\(state)", "epochs": 3,
                "dataset": {"name": "digits", "path": "/data/digits", "digest": "1", "images": 9, "classes": ["a", "b"]},
                "model": "\(model)", "parameters": 12, "seed": 18446744073709551615, "reasons": {},
                "best": {"epoch": 2, "metrics": {"images": 4, "accuracy": \(accuracy), "loss": \(1 - accuracy)}},
                "test": {"images": 4, "accuracy": \(accuracy / 2), "loss": 2}}
                """, to: "\(name)/run.json")
        }

        func names(_ filter: String = "", by order: RunOrder = .newest, atMost most: Int? = nil) throws -> [String] {
            let index = try RunIndex(of: path)
            #expect(index.notes.isEmpty)
            return try index.runs(where: RunFilter(parsing: filter), by: order, atMost: most).map(\.path)
        }
    }

    private static func three() throws -> Place {
        let place = try Place()
        try place.add("a", accuracy: 0.9, rate: 0.1, started: 0)
        try place.add("study/b", model: "resnet20", accuracy: 0.95, rate: 0.01, started: 100)
        try place.add("study/deep/c", model: "resnet56", accuracy: 0.5, rate: 0.02, started: 50, state: "diverged")
        try place.write("no run", to: "notes/readme.txt")
        return place
    }

    @Test func listsTheNewestFirst() throws {
        let place = try Self.three()
        #expect(try place.names() == ["study/b", "study/deep/c", "a"])
        #expect(FileManager.default.fileExists(atPath: place.index.path))
        // A second time from the file.
        #expect(try place.names(atMost: 2) == ["study/b", "study/deep/c"])
        let all = try RunIndex(of: place.path).runs()
        #expect(all[0].values["model"] == "resnet20" && all[0].values["optimizer"] == "sgd")
        #expect(all[0].values["seed"] == nil && all[0].values["test.accuracy"] == "0.475")
    }

    @Test(arguments: [
        ("model=resnet*", ["study/b", "study/deep/c"]), ("model!=resnet*", ["a"]), ("accuracy>0.9", ["study/b"]),
        ("accuracy>=90%", ["study/b", "a"]), ("accuracy>50% learning_rate<0.05", ["study/b"]),
        ("state=diverged", ["study/deep/c"]), ("optimizer.kind=sgd model=lenet5", ["a"]),
        ("path=study/*", ["study/b", "study/deep/c"]),
        ("path='a'", ["a"]), ("learning_rate==0.10", ["a"]), ("started<2023-11-14T22:14", ["a"]),
        ("test.accuracy<0.3", ["study/deep/c"]), ("dataset=digits", ["study/b", "study/deep/c", "a"]),
        ("model=lenet", []),
        ("dataset=dig?ts", []), ("done=3 epochs=3 best_epoch=2", ["study/b", "study/deep/c", "a"]),
    ])
    func filters(text: String, paths: [String]) throws {
        #expect(try Self.three().names(text) == paths)
    }

    @Test func sorts() throws {
        let place = try Self.three()
        try place.add("d", accuracy: 0.1)
        try place.write("dataset: x\n", to: "e/config.yaml")
        #expect(
            try place.names(by: RunOrder("accuracy", isAscending: false)) == ["study/b", "a", "study/deep/c", "d", "e"])
        #expect(
            try place.names(by: RunOrder("accuracy", isAscending: true)) == ["d", "study/deep/c", "a", "study/b", "e"])
        #expect(try place.names(by: RunOrder("path", isAscending: true)).first == "a")
        #expect(
            try place.names("model=*", by: RunOrder("model", isAscending: true))
                == ["a", "d", "study/b", "study/deep/c"])
    }

    @Test(arguments: ["accuracy", "accuracy>", ">0.9", "a b=1", "x='", "a=<3"])
    func refusesWhatIsNoCondition(text: String) {
        #expect(throws: RunFilterError.self) { try RunFilter(parsing: text) }
    }

    @Test func namesThatNoRunHas() throws {
        let place = try Self.three()
        #expect(throws: RunFilterError.unknownName("acuracy", suggestion: "accuracy")) {
            try place.names("acuracy>0.5")
        }
        #expect(throws: RunFilterError.unknownName("qqqqqqqqqq", suggestion: nil)) {
            try place.names(by: RunOrder("qqqqqqqqqq", isAscending: true))
        }
        // Where there is no run, nothing has to be named.
        #expect(try Place().names("accuracy>0.5") == [])
    }

    @Test func followsWhatChanges() throws {
        let place = try Self.three()
        #expect(try place.names("accuracy>0.9") == ["study/b"])
        try place.add("a", accuracy: 0.97)
        try FileManager.default.removeItem(at: place.url.appending(path: "study/b"))
        try place.add("new/z", accuracy: 0.99, started: 7)
        #expect(try place.names("accuracy>0.9") == ["new/z", "a"])
    }

    /// One that says it is running, and that no process holds, was ended from outside; the index does not keep what it said.
    @Test func aRunThatWasKilledHasFailed() throws {
        let place = try Place()
        try place.add("a", accuracy: 0.9, state: "running")
        #expect(try place.names("state=failed") == ["a"])
        let lock = open(place.url.appending(path: "a/.lock").path, O_RDWR | O_CREAT, 0o644)
        defer { close(lock) }
        try #require(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        #expect(try place.names("state=failed") == ["a"], "nothing has changed that the index looks at")
        try place.add("a", accuracy: 0.91, state: "running")
        #expect(try place.names("state=running") == ["a"])
        flock(lock, LOCK_UN)
        #expect(try place.names("state=failed") == ["a"])
    }

    /// Runs of versions that wrote no run.json, and what is broken.
    @Test func readsWhatThereIs() throws {
        let place = try Place()
        try place.write("dataset: /data/digits\nmodel: lenet5\nobjective: loss\n", to: "old/config.yaml")
        let lines = [(0.8, 0.3), (0.9, 0.4), (0.7, 0.2)].enumerated().map { index, values in
            """
            {"epoch": \(index + 1), "train_loss": 1, "train_accuracy": 0.5, "validation_accuracy": \(values.0), \
            "validation_loss": \(values.1), "learning_rate": 0.1, "seconds": 1, "images_per_second": 9}

            """
        }
        try place.write(lines.joined() + "{\"epoch\": 4, \"train_lo", to: "old/metrics.jsonl")
        try place.write("{\"version\": ", to: "broken/run.json")
        try place.write("model: [", to: "broken/config.yaml")
        try place.write("not: a setting\nfuture_setting: {a: [1, {b: 2}]}\n", to: "future/config.yaml")
        let index = try RunIndex(of: place.path)
        let runs = try index.runs(by: RunOrder("path", isAscending: true))
        #expect(runs.map(\.path) == ["broken", "future", "old"])
        let old = runs[2].values
        #expect(old["state"] == "unknown" && old["model"] == "lenet5" && old["dataset"] == "digits")
        #expect(old["done"] == "3" && old["best_epoch"] == "3" && old["accuracy"] == "0.7", "by its objective")
        #expect(runs[1].values["future_setting.a"] == "[1, {b: 2}]")
        let problems = try index.problems()
        #expect(problems.map(\.path) == ["broken"])
        #expect(problems[0].problem.contains("run.json") && problems[0].problem.contains("config.yaml"))
    }

    // MARK: The file

    @Test(arguments: ["", "SQLite format 3\u{0}", String(repeating: "x", count: 5000)])
    func aFileThatIsNotOursIsLeftAlone(content: String) throws {
        let place = try Self.three()
        try Data(content.utf8).write(to: place.index)
        let index = try RunIndex(of: place.path)
        #expect(try index.runs().count == 3)
        // An empty file is what a process leaves that was killed before its first write.
        #expect(index.notes.isEmpty == content.isEmpty)
        if !content.isEmpty {
            #expect(try Data(contentsOf: place.index) == Data(content.utf8))
            #expect(index.notes[0].contains("another program's file"))
        }
    }

    @Test func aBrokenFileIsMadeAnew() throws {
        let place = try Self.three()
        #expect(try place.names().count == 3)
        let whole = try Data(contentsOf: place.index)
        for start in stride(from: 100, to: whole.count, by: 512) {
            var broken = whole
            for index in start..<min(start + 400, whole.count) { broken[index] = 0xA5 }
            try broken.write(to: place.index)
            #expect(try place.names("accuracy>0.1").count == 3, "from byte \(start)")
        }
        for count in [101, 1000, whole.count - 100] {
            try whole.prefix(count).write(to: place.index)
            #expect(try place.names("accuracy>0.1").count == 3, "cut off at \(count)")
        }
    }

    @Test func aLockedFileIsGoneWithout() throws {
        let place = try Self.three()
        #expect(try place.names().count == 3)
        try place.add("d", accuracy: 0.9)
        let other = try RunStore.open(place.index)
        try other.whileWriting {
            let index = try RunIndex(of: place.path)
            #expect(try index.runs().count == 4)
            #expect(index.notes.count == 1 && index.notes[0].contains("cannot be used"))
        }
        #expect(try place.names().count == 4)
    }

    @Test func severalProcessesMayBringItUpToDate() async throws {
        let place = try Place()
        for number in 0..<60 { try place.add("r\(number)", accuracy: Double(number) / 60, started: number) }
        let path = place.path
        let counts = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<6 { group.addTask { try? RunIndex(of: path).runs().count } }
            return await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(counts == [Int?](repeating: 60, count: 6))
        #expect(try place.names().count == 60)
    }

    @Test func aRunItselfIsAListOfOne() throws {
        let place = try Self.three()
        let index = try RunIndex(of: "\(place.path)/a")
        #expect(try index.runs().map(\.path) == ["."])
        #expect(!FileManager.default.fileExists(atPath: "\(place.path)/a/\(RunIndex.fileName)"))
        #expect(try RunIndex(of: "\(place.path)/none").runs().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: "\(place.path)/none"))
    }
}
#endif
