#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph
import ConvNetEngine

/// The oneDNN library as a whole: its version, what it makes of the machine, its errors.
enum Library {
    static var version: String { String(cString: cdnn_library_version()) }

    static var instructionSet: String { String(cString: cdnn_instruction_set()) }
    static var lacksAVX2: Bool { cdnn_lacks_avx2() }
    static var usesAVX512: Bool { cdnn_uses_avx512() }

    /// What it divides its work with, e.g. `OpenMP`.
    static var runtime: String { String(cString: cdnn_runtime()) }

    /// Whether the engine can divide work of its own among the library's threads.
    static var hasTeam: Bool { cdnn_has_team() }

    /// How many threads it computes with where `wanted` are asked for.
    static func threads(wanted: Int) -> Int {
        Int(cdnn_thread_count(CInt(wanted), CInt(AvailableProcessors.count)))
    }

    /// Has the calling thread's primitives and plans computed with that many threads from now on.
    ///
    /// - Throws: ``ThreadError`` where the system grants fewer. Primitives whose parts wait for one another would wait for ever.
    static func use(threads: Int) throws(ThreadError) {
        let granted = Int(cdnn_set_threads(CInt(threads)))
        guard granted >= threads else { throw .tooFew(granted: granted, wanted: threads) }
    }

    /// Loads it, unless that has been done.
    static func load() throws(EngineError) {
        switch cdnn_load() {
        case cdnn_loaded: return
        case cdnn_wrong_version:
            throw .wrongLibraryVersion(header: String(cString: cdnn_header_version()), library: version)
        default:
            throw .libraryNotFound(
                String(cString: cdnn_library_name()), engine: "onednn", reason: String(cString: cdnn_loading_problem()))
        }
    }

    /// Turns the status of a call into an error that names the call.
    static func check(_ status: CInt, _ call: @autoclosure () -> String) throws(EngineError) {
        guard status == 0 else {
            throw .libraryCallFailed(call(), status: String(cString: cdnn_status_name(status)))
        }
    }

    /// The object that `make` leaves in its argument; nil where it leaves none.
    static func make(
        _ call: String, _ make: (UnsafeMutablePointer<OpaquePointer?>) -> CInt
    ) throws(EngineError) -> OpaquePointer? {
        var object: OpaquePointer?
        try check(make(&object), call)
        return object
    }
}

/// The processor, as oneDNN wants to be told.
final class Context {
    let pointer: OpaquePointer

    init() throws {
        guard let pointer = try Library.make("starting up", { cdnn_context_create($0) }) else {
            throw EngineError.libraryCallFailed("starting up", status: "nothing was made")
        }
        self.pointer = pointer
    }

    deinit { cdnn_context_destroy(pointer) }
}
#endif
