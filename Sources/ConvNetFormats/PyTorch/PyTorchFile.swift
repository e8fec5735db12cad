import ConvNetGraph
import ConvNetPages
import Foundation

/// Weights as `torch.save` writes them, in files called `.pt`, `.pth`, `.bin` or `.ckpt`: the ZIP container and the older stream.
///
///     let file = try PyTorchFile(contentsOf: url)
///     let weight = try file.floats(named: "conv1.weight")
///
/// Nothing in the file is executed: its pickle is read as a description, in which functions and classes are names. The weights are the
/// dictionary of tensors itself, or what stands in it under `state_dict_ema`, `model_ema`, `state_dict` or `model`, as the usual
/// programs write them, without a `module.` before all names. The file is mapped into memory; elements are read when they are asked for.
public struct PyTorchFile: WeightSource {
    public let name: String
    public let names: [String]
    public let notes: [String]
    private let tensors: [String: PyTorchTensor]
    private let storages: [String: PyTorchStorage]

    public var weights: [String: WeightInfo] { tensors.mapValues(\.info) }

    /// Opens a file.
    ///
    /// - Throws: ``PyTorchFileError``, and `SafetensorsError.unreadable` with the system's reason.
    public init(contentsOf url: URL) throws {
        try self.init(data: SafetensorsFile.content(of: url), name: url.path)
    }

    /// Opens a file that is in memory; messages call it `name`.
    ///
    /// - Throws: ``PyTorchFileError``.
    public init(data: Data, name: String) throws(PyTorchFileError) {
        let content: PyTorchContent
        do {
            content = try Self.isZip(data) ? PyTorchContent(zip: data) : PyTorchContent(stream: data)
        } catch {
            throw PyTorchFileError(file: name, problem: error.problem)
        }
        let found = try WeightDictionary(content, file: name)
        self.name = name
        storages = content.storages
        var (names, tensors): ([String], [String: PyTorchTensor]) = ([], [:])
        for (tensor, value) in found.tensors {
            do throws(PyTorchTensor.Unusable) {
                let tensor = found.shortened(tensor)
                guard tensors.updateValue(try PyTorchTensor(value, in: content), forKey: tensor) == nil else {
                    throw PyTorchTensor.Unusable(problem: "stands in the file twice")
                }
                names.append(tensor)
            } catch {
                throw PyTorchFileError(file: name, problem: "its tensor \(quoted(tensor)) \(error.problem)")
            }
        }
        self.names = names
        self.tensors = tensors
        notes = found.notes
    }

    /// Whether bytes begin as one of the two containers does.
    public static func recognizes(_ start: Data) -> Bool {
        isZip(start) || start.starts(with: PyTorchContent.streamStart)
    }

    private static func isZip(_ start: Data) -> Bool { start.starts(with: ZipArchive.start) }

    /// - Throws: ``PyTorchFileError``.
    public func floats(named tensor: String) throws -> [Float] {
        guard let info = tensors[tensor], let storage = storages[info.storage] else {
            throw PyTorchFileError(file: name, problem: "it has no tensor \(quoted(tensor))")
        }
        if let available = AvailableMemory.tooLittle(for: info.count.saturatingProduct(MemoryLayout<Float>.size)) {
            throw PyTorchFileError(
                file: name,
                problem:
                    "its tensor \(quoted(tensor)) has \(info.count.grouped) elements, and \(available.byteSize) of memory are free"
            )
        }
        guard let values = info.floats(in: storage.bytes) else {
            throw PyTorchFileError(
                file: name,
                problem:
                    "its tensor \(quoted(tensor)) has elements of type \(info.info.dtype.rawValue), which are no weights"
            )
        }
        return values
    }
}

/// A file that is none of PyTorch's, or that cannot be used.
public struct PyTorchFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's name.
    public let file: String
    /// What is wrong with it, as the end of a sentence.
    public let problem: String

    public var description: String {
        "\(printable(file)) is not a usable PyTorch file: \(shortened(problem, to: 1000))"
    }
}
