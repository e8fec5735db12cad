import ConvNetGraph
import Foundation

/// Results 0 ..< count of a function, made by threads ahead of their use and handed over in order.
///
/// At most `window` results exist at a time, so that a slow consumer holds the threads back. They end with the last result,
/// with the first failure that is handed over, and when the reader is released.
package final class ReadAhead<Result: Sendable>: Sendable {
    private let state: State

    /// - Parameters:
    ///   - threads: 1 or more. Where the system grants fewer, those that there are do the work.
    ///   - window: how far the threads may be ahead, in results, the one that is being used included.
    ///   - make: called on the threads, once for each position.
    /// - Throws: where no thread at all can be started.
    package init(
        count: Int, threads: Int, window: Int, _ make: @escaping @Sendable (_ position: Int) throws -> Result
    ) throws(ThreadError) {
        let state = State(count: count, window: max(window, 1), make)
        self.state = state
        for number in 0..<max(1, min(threads, count)) {
            do {
                try SystemThread.start(name: "convnet read \(number)", for: "reading ahead") { state.work() }
            } catch {
                guard number > 0 else { throw error }
                break
            }
        }
    }

    deinit { state.close() }

    /// The next result, waited for; nil after the last one.
    ///
    /// - Throws: what making it threw.
    package func next() throws -> Result? { try state.take()?.get() }

    private final class State: @unchecked Sendable {
        private let count: Int
        private let window: Int
        private let make: @Sendable (Int) throws -> Result
        /// Guards all that follows.
        private let condition = NSCondition()
        private var finished: [Int: Swift.Result<Result, any Error>] = [:]
        private var claimed = 0
        private var taken = 0
        private var isClosed = false

        init(count: Int, window: Int, _ make: @escaping @Sendable (Int) throws -> Result) {
            self.count = count
            self.window = window
            self.make = make
        }

        func work() {
            while let position = claim() {
                let result = Swift.Result { try make(position) }
                condition.withLock {
                    finished[position] = result
                    // Both the consumer and the other threads may be waiting.
                    if position == taken { condition.broadcast() }
                }
            }
        }

        private func claim() -> Int? {
            condition.withLock {
                while !isClosed, claimed < count, claimed >= taken + window { condition.wait() }
                guard !isClosed, claimed < count else { return nil }
                claimed += 1
                return claimed - 1
            }
        }

        func take() -> Swift.Result<Result, any Error>? {
            condition.withLock {
                guard taken < count else { return nil }
                while finished[taken] == nil { condition.wait() }
                let result = finished.removeValue(forKey: taken)
                taken += 1
                condition.broadcast()
                return result
            }
        }

        func close() {
            condition.withLock {
                isClosed = true
                condition.broadcast()
            }
        }
    }
}
