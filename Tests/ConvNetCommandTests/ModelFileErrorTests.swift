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
        try await expect(place, failsWith: ": cannot be read: Is a directory")
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
            " is not a usable model: it has version 9 of the format; this program reads version 1"
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
