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

/// Where each piece of a plan's memory lies, pieces that are never needed at once sharing their place: what lasts from one step to
/// the next in a stretch of the plan's own, the rest in one that all plans of a session have by turns.
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

    /// Pieces in one stretch of memory.
    struct Stretch {
        private(set) var bytes = 0
        private(set) var pieces: [Piece] = []

        /// A cache line.
        private static let alignment = 64

        fileprivate mutating func place(_ piece: Piece) {
            var piece = piece
            let occupied = pieces.filter { $0.use.overlaps(piece.use) }.map(\.range)
                .sorted { $0.lowerBound < $1.lowerBound }
            for range in occupied where piece.range.overlaps(range) {
                piece.offset = (range.upperBound + Self.alignment - 1) / Self.alignment * Self.alignment
            }
            pieces.append(piece)
            bytes = max(bytes, piece.range.upperBound)
        }

        fileprivate func lie(from start: UnsafeMutableRawPointer) {
            for piece in pieces { piece.memory.lie(at: start + piece.offset) }
        }
    }

    private(set) var own = Stretch()
    private(set) var shared = Stretch()

    var bytes: Int { own.bytes + shared.bytes }
    var pieces: [Piece] { own.pieces + shared.pieces }

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
        for piece in order {
            if piece.memory.lifetime == .always { own.place(piece) } else { shared.place(piece) }
        }
    }
}

/// A stretch of memory, zero at first, that is given back when nobody needs it any more.
private final class Mapping {
    let start: UnsafeMutableRawPointer
    private let whole: UnsafeMutableRawBufferPointer
    private(set) var bytes = 0

    /// Huge pages save a few per cent of the time of passes over memory.
    private static let hugePage = 1 << 21

    /// - Parameter reservation: addresses to grow into, which take no memory until then.
    /// - Throws: ``EngineError/outOfMemory(bytes:)``.
    init(bytes: Int, reserving reservation: Int = 0) throws(EngineError) {
        let length = max(bytes, reservation) + Self.hugePage
        guard let start = mmap(nil, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED else {
            throw .outOfMemory(bytes: bytes)
        }
        whole = UnsafeMutableRawBufferPointer(start: start, count: length)
        self.start = start.alignedUp(toMultipleOf: Self.hugePage)
        guard grow(to: bytes) else { throw .outOfMemory(bytes: bytes) }
    }

    deinit { munmap(whole.baseAddress, whole.count) }

    /// - Returns: false where there is no room.
    func grow(to bytes: Int) -> Bool {
        guard bytes > self.bytes else { return true }
        guard let end = whole.baseAddress.map({ $0 + whole.count }), start + bytes <= end,
            mprotect(start, bytes, PROT_READ | PROT_WRITE) == 0
        else { return false }
        #if os(Linux)
        madvise(start, bytes, MADV_HUGEPAGE)
        #endif
        self.bytes = bytes
        return true
    }
}

/// The memory that the plans of a session have by turns: what none of them needs when its turn is over. It is given back with the last
/// of them.
final class SharedMemory {
    private weak var mapping: Mapping?

    /// Addresses for more than a plan takes; one that takes more begins memory anew, which those after it share.
    private static let reservation = 1 << 36

    /// What plans have already.
    var bytes: Int { mapping?.bytes ?? 0 }

    fileprivate func mapping(of bytes: Int) throws(EngineError) -> Mapping {
        if let mapping, mapping.grow(to: bytes) { return mapping }
        // Where addresses are rationed, or few, plans that need more than those before them take other ones.
        var larger: Mapping?
        if AvailableMemory.addressSpace == nil { larger = try? Mapping(bytes: bytes, reserving: Self.reservation) }
        let new = if let larger { larger } else { try Mapping(bytes: bytes) }
        mapping = new
        return new
    }
}

/// The memory of a plan's feature maps, gradients and workspaces.
final class Arena {
    let bytes: Int
    private let mappings: [Mapping]
    /// Pieces whose contents nobody may count on between steps.
    private let transient: [PlanMemory]
    /// By the last call that uses them, those that nobody needs afterwards.
    private let expiring: [Int: [PlanMemory]]

    /// Takes as much memory as the layout needs, and gives each piece its place. What lasts from step to step is zero at first.
    ///
    /// - Parameter memory: that of the plans that take turns with this one.
    /// - Throws: ``EngineError/outOfMemory(bytes:)``.
    init(_ layout: ArenaLayout, sharing memory: SharedMemory = SharedMemory()) throws(EngineError) {
        bytes = layout.bytes
        let (own, shared) = (try Mapping(bytes: layout.own.bytes), try memory.mapping(of: layout.shared.bytes))
        layout.own.lie(from: own.start)
        layout.shared.lie(from: shared.start)
        mappings = [own, shared]
        transient = layout.shared.pieces.map(\.memory)
        expiring = Dictionary(
            grouping: layout.shared.pieces.filter { $0.memory.lifetime == .used }, by: \.use.upperBound
        )
        .mapValues { $0.map(\.memory) }
    }

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
