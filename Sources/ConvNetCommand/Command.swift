import ArgumentParser
import ConvNetGraph
import ConvNetPages
import ConvNetRuns
import Foundation

struct Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convnet",
        abstract: "Trains, evaluates and applies convolutional image classifiers.",
        discussion: """
            convnet train photos
            convnet predict runs/resnet18-1 photo.jpg
            convnet evaluate runs/resnet18-1 --dataset more-photos
            """,
        version: "convnet \(ConvNetVersion.current)",
        subcommands: [
            Train.self, Evaluate.self, Predict.self, Zoo.self, Summary.self, LayerCommand.self, Compare.self,
            Verify.self,
            CheckCommand.self,
            Runs.self, BenchmarkCommand.self, Datasets.self, Weights.self,
        ])

    /// Runs a command; a failure is one line on standard error.
    static func main() async {
        // A pipe that is closed (`| head`) or a file that reaches its limit must not end a run that has work to save: the
        // calls that write fail instead.
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
        holdStandardStreams()
        do {
            guard !CommandLine.arguments.isEmpty else { throw LostArguments() }
            try checkSubcommand()
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            try Terminal.checkOutput()
        } catch let error as ConfigurationError {
            // What the library says of settings is what the parser would have said.
            end(ValidationError(error.description))
        } catch {
            end(error)
        }
    }

    /// What was closed from the beginning is /dev/null: the next file that is opened would take its place, and get the output.
    private static func holdStandardStreams() {
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) == -1 {
            // The lowest number that is free is the stream's own.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// The parser would only say that the argument is unexpected.
    private static func checkSubcommand() throws {
        guard let name = CommandLine.arguments.dropFirst().first, !name.hasPrefix("-") else { return }
        let known = configuration.subcommands.map(Self.name) + ["help"]
        guard !known.contains(name) else { return }
        let suggestion = nearestName(to: name, in: known).map { " Did you mean '\($0)'?" } ?? ""
        throw ValidationError("unknown subcommand '\(name)'.\(suggestion)")
    }

    static func name(of subcommand: any ParsableCommand.Type) -> String {
        subcommand.configuration.commandName ?? "\(subcommand)".lowercased()
    }

    private static func end(_ error: any Error) -> Never {
        let code = exitCode(for: error)
        // A result that is a failure, of which everything has been said.
        if error is ExitCode { exit(withError: error) }
        // Help and version are not failures; they are long and belong on standard output.
        if code == .success {
            Terminal.write(text: fullMessage(for: error))
            do { try Terminal.checkOutput() } catch { end(error) }
            exit()
        }
        let early = error as? EarlyEnd
        let message = lines(of: error)
        for line in early?.lines ?? ["Error: \(message[0])"] + message.dropFirst() { Terminal.writeError(line) }
        // What the parser refused, as against what went wrong in running.
        if code == .validationFailure { Terminal.writeError("See 'convnet --help' or 'convnet SUBCOMMAND --help'.") }
        if wantsDocument, !Terminal.wroteDocument {
            let details = FailureDocument.Details(
                kind: FailureKind(of: error), message: message.joined(separator: "\n"), next: early?.next)
            try? Terminal.write(json: FailureDocument(error: details))
        }
        exit(withError: early?.exitCode ?? code)
    }

    /// Whether `--json` was given, which the parser does not tell where it refuses something else.
    private static var wantsDocument: Bool {
        CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json")
    }

    /// What went wrong: one line, but for lists.
    private static func lines(of error: any Error) -> [String] {
        switch error {
        case let error as EarlyEnd: return [error.message]
        case let error as any ErrorInLines: return error.lines
        case let error as CocoaError: return [error.sentence]
        default: break
        }
        let message = OptionHint.improve(message(for: error))
        // The parser lists what an option takes. A line break that it was given itself is no line.
        guard exitCode(for: error) == .validationFailure, !CommandLine.arguments.contains(where: { $0.contains("\n") })
        else { return [message] }
        return message.split(separator: "\n").map(String.init)
    }
}

/// Arguments that the system does not tell.
private struct LostArguments: Error, CustomStringConvertible {
    let description =
        "the arguments are not known: Swift reads them from /proc/self/cmdline, which is not there; mount /proc"
}

extension CocoaError {
    /// Which file, and what the system said of it; Foundation's own words are a dump.
    fileprivate var sentence: String {
        let reason = systemReason(for: self)
        return (filePath ?? url?.path).map { "\($0): cannot be read or written: \(reason)" } ?? reason
    }
}
