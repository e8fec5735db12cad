#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

/// One entry of a plan's list. Running it allocates nothing, unless it is a custom layer.
protocol PlanCall: AnyObject {
    func run() throws
}

/// A oneDNN primitive and the memory it works on.
final class Primitive: PlanCall {
    /// The pointer that the shim's functions take; others only to make a backward primitive.
    let pointer: OpaquePointer
    private let purpose: String

    /// - Parameters:
    ///   - purpose: what messages call it, e.g. `conv1: convolution forward`.
    ///   - make: calls one of the shim's functions that make primitives.
    init(_ purpose: String, _ make: (UnsafeMutablePointer<OpaquePointer?>) -> CInt) throws {
        guard let pointer = try Library.make(purpose, make) else {
            throw EngineError.libraryCallFailed(purpose, status: "nothing was made")
        }
        self.pointer = pointer
        self.purpose = purpose
    }

    deinit { cdnn_primitive_destroy(pointer) }

    /// The implementation that oneDNN chose, e.g. `jit:avx512_core`.
    var implementation: String { String(cString: cdnn_primitive_implementation(pointer)) }

    /// Whether this is oneDNN's plain loop, many times slower than the others. Version 2 calls that of one primitive "lrn_ref".
    var isSlow: Bool { implementation.hasPrefix("ref") || implementation.hasPrefix("lrn_ref") }

    /// The layout of one of its arrays, nil where it has no such array.
    func layout(_ role: cdnn_role) throws -> Layout? {
        try Library.make("\(purpose): asking for a layout") { cdnn_primitive_layout(pointer, role, $0) }
            .map(Layout.init(owning:))
    }

    /// The layout of an array that it surely has.
    func requiredLayout(_ role: cdnn_role) throws -> Layout {
        guard let layout = try layout(role) else {
            throw EngineError.libraryCallFailed(purpose, status: "an array is missing")
        }
        return layout
    }

    func bind(_ role: cdnn_role, to memory: UnsafeMutableRawPointer) throws {
        try Library.check(cdnn_primitive_bind(pointer, role, memory), "\(purpose): binding memory")
    }

    func run() throws {
        try Library.check(cdnn_primitive_run(pointer), purpose)
    }

    /// Makes a primitive for arrays as they lie or, where that leads to a slow implementation or to none, for whichever
    /// layouts oneDNN likes best.
    static func preferring(_ arrays: PlanArray..., make: (_ layouts: [Layout]) throws -> Primitive) throws -> Primitive
    {
        if let primitive = try? make(arrays.map(\.layout)), !primitive.isSlow { return primitive }
        return try make(try arrays.map { try .any($0.sizes) })
    }
}
#endif
