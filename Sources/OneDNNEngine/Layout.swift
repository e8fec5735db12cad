#if CONVNET_ONEDNN
import COneDNN
import ConvNetEngine

/// How an array of given sizes lies in memory: row by row, in blocks of channels, or as oneDNN likes.
final class Layout {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { cdnn_layout_destroy(pointer) }

    /// Row-major.
    static func plain(_ sizes: [Int], _ type: cdnn_type = cdnn_float32) throws -> Layout {
        try make("describing a plain layout") { cdnn_layout_plain(type, CInt(sizes.count), sizes.map(Int64.init), $0) }
    }

    /// Left to the primitive that it is given to.
    static func any(_ sizes: [Int], _ type: cdnn_type) throws -> Layout {
        try make("describing a free layout") { cdnn_layout_any(type, CInt(sizes.count), sizes.map(Int64.init), $0) }
    }

    /// N × C/block × H × W × block, the last block filled up with zeros; row-major for blocks of 1.
    static func blocked(_ sizes: [Int], by block: Int, _ type: cdnn_type = cdnn_float32) throws -> Layout {
        try make("describing a blocked layout") { cdnn_layout_blocked(type, sizes.map(Int64.init), Int64(block), $0) }
    }

    /// Part of this layout, for an array that begins where the whole does.
    func part(_ sizes: [Int], at offsets: [Int]) throws -> Layout {
        try Self.make("describing part of an array") {
            cdnn_layout_slice(pointer, sizes.map(Int64.init), offsets.map(Int64.init), $0)
        }
    }

    /// The layout to convert an array to first that shall go from this layout to `other`; nil where the direct way is safe.
    func detour(to other: Layout) throws -> Layout? {
        try Library.make("choosing a conversion") { cdnn_reorder_detour(pointer, other.pointer, $0) }
            .map(Layout.init(owning:))
    }

    static func make(
        _ call: String, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> CInt
    ) throws -> Layout {
        guard let pointer = try Library.make(call, body) else {
            throw EngineError.libraryCallFailed(call, status: "nothing was made")
        }
        return Layout(owning: pointer)
    }

    /// The numbers in it.
    var type: cdnn_type { cdnn_layout_type(pointer) }

    /// The size in memory; more than the elements need where channels are padded to whole blocks.
    var bytes: Int { cdnn_layout_bytes(pointer) }

    /// B where the layout is N × C/B × H × W × B, else nil.
    var channelBlock: Int? {
        let block = Int(cdnn_layout_channel_block(pointer))
        return block > 0 ? block : nil
    }
}

extension Layout: Equatable {
    static func == (a: Layout, b: Layout) -> Bool { a === b || cdnn_layout_equal(a.pointer, b.pointer) }
}

/// An array of a plan: where it lies and how. Sizes are as primitives take them, N×C×H×W or N×C.
struct PlanArray {
    var sizes: [Int]
    var layout: Layout
    var memory: PlanMemory

    /// A part of an array.
    struct Place {
        var sizes, offsets: [Int]
    }

    /// The part as an array, which reads and writes this one.
    func part(_ place: Place) throws -> PlanArray {
        PlanArray(
            sizes: place.sizes, layout: try layout.part(place.sizes, at: place.offsets), memory: memory)
    }

    /// A row-major array with other sizes and as many elements.
    func described(as sizes: [Int]) throws -> PlanArray {
        PlanArray(sizes: sizes, layout: try .plain(sizes, layout.type), memory: memory)
    }

    /// Its layout, of other numbers perhaps.
    func layout(of type: cdnn_type) throws -> Layout {
        if layout.type == type { return layout }
        if sizes.count == 4, let block = layout.channelBlock { return try .blocked(sizes, by: block, type) }
        return try .plain(sizes, type)
    }

    /// What reading or writing all of it moves: less than its memory where it is part of a larger array.
    var bytes: Int {
        // Weights are told by their layout alone, which may be that of a feature map by chance.
        guard sizes.count == 4, layout.map != nil else { return min(layout.bytes, memory.bytes) }
        let blocks = (sizes[1] + 15) / 16
        return sizes[0] * blocks * sizes[2] * sizes[3] * 16 * (layout.type == cdnn_bfloat16 ? 2 : 4)
    }

    /// The first element, once the plan's memory is laid out.
    var floats: UnsafeMutablePointer<Float> { memory.floats }
}
#endif
