import ConvNet
import Foundation
import Synchronization

/// Stops a run between two steps when the user presses Ctrl-C or the system asks the process to end.
///
/// The second Ctrl-C ends the process at once.
final class Interruption: TrainingListener {
    private let state = State()
    private var sources: [any DispatchSourceSignal] = []

    private final class State: Sendable {
        let isRequested = Atomic(false)
    }

    init() {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [state] in
                if state.isRequested.exchange(true, ordering: .relaxed) { _exit(130) }
            }
            source.resume()
            sources.append(source)
        }
    }

    deinit {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        state.isRequested.load(ordering: .relaxed) ? .stop : .continue
    }
}
