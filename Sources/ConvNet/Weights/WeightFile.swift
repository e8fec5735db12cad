import ConvNetFormats
import ConvNetGraph
import Foundation

/// Files of weights, whichever program has written them.
public enum WeightFile {
    /// Opens a file by what it begins with: safetensors, ours included, or either of PyTorch's containers.
    ///
    /// - Throws: ``ForeignFileError`` for a file of another kind, ``SafetensorsError``, ``PyTorchFileError``.
    public static func open(_ url: URL) throws -> any WeightSource {
        let data = try SafetensorsFile.content(of: url)
        if PyTorchFile.recognizes(data.prefix(64)) { return try PyTorchFile(data: data, name: url.path) }
        return try SafetensorsFile.opened(url)
    }
}
