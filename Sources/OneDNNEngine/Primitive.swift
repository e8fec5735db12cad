#if CONVNET_ONEDNN
import COneDNN
import ConvNetEngine

/// One entry of a plan's list. Running it allocates nothing, unless it is a custom layer.
protocol PlanCall: AnyObject {
    /// How it is computed, for profiles.
    var implementation: String { get }

    func run() throws
}

extension PlanCall {
    var implementation: String { "convnet" }
}

/// A call of which only the memory is missing.
struct PlannedCall {
    /// What messages and profiles call it, e.g. `conv1: convolution forward`.
    var purpose: String
    /// Additions and multiplications, as the layer's definition counts them.
    var operations = 0.0
    /// What it reads and writes. Asked for when all calls are known.
    var memory: () -> [PlanMemory]
    /// How many bytes that are, where it is less than all of the memory.
    var bytes: Int?
    /// Makes the call, once its memory has its place.
    var make: () throws -> any PlanCall
}

/// A oneDNN primitive and the memory it works on.
final class Primitive: PlanCall {
    /// The pointer that the shim's functions take; others only to make a backward primitive.
    let pointer: OpaquePointer
    let purpose: String
    /// Additions and multiplications, as the layer's definition counts them.
    var operations = 0.0
    private var bindings: [(role: cdnn_role, memory: PlanMemory, offset: Int)] = []

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

    /// Says where one of its arrays is to lie: that many bytes from where the memory begins.
    func bind(_ role: cdnn_role, to memory: PlanMemory, at offset: Int = 0) { bindings.append((role, memory, offset)) }

    /// All memory that it works on.
    var memory: [PlanMemory] { bindings.map(\.memory) }

    /// Makes it ready to run, now that its memory has its place.
    func prepare() throws {
        for (role, memory, offset) in bindings {
            try Library.check(
                cdnn_primitive_bind(pointer, role, memory.pointer + offset), "\(purpose): binding memory")
        }
        bindings = []
    }

    /// The primitive as a call, with memory for its scratchpad; other arrays may be bound before or afterwards.
    func planned() throws -> PlannedCall {
        try bindScratchpad()
        let make = {
            try self.prepare()
            return self
        }
        return PlannedCall(purpose: purpose, operations: operations, memory: { self.memory }, make: make)
    }

    /// The primitive as a call on memory of its own, for those of these arrays that it has.
    func planned(onMemoryFor roles: [cdnn_role]) throws -> PlannedCall {
        for role in roles {
            if let layout = try layout(role) { bind(role, to: PlanMemory(bytes: layout.bytes)) }
        }
        return try planned()
    }

    /// Sets aside what the primitive needs while it runs.
    func bindScratchpad() throws {
        guard let layout = try layout(cdnn_scratchpad), layout.bytes > 0 else { return }
        bind(cdnn_scratchpad, to: PlanMemory(bytes: layout.bytes))
    }

    func run() throws {
        try Library.check(cdnn_primitive_run(pointer), purpose)
    }

    /// Makes a primitive for arrays as they lie or, where that leads to a slow implementation or to none, for whichever
    /// layouts oneDNN likes best.
    ///
    /// - Parameter type: of the numbers that it is to read, which the arrays may yet have to be converted to.
    static func preferring(
        _ arrays: PlanArray..., as type: cdnn_type, make: (_ layouts: [Layout]) throws -> Primitive
    ) throws -> Primitive {
        let layouts = try arrays.map { try $0.layout(of: type) }
        if let primitive = try? make(layouts), !primitive.isSlow { return primitive }
        return try make(try arrays.map { try .any($0.sizes, type) })
    }
}
#endif
