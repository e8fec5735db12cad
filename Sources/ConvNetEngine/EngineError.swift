import ConvNetGraph
import ConvNetPages

/// A graph that an engine cannot run, or a library that failed.
public enum EngineError: Error, Hashable, Sendable {
    /// An operation that the engine does not know.
    case unsupportedOperation(kind: String, path: LayerPath, engine: String)
    /// A call that the engine's library refused, and with what status.
    case libraryCallFailed(String, status: String)
    /// A library of another major version than the program was built for.
    case wrongLibraryVersion(header: String, library: String)
    /// A library that is not installed, or cannot be loaded, and why.
    case libraryNotFound(String, engine: String, reason: String)
    /// An engine that the program was built without.
    case notBuiltIn(engine: String)
    /// Numbers that an engine cannot compute with on this processor.
    case unsupportedPrecision(Precision, engine: String, reason: String)
    /// A ``BatchNorm`` that would see one value for each channel, whose variance is 0.
    case singleValuePerChannel(path: LayerPath)
    /// A plan that needs more memory than there is, and the largest batch size of which one would fit; 0 where none does.
    case planDoesNotFit(batchSize: Int, bytes: Int, available: Int, fitting: Int)
    /// Images that take more memory to read, as many at a time as are read, than there is.
    case imagesDoNotFit(count: Int, shape: Shape, bytes: Int, available: Int)
    /// Memory that the system did not grant.
    case outOfMemory(bytes: Int)
    /// An array that has not as many elements as its parameter.
    case wrongValueCount(parameter: String, expected: Int, received: Int)
    /// A request for a node that the graph does not have, and how many it has.
    case noSuchNode(Int, count: Int)
    /// A request for a parameter that the graph does not have, and how many it has.
    case noSuchParameter(Int, count: Int)
    /// A gradient with respect to something that no gradient which the caller puts somewhere leads to.
    case gradientWithoutSource(String)
    /// A gradient with respect to a parameter that is not trained.
    case notTrained(String)
    /// What a plan was not asked for when it was compiled, in words.
    case notRequested(String)
    /// What a plan's pass had left, after another plan of its session has run.
    case passIsOver
}

extension EngineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unsupportedOperation(let kind, let path, let engine):
            "\(path): the \(engine) engine cannot compute \"\(kind)\"; try the reference engine"
        case .libraryCallFailed(let call, let status):
            "oneDNN failed in \(call): \(status)"
        case .wrongLibraryVersion(let header, let library):
            "built for oneDNN \(header), but the library found at run time is \(library); rebuild, or install \(header)"
        case .libraryNotFound(let library, let engine, let reason):
            "the \(engine) engine needs \(library), which cannot be loaded (\(reason)): install it (Debian, Ubuntu: "
                + "apt-get install libdnnl-dev; macOS: brew install onednn), or use the reference engine"
        case .notBuiltIn(let engine):
            "this program was built without the \(engine) engine; build it with the OneDNN trait, or use the reference engine"
        case .unsupportedPrecision(let precision, let engine, let reason):
            "the \(engine) engine cannot compute with \(precision) here: \(reason); use fp32"
        case .singleValuePerChannel(let path):
            "\(path): batch normalisation has a single value for each channel in a batch of 1, which leaves nothing; "
                + "train with batches of 2 or more"
        case .planDoesNotFit(let batchSize, let bytes, let available, let fitting):
            "a plan for batches of \(batchSize) takes \(bytes.byteSize), and \(available.byteSize) are free; "
                + (fitting > 0 ? "batches of \(fitting) fit" : "not even single images fit: free some memory")
        case .imagesDoNotFit(let count, let shape, let bytes, let available):
            "\(count.counted("image")) of \(shape) take\(count == 1 ? "s" : "") \(bytes.byteSize) to read, and "
                + "\(available.byteSize) are free: take smaller images\(count > 1 ? ", or fewer threads" : "")"
        case .outOfMemory(let bytes):
            "the system does not grant \(bytes.byteSize) of memory; try smaller batches"
        case .wrongValueCount(let parameter, let expected, let received):
            "\(parameter) has \(expected) values, received \(received)"
        case .noSuchNode(let node, let count):
            "there is no node \(node); the graph has \(count), counted from 0"
        case .noSuchParameter(let parameter, let count):
            "there is no parameter \(parameter); the graph has \(count), counted from 0"
        case .gradientWithoutSource(let name):
            "\(name): no gradient leads there; put one on a node's output that depends on it"
        case .notTrained(let name):
            "\(name) is not trained, and has no gradient"
        case .notRequested(let what):
            "\(what) was not asked for when the plan was compiled"
        case .passIsOver:
            "another plan has run since this one's pass and may have overwritten what that left; run this one again"
        }
    }
}

extension EngineError {
    /// Checks that images can be read: their pixels in bytes, and then in floats.
    ///
    /// - Parameters:
    ///   - count: how many at a time.
    ///   - shape: C×H×W.
    package static func checkRoom(forImages count: Int, of shape: Shape) throws(EngineError) {
        let bytes = shape.count.saturatingProduct(5).saturatingProduct(count)
        guard let available = AvailableMemory.tooLittle(for: bytes) else { return }
        throw .imagesDoNotFit(count: count, shape: shape, bytes: bytes, available: available)
    }
}
