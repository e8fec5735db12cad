import ConvNetGraph
import Foundation

/// A thread of its own for all engine calls of one model.
///
/// Engines keep a team of worker threads for each thread that calls them; calls from Swift's shared pool of threads would
/// start one team after the other. An actor that returns this as its executor runs here and nowhere else.
package final class EngineThread: SerialExecutor {
    private let queue = WorkQueue()

    package init(name: String) throws(ThreadError) {
        queue.executor = asUnownedSerialExecutor()
        try SystemThread.start(name: name, for: "the model") { [queue] in queue.runUntilClosed() }
    }

    deinit { queue.close() }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.add(.job(UnownedJob(job)))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    package func checkIsolated() {
        precondition(queue.isOwnThread, "called off the model's own thread")
    }

    /// Runs `body` on this thread and waits for it. For making things before there is an actor; brief work only.
    package func runAndWait<T>(_ body: @escaping @Sendable () throws -> T) throws -> T {
        let done = DispatchSemaphore(value: 0)
        let result = ResultBox<T>()
        queue.add(
            .work {
                result.value = Result { try body() }
                done.signal()
            })
        done.wait()
        // The work always leaves a result before it signals.
        return try result.value.unsafelyUnwrapped.get()
    }

    private final class ResultBox<T>: @unchecked Sendable {
        var value: Result<T, any Error>?
    }

    private enum Work {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    /// What the thread and its owner share; it outlives both. `condition` guards the work and whether more
    /// may come.
    private final class WorkQueue: @unchecked Sendable {
        private let condition = NSCondition()
        private var work: [Work] = []
        private var isClosed = false
        var executor: UnownedSerialExecutor?
        private var thread: pthread_t?

        var isOwnThread: Bool {
            condition.withLock { thread }.map { pthread_equal($0, pthread_self()) != 0 } ?? false
        }

        func add(_ item: Work) {
            condition.lock()
            work.append(item)
            condition.signal()
            condition.unlock()
        }

        func close() {
            condition.lock()
            isClosed = true
            condition.signal()
            condition.unlock()
        }

        func runUntilClosed() {
            condition.withLock { thread = pthread_self() }
            while let item = next() {
                switch item {
                case .job(let job): job.runSynchronously(on: executor.unsafelyUnwrapped)
                case .work(let body): body()
                }
            }
        }

        private func next() -> Work? {
            condition.lock()
            defer { condition.unlock() }
            while work.isEmpty {
                if isClosed { return nil }
                condition.wait()
            }
            return work.removeFirst()
        }
    }
}
