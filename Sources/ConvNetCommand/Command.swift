import ArgumentParser
import ConvNet
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
            Train.self, Evaluate.self, Predict.self, Zoo.self, Summary.self, Compare.self, Verify.self,
            CheckCommand.self,
            BenchmarkCommand.self, Datasets.self,
        ])

    /// Runs a command; a failure is one line on standard error.
    static func main() async {
        // A pipe that is closed (`| head`) or a file that reaches its limit must not end a run that has work to save: the
        // calls that write fail instead.
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
        occupyStandardDescriptors()
        do {
            try checkSubcommand()
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            try Terminal.checkOutput()
        } catch {
            end(error)
        }
    }

    /// A file that is opened gets the lowest number that is free: what a shell has closed (`>&-`) would come to be a run's file,
    /// and results would go into it.
    private static func occupyStandardDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
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
        if error is ExitCode { exit(withError: error) }
        // Help and version are not failures; they are long and belong on standard output.
        if code == .success {
            Terminal.write(fullMessage(for: error))
            do { try Terminal.checkOutput() } catch { end(error) }
            exit()
        }
        Terminal.writeError("Error: \(OptionHint.improve(message(for: error)))")
        // What the parser refused, as against what went wrong in running.
        if code == .validationFailure { Terminal.writeError("See 'convnet --help' or 'convnet SUBCOMMAND --help'.") }
        exit(withError: code)
    }
}
