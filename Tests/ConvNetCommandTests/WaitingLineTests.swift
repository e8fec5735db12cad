import CommandTestSupport
import Foundation
import Synchronization
import Testing

@testable import ConvNetCommand

@Suite struct WaitingLineTests {
    /// Keeps what was drawn, and where that was taken away.
    private final class Screen: Sendable {
        private let texts = Mutex<[String]>([])

        var drawn: [String] { texts.withLock { $0 } }

        func output(after delay: Duration) -> WaitingLine.Output {
            WaitingLine.Output(
                delay: delay, draw: { text in self.texts.withLock { $0.append(text) } },
                erase: { self.texts.withLock { $0.append("") } })
        }

        func waitFor(_ count: Int) async throws {
            let start = ContinuousClock.now
            while drawn.count < count, ContinuousClock.now - start < .seconds(20) {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    @Test func saysWhatTakesLongAndTakesItAway() async throws {
        let screen = Screen()
        let line = WaitingLine(screen.output(after: .milliseconds(1)))
        line.begin("compiling")
        try await screen.waitFor(1)
        #expect(screen.drawn == ["compiling …"])
        line.begin("saving")
        try await screen.waitFor(3)
        #expect(screen.drawn == ["compiling …", "", "saving …"])
        line.end()
        line.end()
        #expect(screen.drawn == ["compiling …", "", "saving …", ""])
    }

    @Test func whatIsQuickIsNotSaid() async throws {
        let screen = Screen()
        let line = WaitingLine(screen.output(after: .milliseconds(20)))
        for number in 0..<100 {
            line.begin("step \(number)")
            line.end()
        }
        line.during("reading") {}
        try await Task.sleep(for: .milliseconds(60))
        #expect(screen.drawn == [])
    }

    /// Also where it fails.
    @Test func endsWithWhatIsDone() async throws {
        struct Failure: Error {}
        let screen = Screen()
        let line = WaitingLine(screen.output(after: .milliseconds(1)))
        await #expect(throws: Failure.self) {
            try await line.during("measuring") {
                try await screen.waitFor(1)
                throw Failure()
            }
        }
        #expect(screen.drawn == ["measuring …", ""])
    }
}
