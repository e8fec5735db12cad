import ConvNet
import ConvNetGraph
import Foundation

/// Calls that are made some time later, all of them in one thread. Where the system grants none, they are not made.
final class DelayedCalls: @unchecked Sendable {
    static let shared = DelayedCalls()

    /// Guards the rest.
    private let condition = NSCondition()
    private var calls: [(time: Date, body: @Sendable () -> Void)] = []
    private var hasThread = false

    func make(after delay: Duration, _ body: @escaping @Sendable () -> Void) {
        condition.withLock {
            if !hasThread {
                hasThread =
                    (try? SystemThread.start(name: "convnet waiting", for: "drawing a line") { self.run() }) != nil
            }
            guard hasThread else { return }
            calls.append((Date(timeIntervalSinceNow: delay / .seconds(1)), body))
            condition.signal()
        }
    }

    private func run() {
        while true { next()() }
    }

    /// Waits for the next call that is due.
    private func next() -> @Sendable () -> Void {
        condition.withLock {
            while true {
                guard let first = calls.indices.min(by: { calls[$0].time < calls[$1].time }) else {
                    condition.wait()
                    continue
                }
                if calls[first].time <= Date() { return calls.remove(at: first).body }
                _ = condition.wait(until: calls[first].time)
            }
        }
    }
}
