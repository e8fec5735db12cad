import ConvNet
import Foundation

/// Where the program begins.
@main enum EntryPoint {
    /// Runs the command with all that it awaits on the main thread. Swift's own pool of threads waits for ever, without a word,
    /// where the system grants none.
    static func main() {
        let executor = MainExecutor()
        Task(executorPreference: executor) {
            await Command.main()
            executor.end()
        }
        executor.runUntilEnd()
    }
}

/// Does the work of tasks on the one thread that waits for it.
private final class MainExecutor: TaskExecutor, @unchecked Sendable {
    /// Guards the rest.
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var isOver = false

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    func end() {
        condition.withLock {
            isOver = true
            condition.signal()
        }
    }

    func runUntilEnd() {
        while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        condition.withLock {
            while jobs.isEmpty, !isOver { condition.wait() }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }
}
