#if CONVNET_ONEDNN
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import ConvNetGraph
import ConvNetEngine

/// Memory that calls of a plan work on. While a plan is compiled only its size is known: where it lies is decided when all
/// calls are, by an ``Arena``. What belongs to the session, such as the parameters, has its place from the start.
final class PlanMemory {
    /// How long the contents have to last.
    enum Lifetime {
        /// From the first call that uses it to the last.
        case used
        /// From the first call that uses it to the end of the step, for whoever asks afterwards.
        case toTheEnd
        /// From one step to the next.
        case always
    }

    let bytes: Int
    var lifetime: Lifetime
    private var place: UnsafeMutableRawPointer?
    private let owner: AlignedBuffer<UInt8>?

    init(bytes: Int, lifetime: Lifetime = .used) {
        self.bytes = bytes
        self.lifetime = lifetime
        owner = nil
    }

    /// Memory of its own, zero at first, outside any arena.
    init(allocating bytes: Int) {
        let buffer = AlignedBuffer<UInt8>(count: bytes)
        self.bytes = bytes
        lifetime = .always
        owner = buffer
        place = UnsafeMutableRawPointer(buffer.pointer)
    }

    /// Memory of somebody else's, which must outlast its use here.
    init(borrowing buffer: UnsafeMutableRawBufferPointer) {
        bytes = buffer.count
        lifetime = .always
        owner = nil
        place = buffer.baseAddress
    }

    var hasPlace: Bool { place != nil }

    var pointer: UnsafeMutableRawPointer {
        guard let place else { preconditionFailure("the plan's memory has not been laid out yet") }
        return place
    }

    var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }

    var buffer: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: pointer, count: bytes) }

    fileprivate func lie(at place: UnsafeMutableRawPointer) { self.place = place }
}

/// Where each piece of a plan's memory lies in one stretch, pieces that are never needed at once sharing their place.
struct ArenaLayout {
    /// One piece, and the calls between which its contents are needed, both included.
    struct Piece {
        var memory: PlanMemory
        var use: ClosedRange<Int>
        fileprivate var offset = 0

        init(_ memory: PlanMemory, use: ClosedRange<Int>) {
            self.memory = memory
            self.use = use
        }

        fileprivate var range: Range<Int> { offset..<offset + memory.bytes }
    }

    private(set) var bytes = 0
    private(set) var pieces: [Piece] = []

    /// A cache line.
    private static let alignment = 64

    /// Lays out all memory that `calls`, which run in this order, use and that has no place yet.
    init(calls: [[PlanMemory]]) {
        var uses: [ObjectIdentifier: Piece] = [:]
        for (index, memory) in calls.enumerated() {
            for memory in memory where !memory.hasPlace {
                let use: ClosedRange<Int>
                switch memory.lifetime {
                case .used: use = index...index
                case .toTheEnd: use = index...calls.count
                case .always: use = 0...calls.count
                }
                let id = ObjectIdentifier(memory)
                if let earlier = uses[id]?.use {
                    uses[id]?.use = min(earlier.lowerBound, use.lowerBound)...max(earlier.upperBound, use.upperBound)
                } else {
                    uses[id] = Piece(memory, use: use)
                }
            }
        }
        // The largest first: each takes the lowest place that is free for as long as it is needed.
        let order = uses.values.sorted { a, b in
            (b.memory.bytes, a.use.lowerBound, a.use.upperBound) < (a.memory.bytes, b.use.lowerBound, b.use.upperBound)
        }
        for piece in order { place(piece) }
    }

    private mutating func place(_ piece: Piece) {
        var piece = piece
        let occupied = pieces.filter { $0.use.overlaps(piece.use) }.map(\.range)
            .sorted { $0.lowerBound < $1.lowerBound }
        for range in occupied where piece.range.overlaps(range) {
            piece.offset = (range.upperBound + Self.alignment - 1) / Self.alignment * Self.alignment
        }
        pieces.append(piece)
        bytes = max(bytes, piece.range.upperBound)
    }
}

/// The memory of a plan's feature maps, gradients and workspaces.
final class Arena {
    let bytes: Int
    private let mapping: UnsafeMutableRawBufferPointer
    /// Pieces whose contents nobody may count on between steps.
    private let transient: [PlanMemory]
    /// By the last call that uses them, those that nobody needs afterwards.
    private let expiring: [Int: [PlanMemory]]

    /// Huge pages save a few per cent of the time of passes over memory.
    private static let hugePage = 1 << 21

    /// Takes as much memory as the layout needs, zero at first, and gives each piece its place.
    ///
    /// - Throws: ``EngineError/outOfMemory(bytes:)``.
    init(_ layout: ArenaLayout) throws(EngineError) {
        bytes = layout.bytes
        let length = layout.bytes + Self.hugePage
        guard let start = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            start != MAP_FAILED
        else { throw .outOfMemory(bytes: layout.bytes) }
        mapping = UnsafeMutableRawBufferPointer(start: start, count: length)
        let pointer = start.alignedUp(toMultipleOf: Self.hugePage)
        #if os(Linux)
        madvise(pointer, layout.bytes, MADV_HUGEPAGE)
        #endif
        for piece in layout.pieces { piece.memory.lie(at: pointer + piece.offset) }
        transient = layout.pieces.map(\.memory).filter { $0.lifetime != .always }
        expiring = Dictionary(grouping: layout.pieces.filter { $0.memory.lifetime == .used }, by: \.use.upperBound)
            .mapValues { $0.map(\.memory) }
    }

    deinit { munmap(mapping.baseAddress, mapping.count) }

    /// Fills whatever does not last from one step to the next with numbers that are none, so that a test notices where
    /// something reads what nobody has written.
    func poison() { fill(transient) }

    /// The same with what nobody needs after one of the layout's calls.
    func poison(after call: Int) { fill(expiring[call] ?? []) }

    private func fill(_ pieces: [PlanMemory]) {
        for memory in pieces { memset(memory.pointer, 0xFF, memory.bytes) }
    }
}
#endif
