import Foundation
import Testing

@testable import ConvNetFormats

/// What `torch.save` has written (`Scripts/record_pytorch.py`), and what nobody should have.
@Suite struct PyTorchFileTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/pytorch")

    private struct Tensor: Decodable {
        var name: String
        var shape: [Int]
        var values: [Double]
    }

    private static func file(_ name: String) throws -> PyTorchFile {
        try PyTorchFile(contentsOf: folder.appending(path: name))
    }

    @Test(arguments: ["zip.pth", "stream.pth", "lightning.ckpt", "averaged.pth", "parallel.pth", "command.pth"])
    func holdsWhatPyTorchHasWritten(name: String) throws {
        let json = try Data(contentsOf: Self.folder.appending(path: "weights.json"))
        let expected = try #require(try JSONDecoder().decode([String: [Tensor]].self, from: json)[name])
        let file = try Self.file(name)
        #expect(file.names == expected.map(\.name))
        for tensor in expected {
            #expect(file.weights[tensor.name]?.shape == tensor.shape, "\(tensor.name)")
            let values = try file.floats(named: tensor.name)
            #expect(values == tensor.values.map { Float($0) }, "\(tensor.name)")
        }
    }

    @Test func whatStandsBesideWeightsIsNamed() throws {
        #expect(
            try Self.file("lightning.ckpt").notes == [
                "the weights are those under 'state_dict'",
                // Of a scalar of NumPy's: bytes by way of a codec, itself, and its type.
                "beside them the file has objects of _codecs.encode, argparse.Namespace, numpy._core.multiarray.scalar and 1 "
                    + "more, none of which was made",
            ])
        #expect(try Self.file("averaged.pth").notes.first == "the weights are those under 'state_dict_ema'")
        #expect(
            try Self.file("command.pth").notes == [
                "beside them the file has objects of posix.system, none of which was made"
            ])
        #expect(!FileManager.default.fileExists(atPath: "/tmp/convnet-pickle-was-executed"))
        #expect(try Self.file("zip.pth").notes == [])
    }

    @Test(arguments: [
        ("hanging.pth", "its tensor 'odd' would be made by somebody.training.Unknown, which is not executed"),
        (
            "module.pth",
            "no dictionary of tensors is in it; it has objects of somebody.training.Unknown, none of which was made: of a whole "
                + "module only Python can read the weights; save the weights in Python with torch.save(model.state_dict(), "
                + "'weights.pth')"
        ),
    ])
    func whatOnlyPythonCanMakeIsRefused(name: String, problem: String) throws {
        let error = try #require(throws: PyTorchFileError.self) { try Self.file(name) }
        #expect(error.problem == problem)
    }

    /// A file that ends anywhere is refused, unless all that ends is what pads it.
    @Test(arguments: ["zip.pth", "stream.pth"])
    func filesCutShortAreRefused(name: String) throws {
        let whole = try Data(contentsOf: Self.folder.appending(path: name))
        for length in stride(from: 0, to: whole.count - 1, by: max(1, whole.count / 300)) {
            #expect(throws: PyTorchFileError.self, "\(length)") {
                try PyTorchFile(data: whole.prefix(length), name: name)
            }
        }
    }

    /// Every byte changed: read or refused, and never more elements than the file has bytes.
    @Test(arguments: ["zip.pth", "stream.pth"])
    func tamperedFilesAreReadOrRefused(name: String) throws {
        let whole = try Data(contentsOf: Self.folder.appending(path: name))
        for place in 0..<whole.count {
            var data = whole
            data[place] ^= UInt8(1 + place % 255)
            guard let file = try? PyTorchFile(data: data, name: name) else { continue }
            for tensor in file.names {
                let count = try file.floats(named: tensor).count
                #expect(count <= whole.count)
            }
        }
    }
}
