import CommandTestSupport
import ConvNetRuns
import Foundation
import Testing

@testable import ConvNetCommand

/// With `--json` there is one document, whatever happens; a line on standard error and the exit status tell people.
@Suite struct JSONErrorTests {
    /// The `error` of the only document on standard output.
    private static func error(_ outcome: Workplace.Outcome) throws -> [String: String] {
        let document = try #require(outcome.json() as? [String: Any])
        #expect(document.keys.sorted() == ["error"])
        return try #require(document["error"] as? [String: String])
    }

    private struct Refusal: Sendable {
        var arguments: String
        var kind: FailureKind
        /// nil where the whole sentence is tested elsewhere.
        var message: String?
    }

    private static let refusals: [Refusal] = [
        Refusal(
            arguments: "train --lr 0.1", kind: .usage, message: "Unknown option '--lr'. Did you mean '--learning-rate'?"
        ),
        Refusal(arguments: "frobnicate", kind: .usage, message: "unknown subcommand 'frobnicate'."),
        Refusal(arguments: "train", kind: .usage, message: "name a dataset, as in 'convnet train photos'"),
        Refusal(
            arguments: "train --dataset nowhere", kind: .dataset,
            message: "Unknown dataset 'nowhere'. Known: fashion-mnist; the path of a directory works too."),
        Refusal(arguments: "train c.yaml", kind: .settings, message: "c.yaml: there is no such file"),
        Refusal(
            arguments: "train --resume --out none", kind: .run, message: "none holds no run (it has no config.yaml)"),
        Refusal(arguments: "evaluate text.txt --dataset data", kind: .model),
        Refusal(arguments: "evaluate none --dataset data", kind: .file),
        Refusal(arguments: "predict none a.png", kind: .file),
        Refusal(
            arguments: "summary lenet", kind: .network, message: "Unknown network 'lenet'. Did you mean 'lenet5'?"),
        Refusal(arguments: "summary lenet5 --input 1x2x2", kind: .network),
        Refusal(arguments: "compare lenet5 resnet2O", kind: .network),
        Refusal(arguments: "compare lenet5 --html none/page.html", kind: .file),
        Refusal(arguments: "verify lenet5", kind: .usage, message: "a network given by name needs --weights"),
        Refusal(arguments: "benchmark lenet5 --engine cuda", kind: .engine),
        Refusal(arguments: "datasets check nowhere", kind: .dataset),
        Refusal(arguments: "datasets benchmark nowhere", kind: .dataset),
        Refusal(arguments: "datasets nowhere", kind: .dataset),
        Refusal(arguments: "zoo more", kind: .usage, message: "Unexpected argument 'more'"),
    ]

    @Test(arguments: refusals.indices)
    func kindAndMessageAreInTheDocument(index: Int) async throws {
        let refusal = Self.refusals[index]
        let place = try Workplace.withDataset()
        try place.write("some words", to: "text.txt")
        let outcome = try await place.run(refusal.arguments.split(separator: " ").map(String.init) + ["--json"])
        let error = try Self.error(outcome)
        #expect(error["kind"] == refusal.kind.rawValue, "\(refusal.arguments): \(error)")
        #expect(error.keys.sorted() == ["kind", "message"])
        if let message = refusal.message { #expect(error["message"] == message) }
        #expect(outcome.errors.hasPrefix("Error: \(error["message"] ?? "")\n"))
        #expect(outcome.ending == .exit(refusal.kind == .usage ? 64 : 1))
    }

    @Test func picturesThatCannotBeReadAreAnErrorToo() async throws {
        let place = try await Workplace.withModel()
        try place.write("no picture", to: "a.png")
        let outcome = try await place.run("predict", "run", "a.png", "--json")
        #expect(try Self.error(outcome)["kind"] == "picture")
        // A list has its lines in the message.
        let several = try await place.run("predict", "run", "a.png", "a.png", "--json")
        let error = try Self.error(several)
        #expect(error["kind"] == "dataset")
        #expect(several.errors == "Error: \(error["message"] ?? "")\n")
    }

    /// The command that starts again stands beside the message.
    @Test func aRunThatDiverges() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(
            Workplace.training(epochs: 1, ["--learning-rate", "1e10", "--schedule", "constant", "--json"]))
        #expect(outcome.ending == .exit(3))
        let error = try Self.error(outcome)
        #expect(error["kind"] == "divergence")
        #expect(error["message"]?.hasPrefix("the loss became ") == true)
        #expect(error["next"] == "convnet train run/config.yaml --learning-rate 1000000000.0")
        #expect(outcome.errors.hasSuffix("\n  \(error["next"] ?? "")\n"))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aRunThatIsStopped(signal: Int32) async throws {
        let place = try Workplace.withDataset()
        let running = try place.start(Workplace.training(epochs: 10_000, ["--json"]))
        await running.receives(signal, after: "epoch 2/")
        let outcome = try await running.outcome()
        #expect(outcome.ending == .exit(130))
        let error = try Self.error(outcome)
        #expect(error["kind"] == "stopped")
        #expect(error["message"]?.hasPrefix("stopped after step ") == true)
        #expect(error["next"] == "convnet train --resume --out run")
    }

    /// A model that gives other numbers has a report, which is no error.
    @Test func aResultThatIsAFailureIsOneDocument() async throws {
        let place = try await Workplace.withModel()
        let outcome = try await place.run("verify", "run", "--tolerance", "0", "--fast-arithmetic", "--json")
        #expect(try outcome.keys().contains("passed"))
    }

    /// Scripts compare these words.
    @Test func kindsStayAsTheyAre() {
        #expect(FailureKind(of: OutputError(code: 28)).rawValue == "output")
        #expect(FailureKind(of: EngineError.outOfMemory(bytes: 1)).rawValue == "memory")
        #expect(FailureKind(of: SettingError("")).rawValue == "settings")
        #expect(FailureKind(of: SafetensorsError.unreadable(file: "", reason: "")).rawValue == "file")
        #expect(FailureKind(of: DatasetError.notWritten(file: "", reason: "")).rawValue == "file")
        #expect(FailureKind(of: CocoaError(.fileReadNoPermission)).rawValue == "file")
        #expect(FailureKind(of: RunDirectoryError.holdsRun("")).rawValue == "run")
        struct Unknown: Error {}
        #expect(FailureKind(of: Unknown()).rawValue == "other")
    }
}
