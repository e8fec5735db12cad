import ConvNet
import Foundation
import Synchronization

/// Says what is being done, once that has taken more than a moment: on a terminal in a line that goes again, elsewhere, once
/// it has taken ten seconds, in a line that stays.
final class WaitingLine: Sendable {
    /// Where it is said.
    struct Output: Sendable {
        /// How long is waited before something is said.
        var delay: Duration
        var draw: @Sendable (String) -> Void
        /// Takes away what was drawn.
        var erase: @Sendable () -> Void

        /// Standard error, whatever that is.
        static var standardError: Output {
            Terminal.canRedraw
                ? Output(delay: .milliseconds(500), draw: Terminal.draw, erase: Terminal.eraseDrawing)
                : Output(delay: .seconds(10), draw: { Terminal.writeError($0) }, erase: {})
        }

        /// Standard error where it is a terminal; for what is so short elsewhere that nobody waits for it.
        static var terminal: Output {
            Terminal.canRedraw ? standardError : Output(delay: .seconds(10), draw: { _ in }, erase: {})
        }
    }

    private let output: Output
    private let state = Mutex(State())

    private struct State {
        /// Counts what was begun and ended, so that a line that is late is not drawn any more.
        var number = 0
        var isDrawn = false
    }

    init(_ output: Output = .standardError) {
        self.output = output
    }

    /// Ends what was begun before, too.
    func begin(_ what: String) {
        end()
        let number = state.withLock { $0.number }
        DelayedCalls.shared.make(after: output.delay) { [self] in
            state.withLock { state in
                guard state.number == number else { return }
                output.draw("\(what) …")
                state.isDrawn = true
            }
        }
    }

    func end() {
        state.withLock { state in
            state.number += 1
            if state.isDrawn { output.erase() }
            state.isDrawn = false
        }
    }

    func during<T>(_ what: String, _ body: () async throws -> T) async rethrows -> T {
        begin(what)
        defer { end() }
        return try await body()
    }

    func during<T>(_ what: String, _ body: () throws -> T) rethrows -> T {
        begin(what)
        defer { end() }
        return try body()
    }
}
