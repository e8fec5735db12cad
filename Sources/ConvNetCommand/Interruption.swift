import ConvNet
import Foundation
import Synchronization

/// Stops a run between two steps when the user presses Ctrl-C, the system asks the process to end or its terminal is gone.
///
/// A second Ctrl-C ends the process at once.
final class Interruption: TrainingListener {
    private let state = State()
    private var sources: [any DispatchSourceSignal] = []

    private final class State: Sendable {
        private let firstRequest = Mutex<ContinuousClock.Instant?>(nil)

        var isRequested: Bool { firstRequest.withLock { $0 != nil } }

        func request() {
            let isRepeated = firstRequest.withLock { first in
                defer { first = first ?? .now }
                return first.map { ContinuousClock.now - $0 > Interruption.patience } ?? false
            }
            if isRepeated { _exit(130) }
        }
    }

    private static let signals = [SIGINT, SIGTERM, SIGHUP]
    /// What runs the command may pass on a signal that the terminal has sent to both: two within this time are one.
    private static let patience = Duration.milliseconds(500)

    /// Signals that are ours to handle; a run under `nohup` is to outlive its terminal.
    private var handled: [CInt] = []

    init() {
        for number in Self.signals {
            let former = signal(number, SIG_IGN)
            if number == SIGHUP, Self.isIgnoring(former) { continue }
            handled.append(number)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [state] in state.request() }
            source.resume()
            sources.append(source)
        }
    }

    deinit {
        for source in sources { source.cancel() }
        for number in handled { signal(number, SIG_DFL) }
    }

    /// Handlers are functions, which cannot be compared otherwise.
    private static func isIgnoring(_ handler: (@convention(c) (CInt) -> Void)?) -> Bool {
        unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        state.isRequested ? .stop : .continue
    }
}
