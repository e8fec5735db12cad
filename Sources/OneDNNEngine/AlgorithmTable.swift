#if CONVNET_ONEDNN
import ConvNetGraph
import Foundation
import Synchronization

/// Which algorithm computes a convolution's pass.
enum ConvolutionAlgorithm: String {
    /// oneDNN's direct convolution, which for a 1×1 kernel is a matrix product.
    case direct
    /// Winograd's, of this engine: less than half the multiplications, for stride 1 and kernels of 3×3 and 5×5.
    case winograd
    /// This engine's own along the rows of row-major maps, for few channels and stride 1.
    case narrow
}

/// The algorithms that were the fastest on this machine, by processor, library and number of threads: in memory, and in the
/// user's cache directory for the next process.
final class AlgorithmTable: Sendable {
    private let file: URL?
    private let choices: Mutex<[String: String]>
    /// Held while something is timed: two sessions would disturb each other, and might come to different choices.
    private let timing = Mutex(())

    /// The table that all sessions of this kind share.
    static func shared(threads: Int) -> AlgorithmTable {
        let name = "\(Processor.name) \(Library.instructionSet) oneDNN \(Library.version) threads \(threads) kernels 4"
        return tables.withLock { tables in
            if let table = tables[name] { return table }
            let table = AlgorithmTable(file: cacheDirectory?.appending(path: fileName(name)))
            tables[name] = table
            return table
        }
    }

    private static let tables = Mutex<[String: AlgorithmTable]>([:])

    private static var cacheDirectory: URL? {
        FileManager.default.urls(for: .cachesDirectory, in: .userDomainMask).first?.appending(path: "convnet")
    }

    private static func fileName(_ name: String) -> String {
        let safe = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" }
        return "algorithms-\(String(safe)).json"
    }

    init(file: URL?) {
        self.file = file
        choices = Mutex(file.flatMap(Self.read) ?? [:])
    }

    subscript(key: String) -> ConvolutionAlgorithm? {
        choices.withLock { $0[key].flatMap(ConvolutionAlgorithm.init) }
    }

    /// The algorithm for a key: what is known, or else what `time` finds to be the fastest, known to all sessions from then on.
    func algorithm(
        for key: String, among candidates: [ConvolutionAlgorithm], time: () throws -> ConvolutionAlgorithm
    ) throws -> ConvolutionAlgorithm {
        try timing.withLock { _ in
            if let known = self[key], candidates.contains(known) { return known }
            let algorithm = try time()
            choices.withLock { $0[key] = algorithm.rawValue }
            return algorithm
        }
    }

    /// Remembers choices, beside what other processes have remembered meanwhile. A directory that cannot be written to costs
    /// the next process its time, nothing more.
    func remember(_ new: [String: ConvolutionAlgorithm]) {
        guard !new.isEmpty else { return }
        let all = choices.withLock { choices in
            if let file { choices.merge(Self.read(file) ?? [:]) { own, _ in own } }
            for (key, algorithm) in new { choices[key] = algorithm.rawValue }
            return choices
        }
        guard let file, let data = try? JSONEncoder.sorted.encode(all) else { return }
        try? FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? AtomicFile.write(data, to: file)
    }

    private static func read(_ file: URL) -> [String: String]? {
        guard (try? file.fileKind()) == .file, let size = try? file.fileSize(), size <= Limits.tunerCacheBytes,
            let data = try? Data(contentsOf: file)
        else { return nil }
        return try? JSONText.decode([String: String].self, from: data)
    }
}
#endif
