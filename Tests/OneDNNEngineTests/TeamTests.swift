#if CONVNET_ONEDNN && os(Linux)
import COneDNN
import ConvNetGraph
import ConvNetZoo
import Foundation
import Synchronization
import Testing

@testable import OneDNNEngine

/// What oneDNN calls of it, and the engine for oneDNN.
@_silgen_name("cdnn_team_barrier") private func passBarrier()
@_silgen_name("cdnn_team_set_meeting") private func setMeeting(_ meet: Bool)

/// The team of threads that parallel regions run in, of more threads than there are processors, too.
@Suite struct TeamTests {
    /// Every part of every region is done once, whoever is asked from several threads at the same time.
    @Test(arguments: [1, 2, 5])
    func everyPartIsDoneOnce(parts: Int) throws {
        let faults = Atomic(0)
        let finished = DispatchSemaphore(value: 0)
        let threads = (0..<3).map { _ in
            Thread {
                for _ in 0..<2000 {
                    let counts = UnsafeMutablePointer<Int32>.allocate(capacity: parts)
                    counts.initialize(repeating: 0, count: parts)
                    cdnn_parallel(
                        CInt(parts),
                        { pointer, part, _ in pointer!.assumingMemoryBound(to: Int32.self)[Int(part)] += 1 }, counts)
                    for part in 0..<parts where counts[part] != 1 { faults.add(1, ordering: .relaxed) }
                    counts.deallocate()
                }
                finished.signal()
            }
        }
        for thread in threads { thread.start() }
        for _ in threads { finished.wait() }
        #expect(faults.load(ordering: .relaxed) == 0)
    }

    /// Parts that wait for one another come together, of more threads than there are processors, while others do the same;
    /// all threads are called to them beforehand or only at the barrier.
    @Test(.enabled(if: Library.hasTeam), arguments: [2, 5], [true, false])
    func barriersLetEverybodyPass(parts: Int, meetings: Bool) throws {
        final class Arrivals: Sendable {
            let counts = (0..<3).map { _ in Box() }
            let early = Atomic(0)
        }
        let early = Atomic(0)
        let finished = DispatchSemaphore(value: 0)
        let threads = (0..<3).map { _ in
            Thread {
                for _ in 0..<300 {
                    let arrivals = Arrivals()
                    setMeeting(meetings)
                    cdnn_parallel(
                        CInt(parts),
                        { pointer, _, parts in
                            let arrivals = Unmanaged<Arrivals>.fromOpaque(pointer!).takeUnretainedValue()
                            for count in arrivals.counts {
                                count.value.add(1, ordering: .relaxed)
                                passBarrier()
                                let isEarly = count.value.load(ordering: .relaxed) != Int(parts)
                                if isEarly { arrivals.early.add(1, ordering: .relaxed) }
                            }
                        }, Unmanaged.passUnretained(arrivals).toOpaque())
                    setMeeting(false)
                    early.add(arrivals.early.load(ordering: .relaxed), ordering: .relaxed)
                }
                finished.signal()
            }
        }
        for thread in threads { thread.start() }
        for _ in threads { finished.wait() }
        #expect(early.load(ordering: .relaxed) == 0)
    }

    private final class Box: Sendable {
        let value = Atomic(0)
    }

    /// Debian's library runs in this team, not in one whose threads spin.
    @Test(.enabled(if: (try? OneDNNEngine()) != nil && Library.runtime == "OpenMP"))
    func libraryRunsInIt() throws {
        try Self.predict(threads: 2)
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap {
            try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
        }
        #expect(names.contains("convnet team\n"))
    }

    /// Sessions on threads of their own, at the same time, compute what one alone does.
    @Test func sessionsAtOnce() throws {
        let alone = try Self.predict(threads: 2)
        let results = Mutex<[[Float]]>([])
        let finished = DispatchSemaphore(value: 0)
        for _ in 0..<2 {
            Thread {
                for _ in 0..<20 {
                    let outputs = (try? Self.predict(threads: 2)) ?? []
                    results.withLock { $0.append(outputs) }
                }
                finished.signal()
            }.start()
        }
        for _ in 0..<2 { finished.wait() }
        #expect(results.withLock { $0 }.count == 40)
        #expect(results.withLock { $0 }.allSatisfy { $0 == alone })
    }

    @discardableResult
    private static func predict(threads: Int) throws -> [Float] {
        let graph = try NetworkCatalog.entry(named: "lenet5").network().graph
        let session = try OneDNNSession(graph: graph, engine: OneDNNEngine(threads: threads, algorithms: .estimated))
        for (index, parameter) in graph.parameters.enumerated() {
            try session.setParameter(index, to: (0..<parameter.count).map { sin(Float($0)) / 8 })
        }
        let plan = try session.makeInferencePlan(batchSize: 16)
        for index in plan.images.indices { plan.images[index] = cos(Float(index)) }
        try plan.run()
        return Array(plan.logits)
    }
}
#endif
