import ConvNet
import Foundation
import TestSupport
import Testing

/// Damaged model files are refused with an error or give a model that can be summarized, but never a crash.
@Suite struct ModelFileFuzzTests {
    private let directory: ScratchDirectory
    private let url: URL

    init() throws {
        directory = try ScratchDirectory()
        url = directory.file("model.safetensors")
    }

    private func isRefused(_ read: () throws -> ModelFile) throws -> Bool {
        do {
            let file = try read()
            // What was accepted must bear being looked at.
            #expect(!file.network.summary().description.isEmpty)
            #expect(file.classes.count == file.network.outputShape.count)
            return false
        } catch let error
            where error is ModelFileError || error is ModelError || error is SafetensorsError
            || error is UnknownLayerKind || error is WeightMismatch
        {
            // A list of names has several lines, but not more for more names.
            #expect("\(error)".split(separator: "\n").count <= (error is WeightMismatch ? 37 : 1))
            return true
        }
    }

    @Test(arguments: ["convnet.graph", "convnet.classes", "convnet.preprocessing", "convnet.version"])
    func metadata(key: String) async throws {
        let whole = try await TamperedModelFile()
        let text = try #require(whole.metadata[key])
        var generator = SplitMix64(seed: 11)
        let count = key == "convnet.graph" ? 3000 : 300
        var refused = 0
        for _ in 0..<count {
            var file = whole
            file.metadata[key] = text.mutatedJSON(using: &generator)
            refused += try isRefused { try file.read(by: url) } ? 1 : 0
        }
        // Names of classes and initializers may be anything; most else must fit.
        #expect(refused > count / 5)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func bytes(seed: UInt64) async throws {
        let whole = [UInt8](try await TamperedModelFile().data())
        let header = 8 + whole.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        var generator = SplitMix64(seed: seed)
        var refused = 0
        for _ in 0..<700 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                // In the header, where bytes have a meaning.
                let position = Int.random(in: 0..<header, using: &generator)
                bytes[position] = UInt8.random(in: 0...255, using: &generator)
            }
            try Data(bytes).write(to: url)
            refused += try isRefused { try ModelFile(contentsOf: url) } ? 1 : 0
        }
        #expect(refused > 500)
    }
}
