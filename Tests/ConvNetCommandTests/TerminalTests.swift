#if os(Linux)
import CommandTestSupport
import Foundation
import Testing

/// `script` gives the command a terminal; that of other systems takes other arguments.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "there is no 'script'"))
struct TerminalTests {
    private static func session(in place: Workplace, width: Int, _ arguments: [String]) async throws -> String {
        let command = ([Workplace.executable.path] + arguments).joined(separator: " ")
        return try await place.shell("script --quiet --command 'stty cols \(width); \(command)' /dev/null").output
    }

    @Test(arguments: [20, 40, 80, 200])
    func theBarIsRedrawnWithinTheWidth(width: Int) async throws {
        let place = try Workplace.withDataset()
        let text = try await Self.session(in: place, width: width, Workplace.training(epochs: 2))
        let drawings = text.components(separatedBy: "\r\u{1B}[K").dropFirst()
        #expect(drawings.contains { $0.hasPrefix("epoch 1/2  ") && !$0.contains("\n") })
        for drawing in drawings where !drawing.contains("\n") { #expect(drawing.count < width) }
        // The lines that stay are not written behind a drawing.
        let lines = text.split(separator: "\r\n").map { $0.components(separatedBy: "\u{1B}[K").last ?? "" }
        #expect(lines[2].hasPrefix("epoch 1/2  loss ") && lines[3].hasPrefix("epoch 2/2  loss "))
        #expect(lines[4].hasPrefix("test accuracy "))
    }

    /// A terminal that understands no control sequences, such as an editor's.
    @Test func aDumbTerminalGetsPlainLines() async throws {
        let place = try Workplace.withDataset()
        let command = ([Workplace.executable.path] + Workplace.training(epochs: 2)).joined(separator: " ")
        let text = try await place.shell("TERM=dumb script --quiet --command '\(command)' /dev/null").output
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines.count == 9 && lines[2].hasPrefix("epoch 1/2  loss ") && lines[3].hasPrefix("epoch 2/2  loss "))
        #expect(lines.allSatisfy { !$0.contains("\r") && !$0.contains("\u{1B}") && !$0.contains("━") })
    }

    /// Nor does one that does not say what it is.
    @Test func aTerminalWithoutANameGetsPlainLines() async throws {
        let place = try Workplace.withDataset()
        let command = ([Workplace.executable.path] + Workplace.training(epochs: 2)).joined(separator: " ")
        for setting in ["unset TERM", "export TERM="] {
            let text = try await place.shell("\(setting); rm -rf run; script --quiet --command '\(command)' /dev/null")
                .output
            let lines = text.components(separatedBy: "\r\n")
            #expect(lines.count == 9 && lines[3].hasPrefix("epoch 2/2  loss "), "\(text)")
            #expect(lines.allSatisfy { !$0.contains("\r") && !$0.contains("\u{1B}") && !$0.contains("━") })
        }
    }

    /// Lines that a terminal would break at its edge are broken at words, or leave out what they say they do.
    @Test(arguments: [
        (80, "compare resnet18 resnet50 plain18 mlp"), (40, "compare resnet18 resnet50"), (80, "zoo"), (40, "zoo"),
        (80, "benchmark lenet5 --seconds 0 --threads 1 --no-autotune"),
        (80, "benchmark lenet5 --seconds 0 --threads 1 --no-autotune --profile"), (80, "datasets data"),
        (40, "datasets data"),
        (80, "datasets check data"), (40, "datasets check data"), (80, "evaluate run --dataset data"),
        (40, "evaluate run --dataset data"),
    ])
    func resultsFitTheWidth(width: Int, command: String) async throws {
        let place = try await Workplace.withModel()
        let text = try await Self.session(in: place, width: width, command.split(separator: " ").map(String.init))
        let lines = text.split(separator: "\r\n").map { $0.components(separatedBy: "\u{1B}[K").last ?? "" }
        #expect(lines.count > 1)
        // An address has no blank to break it at.
        for line in lines where !line.contains("http") { #expect(line.count <= width, "\(line)") }
    }

    @Test func whatATableLeavesOutIsSaid() async throws {
        let place = try Workplace()
        let summary = try await Self.session(in: place, width: 80, ["summary", "resnet20"])
        #expect(summary.contains(/left out, since the terminal is narrow: (operation, )?field, stride and offset\r\n/))
        let comparison = try await Self.session(in: place, width: 80, ["compare", "resnet18", "resnet50"])
        #expect(comparison.contains("left out, since the terminal is narrow: activations and weights\r\n"))
        #expect(try await !place.run("compare", "resnet18", "resnet50").output.contains("left out"))
    }

    @Test func anErrorTakesThePlaceOfTheBar() async throws {
        let place = try Workplace.withDataset()
        let text = try await Self.session(
            in: place, width: 80, Workplace.training(epochs: 1, ["--learning-rate", "1e10", "--schedule", "constant"]))
        #expect(text.contains("\r\u{1B}[KError: the loss became "))
    }

    /// Results in a terminal keep within it; elsewhere they are whole.
    @Test(arguments: [60, 80, 100])
    func theSummaryFitsTheWidth(width: Int) async throws {
        let place = try Workplace()
        let lines = try await Self.session(in: place, width: width, ["summary", "resnet20"]).split(separator: "\r\n")
        #expect(lines.count > 70 && lines.allSatisfy { $0.count <= width })
        #expect(lines.contains { $0.hasPrefix("layer3.0.downsample.0 ") && $0.contains(" 2,048 ") })
        let whole = try await place.run("summary", "resnet20").output.split(separator: "\n")
        #expect(whole.first?.hasSuffix("field  stride  offset") == true)
    }
}
#endif
