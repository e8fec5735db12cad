import CommandTestSupport
import Foundation
import Testing

/// Where the output goes should not matter to the run.
@Suite struct StreamTests {
    @Test func filesGetALineAnEpochWithoutEscapes() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(Workplace.training(epochs: 3))
        let lines = outcome.errors.split(separator: "\n").map(String.init)
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("lenet5: 15,116 parameters, "))
        #expect(lines[1] == "data: 228 training, 12 validation and 40 test images; run in run")
        for (index, line) in lines.dropFirst(2).enumerated() {
            #expect(line.hasPrefix("epoch \(index + 1)/3  loss "))
            #expect(line.hasSuffix("/s") && line.count <= 80)
        }
        #expect(!outcome.errors.contains("\r") && !outcome.errors.contains("\u{1B}"))
        let results = outcome.output.split(separator: "\n")
        #expect(results.count == 4 && results[3] == "next: convnet predict run photo.jpg")
    }

    @Test(arguments: ["2>&1 | head -n 1", "2>&1 | true", ">&- 2>&-", "> /dev/null 2>&1"])
    func aRunOutlivesItsOutput(redirection: String) async throws {
        let place = try Workplace.withDataset()
        // Processes that time algorithms at once may come to different choices.
        let more = ["--no-autotune"]
        _ = try await place.run(Workplace.training(epochs: 2, out: "quiet", more))
        let words = Workplace.training(epochs: 2, more).joined(separator: " ")
        let outcome = try await place.shell("convnet \(words) \(redirection)")
        #expect(outcome.ending == .exit(0))
        #expect(outcome.errors == "")
        #expect(try RunResult(in: place) == RunResult("quiet", in: place))
        #expect(try place.data("run/config.yaml") == place.data("quiet/config.yaml"))
    }

    /// A full disk, and a limit on the size of files: what is missing is said, and no success.
    @Test(arguments: [
        "zoo", "zoo --json", "summary lenet5", "summary lenet5 --json", "datasets", "compare lenet5 mlp", "--help",
        "train --help",
        "--version",
    ])
    func resultsThatCannotBeWrittenAreAnError(arguments: String) async throws {
        let place = try Workplace()
        let full = try await place.shell("convnet \(arguments) > /dev/full")
        #expect(full.ending == .exit(1))
        #expect(full.errors == "Error: standard output: not written: No space left on device\n")
        // The message has no place either.
        let limited = try await place.shell("ulimit -f 0; convnet \(arguments) > output")
        #expect(limited.ending == .exit(1))
    }

    /// Evaluated first, written last: the status tells, and the run's files are as ever.
    @Test func aRunWhoseResultsCannotBeWrittenIsWhole() async throws {
        let place = try Workplace.withDataset()
        let words = Workplace.training(epochs: 1).joined(separator: " ")
        let outcome = try await place.shell("convnet \(words) > /dev/full")
        #expect(outcome.ending == .exit(1))
        #expect(outcome.errors.hasSuffix("Error: standard output: not written: No space left on device\n"))
        let whole = try await place.run("evaluate", "run", "--dataset", "data")
        #expect(whole.ending == .exit(0))
    }

    /// A pipe that does not block is waited for.
    @Test func everythingArrivesThroughANonBlockingPipe() async throws {
        let place = try Workplace()
        try place.write(
            """
            #include <fcntl.h>
            #include <unistd.h>
            int main(int count, char **words) {
                fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
                return execvp(words[1], words + 1);
            }
            """, to: "nonblocking.c")
        let outcome = try await place.shell(
            "clang -o nonblocking nonblocking.c && { ./nonblocking '\(Workplace.executable.path)' summary densenet121 --json; echo $? >&2; }"
                + " | (sleep 1; cat)")
        let expected = try await place.run("summary", "densenet121", "--json")
        #expect(outcome.output == expected.output)
        #expect(outcome.output.utf8.count > 65_536)
        #expect(outcome.errors == "0\n")
    }

    @Test(arguments: ["--help", "summary convnet4", "summary convnet4 --json", "datasets"])
    func resultsMayBeCutOff(arguments: String) async throws {
        let outcome = try await Workplace().shell("{ convnet \(arguments); echo $? >&2; } | head -n 1")
        #expect(outcome.output.split(separator: "\n").count == 1)
        #expect(outcome.errors == "0\n")
    }
}
