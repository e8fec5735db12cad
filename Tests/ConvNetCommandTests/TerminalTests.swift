#if os(Linux)
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
        #expect(lines.count == 8 && lines[2].hasPrefix("epoch 1/2  loss ") && lines[3].hasPrefix("epoch 2/2  loss "))
        #expect(lines.allSatisfy { !$0.contains("\r") && !$0.contains("\u{1B}") && !$0.contains("━") })
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
