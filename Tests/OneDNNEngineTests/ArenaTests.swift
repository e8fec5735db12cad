#if CONVNET_ONEDNN
import ConvNetTesting
import Foundation
import Testing

@testable import OneDNNEngine

/// Pieces of a plan's memory share a place exactly where they may.
@Suite struct ArenaTests {
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func piecesNeededAtOnceAreApart(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 1...15, using: &random)
        var calls = [[PlanMemory]](repeating: [], count: count)
        /// Each piece, and the first and the last moment at which it is needed: a call, or the end that comes after all calls.
        var uses: [(memory: PlanMemory, first: Int, last: Int)] = []
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            let lifetime = [PlanMemory.Lifetime.used, .used, .used, .toTheEnd, .always].randomElement(using: &random)!
            let memory = PlanMemory(bytes: Int.random(in: 1...10_000, using: &random), lifetime: lifetime)
            let users = (0..<Int.random(in: 1...4, using: &random)).map { _ in Int.random(in: 0..<count, using: &random)
            }
            for user in users { calls[user].append(memory) }
            uses.append(
                (memory, lifetime == .always ? 0 : users.min()!, lifetime == .used ? users.max()! : count))
        }
        let layout = ArenaLayout(calls: calls)
        let arena = try Arena(layout)
        #expect(layout.pieces.count == uses.count)
        #expect(arena.bytes == layout.bytes)

        let pieces = uses.map { use in (use, address: Int(bitPattern: use.memory.pointer)) }
        for (stretch, isShared) in [(layout.own, false), (layout.shared, true)] {
            let own = pieces.filter { ($0.0.memory.lifetime != .always) == isShared }
            let start = own.map(\.address).min() ?? 0
            #expect((own.map { $0.address + $0.0.memory.bytes }.max() ?? 0) == start + stretch.bytes)
        }
        for (index, (use, address)) in pieces.enumerated() {
            #expect(address.isMultiple(of: 64))
            for (other, otherAddress) in pieces[..<index] where use.first <= other.last && other.first <= use.last {
                let isApart =
                    address + use.memory.bytes <= otherAddress || otherAddress + other.memory.bytes <= address
                #expect(isApart, "\(use) at \(address), \(other) at \(otherAddress)")
            }
        }
        let needed = (0...count).map { moment in
            uses.filter { ($0.first...$0.last).contains(moment) }.reduce(0) { $0 + $1.memory.bytes }
        }
        #expect(arena.bytes >= needed.max()!)
        #expect(arena.bytes <= uses.reduce(0) { $0 + ($1.memory.bytes + 63) / 64 * 64 })
    }

    @Test func piecesOfDisjointUsesShare() throws {
        let (a, b, c) = (PlanMemory(bytes: 100), PlanMemory(bytes: 100), PlanMemory(bytes: 60))
        let arena = try Arena(ArenaLayout(calls: [[a], [a, c], [b, c], [b]]))
        #expect(a.pointer == b.pointer)
        #expect(c.pointer == a.pointer + 128)
        #expect(arena.bytes == 128 + 60)
    }

    @Test func whatIsKeptToTheEndIsNotGivenAway() throws {
        let (early, kept, late) = (
            PlanMemory(bytes: 64), PlanMemory(bytes: 64, lifetime: .toTheEnd), PlanMemory(bytes: 64)
        )
        let arena = try Arena(ArenaLayout(calls: [[early], [kept], [late]]))
        #expect(kept.pointer == early.pointer)
        #expect(late.pointer == early.pointer + 64)
        #expect(arena.bytes == 128)
    }

    @Test func whatIsAlwaysKeptSharesWithNobody() throws {
        let (early, kept, late) = (
            PlanMemory(bytes: 64), PlanMemory(bytes: 64, lifetime: .always), PlanMemory(bytes: 64)
        )
        let arena = try Arena(ArenaLayout(calls: [[early], [kept], [late]]))
        #expect(early.pointer == late.pointer)
        #expect(kept.pointer != early.pointer)
        #expect(arena.bytes == 128)
    }

    /// The parameters' memory, say, which several plans use.
    @Test func whatHasAPlaceKeepsIt() throws {
        let given = PlanMemory(allocating: 1000)
        let (place, other) = (given.pointer, PlanMemory(bytes: 64))
        let layout = ArenaLayout(calls: [[given, other], [given]])
        let arena = try Arena(layout)
        #expect(layout.pieces.count == 1)
        #expect(given.pointer == place)
        #expect(arena.bytes == 64)
    }

    /// Plans take turns; a larger one grows into more of the same memory.
    @Test func plansOfOneSessionShareWhatNoneOfThemKeeps() throws {
        let shared = SharedMemory()
        func arena(_ bytes: Int) throws -> (arena: Arena, used: PlanMemory, kept: PlanMemory) {
            let (used, kept) = (PlanMemory(bytes: bytes), PlanMemory(bytes: 64, lifetime: .always))
            return (try Arena(ArenaLayout(calls: [[used, kept]]), sharing: shared), used, kept)
        }
        let (small, large, least) = (try arena(1000), try arena(5_000_000), try arena(64))
        #expect(small.used.pointer == large.used.pointer && least.used.pointer == small.used.pointer)
        #expect(Set([small, large, least].map { $0.kept.pointer }).count == 3)
        #expect(large.arena.bytes == 5_000_000 + 64)
        // All of it can be used, whoever came first.
        memset(large.used.pointer, 1, 5_000_000)
        memset(small.kept.pointer, 1, 64)
        #expect(large.kept.buffer.allSatisfy { $0 == 0 })
        withExtendedLifetime([small, large, least].map(\.arena)) { #expect(shared.bytes == 5_000_000) }
    }

    @Test func sharedMemoryIsGivenBackWithTheLastPlan() throws {
        let shared = SharedMemory()
        do {
            let arena = try Arena(ArenaLayout(calls: [[PlanMemory(bytes: 4096)]]), sharing: shared)
            withExtendedLifetime(arena) { #expect(shared.bytes == 4096) }
        }
        #expect(shared.bytes == 0)
    }

    @Test func onlyWhatLastsIsSparedFromPoison() throws {
        let lifetimes = [PlanMemory.Lifetime.used, .toTheEnd, .always]
        let memory = lifetimes.map { PlanMemory(bytes: 64, lifetime: $0) }
        let arena = try Arena(ArenaLayout(calls: [memory]))
        #expect(memory.allSatisfy { $0.buffer.allSatisfy { $0 == 0 } })
        arena.poison()
        #expect(memory[0].floats[15].isNaN && memory[1].floats[15].isNaN)
        #expect(memory[2].buffer.allSatisfy { $0 == 0 })
    }
}
#endif
