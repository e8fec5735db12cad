import ConvNetGraph
import Foundation

/// Results 0 ..< count of a function, made by threads ahead of their use and handed over in order.
///
/// At most `window` results exist at a time, so that a slow consumer holds the threads back. They end with the last result,
/// with the first failure that is handed over, and when the reader is released.
package final class ReadAhead<Output: Sendable>: Sendable {
    private let state: State

    /// - Parameters:
    ///   - threads: where the system grants fewer, those that there are do the work; 0 makes each result when it is asked for.
    ///   - window: how far the threads may be ahead, in results, the one that is being used included.
    ///   - make: called on the threads, once for each position.
    /// - Throws: where no thread at all can be started.
    package init(
        count: Int, threads: Int, window: Int, _ make: @escaping @Sendable (_ position: Int) throws -> Output
    ) throws(ThreadError) {
        let state = State(count: count, window: max(window, 1), isAhead: threads > 0, make)
        self.state = state
        for number in 0..<min(threads, max(1, count)) {
            do {
                try SystemThread.start(name: "convnet read \(number)", for: "reading ahead") { state.work() }
            } catch {
                guard number > 0 else { throw error }
                break
            }
        }
    }

    /// Results of pieces of a range, for what is so little that handing over single ones would take longer than making them.
    ///
    /// - Parameters:
    ///   - size: of a piece; the last one is what is left.
    ///   - threads: 0 makes each when it is asked for.
    ///   - make: called with pieces of `range`, in order.
    /// - Throws: where no thread at all can be started.
    package convenience init(
        piecesOf range: Range<Int>, size: Int, threads: Int, window: Int,
        _ make: @escaping @Sendable (_ piece: Range<Int>) throws -> Output
    ) throws(ThreadError) {
        try self.init(count: (range.count + size - 1) / size, threads: threads, window: window) { number in
            let start = range.lowerBound + number * size
            return try make(start..<min(start + size, range.upperBound))
        }
    }

    deinit { state.close() }

    /// The next result, waited for; nil after the last one.
    ///
    /// - Throws: what making it threw.
    package func next() throws -> Output? { try state.take()?.get() }

    private final class State: @unchecked Sendable {
        private let count: Int
        private let window: Int
        private let isAhead: Bool
        private let make: @Sendable (Int) throws -> Output
        /// Guards all that follows.
        private let condition = NSCondition()
        private var finished: [Int: Result<Output, any Error>] = [:]
        private var claimed = 0
        private var taken = 0
        private var isClosed = false

        init(count: Int, window: Int, isAhead: Bool, _ make: @escaping @Sendable (Int) throws -> Output) {
            self.count = count
            self.window = window
            self.isAhead = isAhead
            self.make = make
        }

        func work() {
            while let position = claim() {
                let result = Result { try make(position) }
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

        func take() -> Result<Output, any Error>? {
            guard isAhead else {
                guard taken < count else { return nil }
                taken += 1
                return Result { try make(taken - 1) }
            }
            return condition.withLock {
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
