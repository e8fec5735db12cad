import ConvNet
import Foundation
import TestSupport

/// A model file in memory, to be changed and read again.
struct TamperedModelFile {
    var metadata: [String: String]
    var tensors: [String: (shape: [Int], values: [Float])]

    /// Starts from what a model of ``Corners`` is saved as.
    init() async throws {
        let directory = try ScratchDirectory()
        let url = directory.file("model.safetensors")
        try await Corners.model(seed: 3).save(to: url)
        try self.init(contentsOf: url)
    }

    init(contentsOf url: URL) throws {
        let file = try SafetensorsFile(contentsOf: url)
        metadata = file.metadata
        tensors = [:]
        for name in file.names { tensors[name] = (file.tensors[name]?.shape ?? [], try file.floats(named: name)) }
    }

    func data() throws -> Data {
        var writer = SafetensorsWriter(metadata: metadata)
        for (name, tensor) in tensors { try writer.append(name, shape: tensor.shape, floats: tensor.values) }
        return try writer.encoded()
    }

    /// Reads the file as a model, by way of the disk.
    func read(by url: URL) throws -> ModelFile {
        try data().write(to: url)
        return try ModelFile(contentsOf: url)
    }
}
