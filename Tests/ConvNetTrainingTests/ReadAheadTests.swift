import Foundation
import Synchronization
import Testing

@testable import ConvNetTraining

@Suite struct ReadAheadTests {
    private struct Broken: Error, Equatable {
        let position: Int
    }

    @Test(arguments: [1, 2, 7], [1, 2, 50])
    func handsOverInOrder(threads: Int, window: Int) throws {
        let reader = try ReadAhead(count: 100, threads: threads, window: window) { position in
            if position % 3 == 0 { usleep(200) }
            return position * position
        }
        for position in 0..<100 { #expect(try reader.next() == position * position) }
        #expect(try reader.next() == nil)
    }

    /// The consumer holds the threads back: they are never further ahead than they may be.
    @Test func keepsToItsWindow() throws {
        let made = Mutex(0)
        let reader = try ReadAhead(count: 60, threads: 4, window: 5) { position in
            made.withLock { $0 += 1 }
            return position
        }
        for taken in 0..<60 {
            usleep(300)
            #expect(made.withLock { $0 } <= taken + 5)
            _ = try reader.next()
        }
    }

    @Test func throwsWhereTheFailureIs() throws {
        let reader = try ReadAhead(count: 10, threads: 3, window: 10) { position in
            if position == 4 || position == 6 { throw Broken(position: position) }
            return position
        }
        for position in 0..<4 { #expect(try reader.next() == position) }
        #expect(throws: Broken(position: 4)) { try reader.next() }
    }

    @Test func nothingIsMadeAfterItsRelease() throws {
        let made = Mutex(0)
        var reader: ReadAhead<Int>? = try ReadAhead(count: 1_000_000, threads: 2, window: 1_000_000) { position in
            made.withLock { $0 += 1 }
            usleep(100)
            return position
        }
        _ = try reader?.next()
        reader = nil
        usleep(20_000)
        let soon = made.withLock { $0 }
        usleep(50_000)
        #expect(made.withLock { $0 } == soon)
    }

    /// With threads and without them, whatever is left for the last piece.
    @Test(arguments: [0, 1, 3], [1, 4, 7, 100])
    func piecesCoverTheRange(threads: Int, size: Int) throws {
        let reader = try ReadAhead(piecesOf: 5..<26, size: size, threads: threads, window: 4) { Array($0) }
        var pieces: [[Int]] = []
        while let piece = try reader.next() { pieces.append(piece) }
        #expect(pieces.flatMap { $0 } == Array(5..<26))
        #expect(pieces.dropLast().allSatisfy { $0.count == size })
        #expect(try reader.next() == nil)
        #expect(try ReadAhead(piecesOf: 3..<3, size: size, threads: threads, window: 4) { $0 }.next() == nil)
    }
}
