import Foundation
import Testing

@testable import ConvNetTraining

@Suite struct EngineThreadTests {
    @Test func actorRunsOnItsOwnThread() async throws {
        let thread = try EngineThread(name: "engine")
        let recorder = Recorder(thread: thread)
        let own = try thread.runAndWait { ObjectIdentifier(Thread.current) }
        for _ in 0..<20 {
            await recorder.record(0)
            // Gives up the shared pool's thread, so that the next call may come from another.
            await Task.yield()
        }
        let threads = await recorder.threads
        #expect(threads == Set([own]))
        #expect(await !recorder.sawMainThread)
        let other = try EngineThread(name: "other").runAndWait { ObjectIdentifier(Thread.current) }
        #expect(other != own)
    }

    @Test func actorsCallsFromManyTasks() async throws {
        let recorder = try Recorder(thread: EngineThread(name: "engine"))
        await withTaskGroup(of: Void.self) { group in
            for value in 0..<200 { group.addTask { await recorder.record(value) } }
        }
        #expect(await recorder.values.sorted() == Array(0..<200))
        #expect(await recorder.threads.count == 1)
    }

    @Test func callsAreDoneInOrder() async throws {
        let recorder = try Recorder(thread: EngineThread(name: "engine"))
        for task in await recorder.recordLater(0..<100) { await task.value }
        #expect(await recorder.values == Array(0..<100))
    }

    @Test func runAndWaitIsIsolated() async throws {
        let thread = try EngineThread(name: "engine")
        let recorder = Recorder(thread: thread)
        try thread.runAndWait { recorder.assumeIsolated { $0.record(1) } }
        #expect(await recorder.values == [1])
    }

    @Test func runAndWaitReturns() throws {
        let thread = try EngineThread(name: "engine")
        let name = try thread.runAndWait {
            #expect(!Thread.isMainThread)
            return Thread.current.name
        }
        #expect(name == "engine")
    }

    @Test func runAndWaitThrows() throws {
        let thread = try EngineThread(name: "engine")
        #expect(throws: CocoaError(.featureUnsupported)) {
            try thread.runAndWait { throw CocoaError(.featureUnsupported) }
        }
        // The thread survives the error.
        #expect(try thread.runAndWait { 1 } == 1)
    }

    /// The thread and everything that belongs to it go with the last reference; a thousand models would otherwise leave
    /// a thousand threads.
    @Test func endsWhenReleased() async throws {
        let running = WeakThread()
        do {
            let thread = try EngineThread(name: "engine")
            try thread.runAndWait { running.thread = Thread.current }
            #expect(running.thread != nil)
        }
        try await expectEnd(of: running)
    }

    @Test func endsWhenItsActorIsReleased() async throws {
        let running = WeakThread()
        do {
            let recorder = try Recorder(thread: EngineThread(name: "engine"))
            await recorder.keep(running)
            #expect(running.thread != nil)
        }
        try await expectEnd(of: running)
    }

    /// A thread that still runs holds its `Thread`.
    private func expectEnd(of running: WeakThread) async throws {
        for _ in 0..<1000 where running.thread != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(running.thread == nil)
    }
}

private actor Recorder {
    private let thread: EngineThread
    private(set) var values: [Int] = []
    private(set) var threads: Set<ObjectIdentifier> = []
    private(set) var sawMainThread = false

    init(thread: EngineThread) {
        self.thread = thread
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    func record(_ value: Int) {
        values.append(value)
        threads.insert(ObjectIdentifier(Thread.current))
        sawMainThread = sawMainThread || Thread.isMainThread
    }

    /// Tasks of an actor enter its executor in the order in which they are made, here while it is busy.
    func recordLater(_ values: Range<Int>) -> [Task<Void, Never>] {
        values.map { value in Task { record(value) } }
    }

    func keep(_ running: WeakThread) {
        running.thread = Thread.current
    }
}

/// Holds a thread without keeping it. Written on one thread before it is read on another.
private final class WeakThread: @unchecked Sendable {
    weak var thread: Thread?
}
