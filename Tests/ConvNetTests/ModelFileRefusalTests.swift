import ConvNet
import Foundation
import TestSupport
import Testing

/// Files that are no usable model: each says why, in one sentence.
@Suite struct ModelFileRefusalTests {
    private let directory: ScratchDirectory
    private let url: URL

    init() throws {
        directory = try ScratchDirectory()
        url = directory.file("model.safetensors")
    }

    /// What a changed file is refused with, its path left out.
    private func sentence(_ change: (inout TamperedModelFile) throws -> Void) async throws -> String {
        var file = try await TamperedModelFile()
        try change(&file)
        let error = try #require(throws: (any Error).self) { try file.read(by: url) }
        return "\(error)".replacing(#/\S+model\.safetensors is not a usable model: /#, with: "")
    }

    // MARK: Metadata

    @Test(arguments: ["convnet.version", "convnet.graph", "convnet.classes", "convnet.preprocessing"])
    func missingMetadata(key: String) async throws {
        #expect(
            try await sentence { $0.metadata[key] = nil }
                == "it has weights, but no \"\(key)\" in its metadata: not a model written by convnet")
    }

    @Test func theRestOfTheMetadataMayBeMissing() async throws {
        var file = try await TamperedModelFile()
        file.metadata["convnet.producer"] = nil
        file.metadata["format"] = nil
        #expect(try file.read(by: url).producer == "unknown")
    }

    @Test(arguments: ["3", "0", "", "one"])
    func otherVersion(version: String) async throws {
        #expect(
            try await sentence { $0.metadata["convnet.version"] = version }
                == "it has version \(version) of the format; this program reads versions 1 and 2")
    }

    /// Foundation's decoder would end the process over 513 levels.
    @Test(arguments: ["convnet.graph", "convnet.classes", "convnet.preprocessing"], [65, 512, 513, 514])
    func deeplyNestedMetadata(key: String, depth: Int) async throws {
        #expect(
            try await sentence { $0.metadata[key] = String(repeating: "[", count: depth) }
                == "its \"\(key)\" cannot be read: byte 64: values are nested more than 64 deep")
    }

    @Test func longText() async throws {
        let long = String(repeating: "é", count: 1_000_000)
        let classes = try await sentence { $0.metadata["convnet.classes"] = "[\"a\",\"\(long)\",\"c\"]" }
        #expect(classes == "a class name has 2000000 bytes; at most 1000 are allowed")
        for key in ["convnet.version", "convnet.graph", "convnet.preprocessing"] {
            #expect(try await sentence { $0.metadata[key] = "\"\(long)\"" }.utf8.count < 1000)
            #expect(try await sentence { $0.metadata[key] = long }.utf8.count < 1000)
        }
        for (word, replacement) in [("conv2d", long), ("valid", long), ("pyTorchDefault", long)] {
            let text = try await sentence { file in
                let graph = try #require(file.metadata["convnet.graph"])
                try #require(graph.contains(word) || word == "valid")
                file.metadata["convnet.graph"] =
                    graph.replacing(word, with: replacement) + (word == "valid" ? long : "")
            }
            #expect(text.utf8.count < 3000)
        }
        let graph = try await sentence { $0.metadata["convnet.graph"] = String(repeating: " ", count: 17 << 20) }
        #expect(graph == "its network's description is longer than 16.0 MiB")
    }

    @Test(arguments: [
        ("convnet.graph", "{}", "version is missing"),
        ("convnet.graph", #"{"version":1}"#, "nodes is missing"),
        (
            "convnet.graph", #"{"version":2,"nodes":[]}"#,
            "version: graph version 2; this program reads version 1"
        ),
        ("convnet.graph", #"{"version":1,"nodes":[{}]}"#, "nodes.Index 0.operation is missing"),
        (
            "convnet.classes", #"["a",1,"c"]"#,
            "Index 1: Expected to decode String but found number instead."
        ),
        ("convnet.preprocessing", #"{"mean":[]}"#, "standardDeviation is missing"),
    ])
    func unreadableMetadata(key: String, text: String, problem: String) async throws {
        #expect(
            try await sentence { $0.metadata[key] = text } == "its \"\(key)\" cannot be read: \(problem)")
    }

    @Test(arguments: ["convnet.graph", "convnet.classes", "convnet.preprocessing"])
    func brokenJSON(key: String) async throws {
        let deep = String(repeating: "[", count: 50_000) + String(repeating: "]", count: 50_000)
        let objects = String(repeating: #"{"version":"#, count: 50_000)
        for text in ["", "{", "null", "\u{0}", deep, objects, objects + "1" + String(repeating: "}", count: 50_000)] {
            let found = try await sentence { $0.metadata[key] = text }
            #expect(found.hasPrefix("its \"\(key)\" cannot be read: "))
            #expect(!found.contains("\n"))
            #expect(found.count < 200)
        }
    }

    // MARK: The network

    @Test func layerThatThisProgramDoesNotKnow() async throws {
        var file = try await TamperedModelFile()
        file.metadata["convnet.graph"]?.replace(#""kind":"relu""#, with: #""kind":"attention""#)
        let error = try #require(throws: UnknownLayerKind.self) { try file.read(by: url) }
        #expect(error.kind == "attention")
        #expect(error.path == LayerPath(["1"]))
        #expect(
            "\(error)" == "\(url.path): unknown kind of layer \"attention\" at 1; "
                + "if it is a custom layer, give its type where the model is loaded: customLayers: […]")
    }

    @Test func networkThatCannotWork() async throws {
        #expect(
            try await sentence {
                $0.metadata["convnet.graph"]?.replace(#""kernel":[3,3]"#, with: #""kernel":[30,30]"#)
            } == "its network cannot work: 0: a 30×30 kernel does not fit an 8×8 input with padding 1")
    }

    @Test func shapesThatContradictTheLayers() async throws {
        #expect(
            try await sentence {
                $0.metadata["convnet.graph"]?.replace(#""shape":[4,4,4]"#, with: #""shape":[4,4,5]"#)
            } == "its network cannot work: 2: makes a shape of 4×4×4, but the graph says 4×4×5")
    }

    /// Sizes whose product is beyond an integer must not be multiplied.
    @Test(arguments: ["4294967296", "9223372036854775807", "-1", "0"])
    func hostileSizes(size: String) async throws {
        for key in [#""filters":"#, #""units":"#, #""shape":[1,8,"#, #""stride":["#, #""dilation":["#] {
            let pattern = try Regex(NSRegularExpression.escapedPattern(for: key) + "[0-9]+")
            let found = try await sentence {
                $0.metadata["convnet.graph"] = $0.metadata["convnet.graph"]?.replacing(pattern, with: key + size)
            }
            #expect(found.hasPrefix("its network cannot work: "), "\(key)\(size): \(found)")
        }
    }

    // MARK: Classes and preprocessing

    @Test func otherNumberOfClasses() async throws {
        #expect(
            try await sentence { $0.metadata["convnet.classes"] = #"["a","b"]"# }
                == "it has 2 class names for 3 outputs")
    }

    @Test func preprocessingOfOtherChannels() async throws {
        #expect(
            try await sentence {
                $0.metadata["convnet.preprocessing"] = #"{"mean":[0,0,0],"standardDeviation":[1,1,1]}"#
            } == "unusable preprocessing: 3 means and 3 standard deviations for 1 channels")
        #expect(
            try await sentence {
                $0.metadata["convnet.preprocessing"] = #"{"mean":[0],"standardDeviation":[0]}"#
            } == "unusable preprocessing: means must be finite, standard deviations finite and above 0")
    }

    // MARK: Weights

    /// What weights that do not fit are refused with, the first line left out.
    private func mismatch(_ change: (inout TamperedModelFile) throws -> Void) async throws -> String {
        let lines = try await sentence(change).split(separator: "\n")
        #expect(lines.first == "the weights in \(url.path) do not fit the network, nothing was loaded")
        return lines.dropFirst().joined(separator: "\n")
    }

    @Test func missingParameter() async throws {
        #expect(
            try await mismatch { $0.tensors["5.bias"] = nil } == """
                  missing, 1 of 4:
                    5.bias
                """)
    }

    @Test func parameterOfAnotherShape() async throws {
        // As many values, but not where they belong.
        #expect(
            try await mismatch { $0.tensors["0.weight"]?.shape = [1, 4, 3, 3] } == """
                  of another shape, 1:
                    0.weight: 1×4×3×3, expected 4×1×3×3
                """)
    }

    @Test func unknownParameter() async throws {
        #expect(
            try await mismatch {
                $0.tensors["5.biass"] = $0.tensors.removeValue(forKey: "5.bias")
                $0.tensors["running_mean"] = ([1], [0])
            } == """
                  missing, 1 of 4:
                    5.bias
                  unexpected, 2:
                    5.biass, perhaps the missing 5.bias
                    running_mean
                """)
    }

    @Test func halfAVerification() async throws {
        #expect(
            try await sentence { $0.tensors["images"] = nil } == "a case needs both tensors, \"images\" and \"logits\"")
    }

    @Test func withoutAVerification() async throws {
        var file = try await TamperedModelFile()
        file.tensors["images"] = nil
        file.tensors["logits"] = nil
        #expect(try file.read(by: url).verification == nil)
    }

    // MARK: Files

    @Test func everyTruncatedFile() async throws {
        let whole = try await TamperedModelFile().data()
        for length in stride(from: 0, to: whole.count, by: 61) {
            try whole.prefix(length).write(to: url)
            #expect(throws: SafetensorsError.self) { try ModelFile(contentsOf: url) }
        }
    }

    @Test func missingFile() throws {
        let error = try #require(throws: SafetensorsError.self) {
            try ModelFile(contentsOf: directory.file("none.safetensors"))
        }
        #expect("\(error)".hasSuffix("none.safetensors: cannot be read: No such file or directory"))
    }

    /// A checkpoint holds weights under the same names, but not what a model needs besides.
    @Test func checkpointIsNoModel() async throws {
        try await ResumableRun(engine: ReferenceEngine()).checkpoint(stoppedAfterStep: 2).write(to: url)
        let error = try #require(throws: ModelFileError.self) { try ModelFile(contentsOf: url) }
        #expect(error.problem.hasPrefix("it has weights, but no \"convnet.version\""))
    }

    @Test func modelIsNoCheckpoint() async throws {
        try await Corners.model().save(to: url)
        let error = try #require(throws: TrainingError.self) { try TrainingCheckpoint(contentsOf: url) }
        #expect("\(error)".hasSuffix("model.safetensors is not a checkpoint"))
    }
}
