import ConvNetGraph
import ConvNetPages
import ConvNetVision
import Foundation

/// A file that was named as a model or as weights and is something else, by its first bytes.
public struct ForeignFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's path.
    public let file: String
    /// What it is, with an article.
    public let kind: String
    /// What to do, as a clause.
    public let advice: String

    public var description: String { "\(printable(file)) is \(kind), not a safetensors file: \(advice)" }
}

extension SafetensorsFile {
    /// Opens a file that a person has named as a model or as weights: where it is of another kind, the error says of which.
    ///
    /// - Throws: ``ForeignFileError``, ``SafetensorsError``.
    package static func opened(_ url: URL) throws -> SafetensorsFile {
        do {
            return try SafetensorsFile(contentsOf: url)
        } catch let error as SafetensorsError {
            throw ForeignFileError(url, error) ?? error
        }
    }
}

extension ForeignFileError {
    /// nil where the file may well be a broken safetensors file, or cannot be read at all.
    ///
    /// - Parameter error: why it cannot be opened as safetensors. A file that can be may begin with any eight bytes.
    fileprivate init?(_ url: URL, _ error: SafetensorsError) {
        switch error {
        case .headerTooLong, .headerCutShort, .headerNotAnObject, .missingHeaderLength: break
        default: return nil
        }
        guard let handle = try? FileHandle(forReadingFrom: url), let start = try? handle.read(upToCount: 1024),
            let (kind, advice) = Self.recognize(start, extension: url.pathExtension.lowercased())
        else { return nil }
        self.init(file: url.path, kind: kind, advice: advice)
    }

    private static func recognize(_ start: Data, extension suffix: String) -> (kind: String, advice: String)? {
        func has(_ bytes: [UInt8]) -> Bool { start.starts(with: bytes) }
        let isPyTorch = ["pt", "pth", "bin", "ckpt"].contains(suffix)
        let conversion =
            "save the weights in Python with safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
        if has([0x50, 0x4B, 0x03, 0x04]) {
            return isPyTorch
                ? ("a PyTorch file", conversion)
                : ("a ZIP archive", "unpack it, or, where PyTorch wrote it, \(conversion)")
        }
        // A pickle of protocol 2 to 5.
        if has([0x80]), let version = start.dropFirst().first, (2...5).contains(version) {
            return (isPyTorch ? "a PyTorch file" : "a Python pickle", conversion)
        }
        if has([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) {
            return ("an HDF5 file, as Keras writes them", "save its weights as safetensors in Python")
        }
        if has([0x1F, 0x8B]) { return ("compressed by gzip", "decompress it") }
        if let kind = ImageFile.kind(ofStart: start) {
            return (
                kind, "the model comes first, then the images, as in 'convnet predict MODEL photo.jpg'"
            )
        }
        return text(start).map { text(kindOf: $0, extension: suffix) }
    }

    private static func text(kindOf text: String, extension suffix: String) -> (kind: String, advice: String) {
        if text.hasPrefix("version https://git-lfs") {
            return ("a pointer of Git LFS", "fetch the file that it stands for with 'git lfs pull'")
        }
        if text.first == "<" { return ("a page of HTML or XML", "download the file itself") }
        if ["yaml", "yml"].contains(suffix) {
            return ("a file of settings", "name the directory of the run that it is in, or a model.safetensors")
        }
        return ("a text file", "name a run's directory or its model.safetensors")
    }

    /// The bytes as text; nil where they are none. The last character may have been cut.
    private static func text(_ start: Data) -> String? {
        let isPlain = start.allSatisfy { $0 >= 0x20 && $0 != 0x7F || [0x09, 0x0A, 0x0D].contains($0) }
        guard isPlain, !start.isEmpty else { return nil }
        let candidates = (0..<4).lazy.compactMap { String(data: start.dropLast($0), encoding: .utf8) }
        return candidates.first { !$0.isEmpty }
    }
}
