import ConvNet
import Foundation
import Synchronization

/// Stops a run between two steps when the user presses Ctrl-C, the system asks the process to end or its terminal is gone.
///
/// A second Ctrl-C ends the process at once.
final class Interruption: TrainingListener {
    /// When a stop was first asked for, in milliseconds of a clock that nobody sets; 0 where it was not. Written by the handler
    /// itself: a dispatch source would take threads and a descriptor that the system may not grant.
    private static let firstRequest = Atomic<Int64>(0)

    private static let signals = [SIGINT, SIGTERM, SIGHUP]
    /// What runs the command may pass on a signal that the terminal has sent to both: two within this time, in milliseconds,
    /// are one.
    private static let patience: Int64 = 500

    /// Signals that are ours to handle; a run under `nohup` is to outlive its terminal.
    private var handled: [CInt] = []

    init() {
        // Made here, not in the handler.
        Self.firstRequest.store(0, ordering: .relaxed)
        for number in Self.signals {
            let former = signal(number, SIG_IGN)
            if number == SIGHUP, Self.isIgnoring(former) { continue }
            handled.append(number)
            signal(number) { _ in
                let now = Interruption.milliseconds
                let (isFirst, first) = Interruption.firstRequest.compareExchange(
                    expected: 0, desired: now, ordering: .relaxed)
                if !isFirst, now - first > Interruption.patience { _exit(130) }
            }
        }
    }

    deinit {
        for number in handled { signal(number, SIG_DFL) }
    }

    private static var milliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Handlers are functions, which cannot be compared otherwise.
    private static func isIgnoring(_ handler: (@convention(c) (CInt) -> Void)?) -> Bool {
        unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        Self.firstRequest.load(ordering: .relaxed) != 0 ? .stop : .continue
    }
}
