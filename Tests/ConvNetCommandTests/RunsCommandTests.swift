import CommandTestSupport
import Foundation
import Testing

#if CONVNET_RUN_INDEX
@Suite struct RunsCommandTests {
    /// Two runs of the same images, and one of an earlier version.
    private static func place() async throws -> Workplace {
        let place = try Workplace.withDataset()
        for (name, rate) in [("a", "0.02"), ("b", "0.0001")] {
            let outcome = try await place.run(
                Workplace.training(epochs: 2, out: "runs/\(name)", ["--learning-rate", rate]))
            try #require(outcome.ending == .exit(0), "\(outcome.errors)")
        }
        try place.write(place.data("runs/a/config.yaml"), to: "runs/old/config.yaml")
        try place.write(place.data("runs/a/metrics.jsonl"), to: "runs/old/metrics.jsonl")
        return place
    }

    @Test func listsShowsComparesAndCleans() async throws {
        let place = try await Self.place()
        let list = try await place.run("runs")
        #expect(list.ending == .exit(0) && list.errors == "")
        let lines = list.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 5 && lines[0].hasPrefix("run  state "), "\(list.output)")
        #expect(lines[2].hasPrefix("b    completed  lenet5 ") && lines[3].hasPrefix("a    completed  lenet5 "))
        #expect(lines[4].hasPrefix("old  unknown    lenet5 "))

        let filtered = try await place.run("runs", "--where", "state=completed learning_rate>0.01", "--json")
        let documents = try #require(filtered.json() as? [[String: Any]])
        #expect(documents.map { $0["path"] as? String } == ["runs/a"])
        #expect(documents[0]["learning_rate"] as? Double == 0.02 && documents[0]["done"] as? Int == 2)
        let sorted = try await place.run("runs", "--sort", "learning_rate", "--limit", "1", "--html", "runs/list.html")
        #expect(sorted.output.contains("\nb    ") && !sorted.output.contains("\na    "))
        let reversed = try await place.run("runs", "--sort", "-learning_rate", "--limit", "1")
        #expect(reversed.output.contains("\na    ") && !reversed.output.contains("\nb    "))
        #expect(try place.text("runs/list.html").contains("href=\"b/report.html\""))

        let show = try await place.run("runs", "show", "runs/a", "--html", "page.html")
        #expect(show.output.hasPrefix("lenet5 on data\ncompleted, 2 of 2 epochs done\n"), "\(show.output)")
        #expect(show.output.contains("\nreport runs/a/report.html\npage page.html\n"))
        #expect(try place.text("page.html").contains("completed after 2 epochs"))
        let document = try #require(try await place.run("runs", "show", "runs/old", "--json").json() as? [String: Any])
        #expect((document["history"] as? [Any])?.count == 2 && document["record"] == nil)

        let compare = try await place.run("runs", "compare", "runs/a", "runs/b", "--html", "both.html", "--json")
        let comparison = try #require(compare.json() as? [String: Any])
        #expect((comparison["settings"] as? [String: [String]])?["learning_rate"] == ["0.02", "0.0001"])
        let agreement = try #require((comparison["agreements"] as? [[String: Any]])?.first)
        #expect(agreement["part"] as? String == "test" && agreement["images"] as? Int == 40)
        let text = try await place.run("runs", "compare", "runs/a", "runs/b", "runs/old")
        #expect(text.output.contains("McNemar's exact test: p = "))
        #expect(text.output.contains("(runs/old: no predictions.csv)") && !text.output.contains("\\u{"))
        #expect(try place.text("both.html").contains("<h2>Settings that differ</h2>"))
    }

    @Test func cleaningRemovesOnlyWhatARunHasWritten() async throws {
        let place = try await Self.place()
        try place.write(Data("mine".utf8), to: "runs/old/notes.txt")
        let before = try place.snapshot()
        let dry = try await place.run("runs", "clean")
        #expect(
            dry.output.hasPrefix("runs/old  ") && dry.output.hasSuffix("; --delete removes them\n"), "\(dry.output)")
        #expect(try place.snapshot().filter { !$0.key.contains(".index") } == before)
        _ = try await place.run("runs", "clean", "--delete")
        #expect(try place.contents(of: "runs/old") == ["notes.txt"])
        let checkpoints = try await place.run("runs", "clean", "--checkpoints", "--delete", "--json")
        #expect(try (checkpoints.json() as? [Any])?.count == 2)
        #expect(try place.contents(of: "runs/a/checkpoint") == [])
        #expect(try await place.run("predict", "runs/a", "--dataset", "data", "--index", "1").ending == .exit(0))
        let rest = try await place.run("runs", "clean", "--where", "learning_rate<0.01", "--delete")
        #expect(rest.output.hasPrefix("runs/b  "))
        #expect(try place.contents(of: "runs") == [".index.sqlite", "a", "old"])
        #expect(try await place.run("runs", "clean").output == "nothing to remove\n")
    }

    @Test func mistakesAreNamed() async throws {
        let place = try Workplace()
        #expect(try await place.run("runs").errors == "no run in runs; 'convnet train' begins one\n")
        #expect(try place.snapshot().isEmpty)
        try await place.expect(["runs", "none"], failsWith: "there is no directory 'none'")
        try place.write(Data("epochs: 3\n".utf8), to: "runs/a/config.yaml")
        try await place.expect(
            ["runs", "--where", "accuracy"],
            failsWith: "'accuracy' is no condition; write conditions as in 'model=resnet20 accuracy>0.9'")
        try await place.expect(
            ["runs", "compare", "runs/a"], failsWith: "name two runs or more, received 1")
        try await place.expect(
            ["runs", "compare", "runs/a", "b"], failsWith: "b holds no run (it has no config.yaml)")
        try await place.expect(["runs", "show", "b"], failsWith: "b holds no run (it has no config.yaml)")
        let unknown = try await place.run("runs", "--sort", "epoch")
        #expect(unknown.errors == "Error: no run has a value named 'epoch'. Did you mean 'epochs'?\n")
    }

    /// kill −9 while the index is written leaves one that can be used, or is made anew.
    @Test func aKilledListLeavesAUsableIndex() async throws {
        let place = try Workplace()
        for number in 0..<300 {
            try place.write(
                Data("epochs: \(number + 1)\noptimizer:\n  kind: sgd\n".utf8), to: "runs/r\(number)/config.yaml")
        }
        for delay in stride(from: 1, through: 40, by: 3) {
            try? FileManager.default.removeItem(at: place.file("runs/.index.sqlite"))
            _ = try await place.shell(
                "convnet runs > /dev/null & sleep 0.0\(delay < 10 ? "0" : "")\(delay); kill -9 $!; wait")
            let list = try await place.run("runs", "--where", "epochs>290")
            #expect(list.output.split(separator: "\n").count == 12 && list.errors == "", "\(delay): \(list.errors)")
        }
    }
}
#else
@Suite struct RunsCommandTests {
    @Test func aBuildWithoutTheIndexSaysSo() async throws {
        let place = try Workplace()
        let outcome = try await place.run("runs")
        #expect(outcome.ending == .exit(0) && outcome.output.contains("without the package's trait RunIndex"))
        #expect(try await place.run("runs", "list").ending == .exit(64))
    }
}
#endif
