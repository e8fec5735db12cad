import CommandTestSupport
import ConvNet
import Foundation
import Testing

@Suite struct ModelFileErrorTests {
    /// Every command that reads a model file says the same of it.
    private static let commands = [
        ["evaluate", "m", "--dataset", "data"], ["predict", "m", "a.png"], ["verify", "./m"], ["summary", "./m"],
        ["benchmark", "./m"],
    ]

    private func expect(_ place: Workplace, failsWith sentence: String) async throws {
        for command in Self.commands {
            try await place.expect(command, failsWith: "\(place.file("m").path)\(sentence)")
        }
    }

    @Test func missingAndUnreadableFilesAreNamed() async throws {
        let place = try Workplace.withDataset()
        try await expect(place, failsWith: ": cannot be read: No such file or directory")
        try FileManager.default.createDirectory(at: place.file("m"), withIntermediateDirectories: false)
        try await expect(
            place,
            failsWith: " is not a usable model: it is a directory without a 'model.safetensors'; "
                + "name a run's directory or a model file")
        try place.write("", to: "m/config.yaml")
        for command in Self.commands {
            let outcome = try await place.run(command)
            #expect(
                outcome.errors.hasPrefix(
                    "Error: \(place.file("m").path) is not a usable model: it is a run that has no model yet, which comes "
                        + "with its first epoch; go on with it: convnet train --resume --out "))
        }
    }

    /// A safetensors file with a header of any text.
    private static func file(header: String, data: Data = Data(count: 4)) -> Data {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + header.utf8 + data
    }

    private static let largest = "9223372036854775807"

    @Test(arguments: [
        (Data(), ": has 0 bytes, but a safetensors file has at least 8; fetch or export it again"),
        (
            Data(repeating: 0xFF, count: 100),
            ": promises a header of 18446744073709551615 bytes, but the format allows 100000000; "
                + "check that it is a safetensors file"
        ),
        (file(header: "[]"), ": its header does not begin with '{' at byte 8; check that it is a safetensors file"),
        (
            file(header: String(repeating: "{", count: 100_000)),
            ": malformed header at byte 9: expected a string, found '{'; export the file again"
        ),
        (
            file(header: #"{"a":{"dtype":"F32","shape":[\#(largest),9],"data_offsets":[0,4]}}"#),
            ": tensor 'a', F32 [\(largest), 9], takes more than \(largest) bytes; export the file again"
        ),
        (
            file(header: #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#),
            ": the data of tensor 'a' begins at 4, after its end at 0; export the file again"
        ),
        // What a file says must not colour or break the line.
        (
            file(header: #"{"\u001b[31m\n":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#),
            #": tensor '\u{1b}[31m\u{a}', F32 [2], takes 8 bytes, but its offsets 0 to 4 enclose 4; export the file again"#
        ),
        (
            file(header: #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#),
            #" is not a usable model: it has weights, but no "convnet.version" in its metadata: "#
                + "not a model written by convnet"
        ),
        (
            file(header: #"{"__metadata__":{"convnet.version":"9"}}"#, data: Data()),
            " is not a usable model: it has version 9 of the format; this program reads versions 1 and 2"
        ),
    ])
    func hostileFilesAreRefused(file: Data, sentence: String) async throws {
        let place = try Workplace.withDataset()
        try place.write(file, to: "m")
        try await expect(place, failsWith: sentence)
    }

    @Test func aModelCutShortIsRefused() async throws {
        let place = try await Workplace.withModel()
        let model = try place.data(Workplace.model)
        let header = Int(model.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        let promised = model.count - 8 - header
        try place.write(model.dropLast(100), to: "m")
        try await expect(
            place,
            failsWith: ": promises \(promised) bytes of tensor data, but only \(promised - 100) follow the header; "
                + "it was cut short; fetch or export it again")
        try place.write(model.prefix(100), to: "m")
        try await expect(
            place,
            failsWith: ": promises a header of \(header) bytes, but only 92 follow; it was cut short or is no "
                + "safetensors file; fetch or export it again")
    }

    /// Files that people take for models.
    @Test(arguments: [
        (
            "dataset: data\nmodel: lenet5\n", "m.yaml",
            "a file of settings, not a safetensors file: name the directory of the run that it is in, or a model.safetensors"
        ),
        (
            "Hello, world.", "m.txt",
            "a text file, not a safetensors file: name a run's directory or its model.safetensors"
        ),
        ("é", "m.txt", "a text file, not a safetensors file: name a run's directory or its model.safetensors"),
        ("<!DOCTYPE html>", "m.safetensors", "a page of HTML or XML, not a safetensors file: download the file itself"),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "m.safetensors",
            "a pointer of Git LFS, not a safetensors file: fetch the file that it stands for with 'git lfs pull'"
        ),
        ("\u{89}PNG", "m.png", image("PNG")), ("\u{FF}\u{D8}\u{FF}\u{E0}", "m.jpg", image("JPEG")),
        ("PK\u{3}\u{4}", "m.pth", "a PyTorch file, not a safetensors file: \(conversion)"),
        ("\u{80}\u{2}", "m.pt", "a PyTorch file, not a safetensors file: \(conversion)"),
        ("\u{80}\u{4}", "m.pkl", "a Python pickle, not a safetensors file: \(conversion)"),
        (
            "PK\u{3}\u{4}", "m.keras",
            "a ZIP archive, not a safetensors file: unpack it, or, where PyTorch wrote it, \(conversion)"
        ),
        (
            "\u{89}HDF\r\n\u{1A}\n", "m.h5",
            "an HDF5 file, as Keras writes them, not a safetensors file: save its weights as safetensors in Python"
        ),
        ("\u{1F}\u{8B}\u{8}", "m.gz", "compressed by gzip, not a safetensors file: decompress it"),
    ])
    func filesOfOtherKindsAreNamed(start: String, name: String, sentence: String) async throws {
        let place = try Workplace.withDataset()
        // A scalar is a byte, and what follows it is none of a text.
        let isText = ["yaml", "txt", "safetensors"].contains { name.hasSuffix($0) }
        var data = isText ? Data(start.utf8) : Data(start.unicodeScalars.map { UInt8($0.value) })
        if name == "m.png" { data += [0x0D, 0x0A, 0x1A, 0x0A] }
        if !isText { data += Data(repeating: 0xEE, count: 40) }
        try place.write(data, to: name)
        for command in [
            ["evaluate", name, "--dataset", "data"], ["predict", name, "a.png"],
            ["verify", "lenet5", "--weights", name],
        ] {
            try await place.expect(command, failsWith: "\(place.file(name).path) is \(sentence)")
        }
        // Where a network will do, a file of layers may be meant.
        let isYAML = name.hasSuffix("yaml")
        for command in [["verify", name], ["summary", name], ["benchmark", name], ["compare", name]]
        where !isYAML || command[0] != "verify" {
            let layers =
                "m.yaml: line 1: it is a file of settings, not of layers; name the directory of its run, or 'layers'"
            try await place.expect(
                command, failsWith: isYAML ? layers : "\(place.file(name).path) is \(sentence)")
        }
    }

    private static let conversion =
        "save the weights in Python with safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"

    private static func image(_ format: String) -> String {
        "a \(format) image, not a safetensors file: the model comes first, then the images, as in "
            + "'convnet predict MODEL photo.jpg'"
    }

    /// A run's directory is its model.
    @Test func aRunStandsForItsModel() async throws {
        let place = try await Workplace.withModel()
        try place.write(
            PNG.encode(Image(channels: 1, height: 12, width: 12, pixels: [UInt8](repeating: 9, count: 144))),
            to: "a.png")
        for command in [
            ["evaluate", "run", "--dataset", "data"], ["predict", "run", "a.png"], ["verify", "run"],
            ["summary", "run"],
            ["compare", "run"],
        ] {
            let outcome = try await place.run(command)
            let file = try await place.run([command[0], Workplace.model] + command.dropFirst(2))
            #expect(outcome.ending == .exit(0), "\(outcome.errors)")
            // A comparison's rows begin with what was named.
            if command[0] != "compare" { #expect(outcome.output == file.output) }
        }
        let benchmark = try await place.run("benchmark", "run", "--seconds", "0", "--threads", "1", "--batch", "2")
        #expect(benchmark.output.hasPrefix("run, train, batch 2: "))
    }

    @Test func optionsForANetworkGivenByNameAreRefused() async throws {
        let place = try await Workplace.withModel()
        for (option, value, command) in [
            ("--input", "1x8x8", "summary"), ("--classes", "4", "summary"), ("--weights", "w", "verify"),
            ("--input", "1x8x8", "benchmark"),
        ] {
            try await place.expect(
                [command, Workplace.model, option, value],
                failsWith: "\(option) goes with a network's name; a model file has its own")
        }
    }
}
