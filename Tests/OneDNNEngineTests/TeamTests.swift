#if CONVNET_ONEDNN && os(Linux)
import COneDNN
import ConvNetCore
import ConvNetZoo
import Foundation
import Synchronization
import Testing

@testable import OneDNNEngine

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

    /// oneDNN's products have barriers, and are run by more threads than there are processors, while others are at it, too.
    @Test func barriersLetEverybodyPass() throws {
        let size = 192
        let faults = Atomic(0)
        let finished = DispatchSemaphore(value: 0)
        let threads = (0..<3).map { _ in
            Thread {
                cdnn_set_threads(5)
                let ones = [Float](repeating: 1, count: size * size)
                var result = ones
                for _ in 0..<300 {
                    let status = ones.withUnsafeBufferPointer { ones in
                        let matrix = cdnn_matrix(elements: ones.baseAddress, stride: Int64(size), transposed: false)
                        return cdnn_matrix_product(Int64(size), Int64(size), Int64(size), matrix, matrix, &result)
                    }
                    let isRight = status == 0 && result.allSatisfy { $0 == Float(size) }
                    if !isRight { faults.add(1, ordering: .relaxed) }
                }
                finished.signal()
            }
        }
        for thread in threads { thread.start() }
        for _ in threads { finished.wait() }
        #expect(faults.load(ordering: .relaxed) == 0)
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
