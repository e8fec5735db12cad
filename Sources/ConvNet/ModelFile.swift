import ConvNetEngine
import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import Foundation

/// A model in one safetensors file: weights under PyTorch's names and in PyTorch's layout, and in the metadata the graph,
/// the class names and the preprocessing, so that the file is all that is needed to predict.
///
/// It also holds a few inputs with the logits that its author's machine gave for them; see ``VerificationCase``.
public struct ModelFile: Sendable {
    /// The network, from the graph in the file's metadata.
    public var network: Network
    /// The class names, one for each output.
    public var classes: [String]
    /// What is done to images before they reach the network.
    public var preprocessing: Preprocessing
    /// What the network's outputs say of the classes.
    public var outputs: ClassOutputs
    /// By name, in PyTorch's layout; those of auxiliary classifiers may be missing.
    public var weights: [String: [Float]]
    /// Inputs and their logits; nil where the file has none.
    public var verification: VerificationCase?
    /// What wrote the file.
    public var producer: String
    /// Whether the file that this was read from has checksums, which have been compared; those of earlier versions have none.
    public private(set) var hasChecksums = true

    /// A file's content, part by part; to save a model, use ``Model/save(to:)``.
    public init(
        network: Network, classes: [String], preprocessing: Preprocessing, outputs: ClassOutputs = .exclusive,
        weights: [String: [Float]], verification: VerificationCase?, producer: String
    ) {
        self.network = network
        self.classes = classes
        self.preprocessing = preprocessing
        self.outputs = outputs
        self.weights = weights
        self.verification = verification
        self.producer = producer
    }

    private enum Key {
        static let version = "convnet.version"
        static let graph = "convnet.graph"
        static let classes = "convnet.classes"
        static let preprocessing = "convnet.preprocessing"
        static let outputs = "convnet.outputs"
        static let producer = "convnet.producer"
    }

    /// Files whose outputs are not a softmax's have version 2, which earlier programs refuse: they would take them for one's.
    private static func version(_ outputs: ClassOutputs) -> String { outputs == .exclusive ? "1" : "2" }
}

// MARK: - Writing

extension ModelFile {
    /// Writes the file; whatever happens, `url` holds either this model or what it held before. Equal models give equal
    /// bytes.
    ///
    /// - Throws: ``FileWriteError``, ``WeightMismatch`` where the weights are not the network's, ``ModelError`` where one of
    ///   their values is not finite.
    public func write(to url: URL) throws { _ = try writeReturningChecksum(to: url) }

    /// Writes the file as ``write(to:)`` does.
    ///
    /// - Returns: the checksum of the whole file.
    package func writeReturningChecksum(to url: URL) throws -> FileChecksum {
        try writer().writeReturningChecksum(to: url)
    }

    private func writer() throws -> SafetensorsWriter {
        try network.checkWeights(weights)
        try network.checkValues(weights)
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try JSONEncoder.sorted.encode(value), as: UTF8.self)
        }
        var metadata = [
            Key.version: Self.version(outputs), Key.graph: try json(network.graph), Key.classes: try json(classes),
            Key.preprocessing: try json(preprocessing), Key.producer: producer, "format": "pt",
        ]
        if outputs != .exclusive { metadata[Key.outputs] = try json(outputs) }
        var writer = SafetensorsWriter(metadata: metadata, checksums: true)
        for parameter in network.parameters {
            guard let values = weights[parameter.name] else { continue }
            try writer.append(parameter.name, shape: parameter.shape, floats: values)
        }
        try verification?.append(to: &writer)
        return writer
    }
}

// MARK: - Reading

extension ModelFile {
    /// The file that is meant by the path of a model: a run's directory stands for its `model.safetensors`.
    ///
    /// - Throws: ``ModelFileError`` for a directory without one.
    public static func location(of url: URL) throws(ModelFileError) -> URL {
        // What cannot be looked at is complained of where it is read.
        guard (try? url.fileKind()) == .directory else { return url }
        let file = url.appending(path: RunFiles.model, directoryHint: .notDirectory)
        guard (try? file.isThere()) == false else { return file }
        guard (try? url.appending(path: RunFiles.configuration).isThere()) == true else {
            throw ModelFileError(
                file: url.path,
                problem:
                    "it is a directory without a '\(RunFiles.model)'; name a run's directory or a model file"
            )
        }
        throw ModelFileError(
            file: url.path,
            problem: "it is a run that has no model yet, which comes with its first epoch; go on with it: "
                + RunFiles.resumingCommand(url.relativePath))
    }

    /// Reads and checks a model file.
    ///
    /// - Parameters:
    ///   - url: the file, or the directory of a run.
    ///   - customLayers: the types of the ``CustomLayer``s that the model may have.
    /// - Throws: ``ForeignFileError`` for a file of another kind, ``SafetensorsError`` for one that is not whole,
    ///   ``ModelFileError`` for one that is no model or whose parts do not fit one another, ``WeightMismatch`` where its weights
    ///   do not, ``UnknownLayerKind``.
    public init(contentsOf url: URL, customLayers: [any CustomLayer.Type] = []) throws {
        let file = try SafetensorsFile.opened(Self.location(of: url))
        func fail(_ problem: String) -> ModelFileError { ModelFileError(file: file.name, problem: problem) }
        func text(_ key: String) throws -> String {
            guard let text = file.metadata[key] else {
                throw fail("it has weights, but no \"\(key)\" in its metadata: not a model written by convnet")
            }
            return text
        }
        func decode<T: Decodable>(_ type: T.Type, _ key: String) throws -> T {
            do {
                return try JSONText.decode(T.self, from: Data(try text(key).utf8), customLayers: customLayers)
            } catch let error as DecodingError {
                throw fail("its \"\(key)\" cannot be read: \(error.sentence)")
            } catch let error as NetworkError {
                throw fail("its network cannot work: \(error)")
            } catch let error as UnknownLayerKind {
                throw UnknownLayerKind(kind: error.kind, path: error.path, file: file.name)
            }
        }
        let version = try text(Key.version)
        guard ["1", "2"].contains(version) else {
            throw fail("it has version \(shortened(version)) of the format; this program reads versions 1 and 2")
        }
        guard try text(Key.graph).utf8.count <= Limits.graphBytes else {
            throw fail("its network's description is longer than \(Limits.graphBytes.byteSize)")
        }
        let network = Network(graph: try decode(Graph.self, Key.graph))
        let classes = try decode([String].self, Key.classes)
        guard classes.count == network.outputShape.count else {
            throw fail("it has \(classes.count) class names for \(network.outputShape.count) outputs")
        }
        if let long = classes.first(where: { $0.utf8.count > Limits.nameBytes }) {
            throw fail("\(ModelError.className(bytes: long.utf8.count))")
        }
        let preprocessing = try decode(Preprocessing.self, Key.preprocessing)
        do {
            try preprocessing.validate(for: network.inputShape)
        } catch {
            throw fail("\(error)")
        }
        let outputs = file.metadata[Key.outputs] == nil ? .exclusive : try decode(ClassOutputs.self, Key.outputs)
        do {
            try outputs.validate(classes: classes.count)
        } catch {
            throw fail("\(error)")
        }
        self.init(
            network: network, classes: classes, preprocessing: preprocessing, outputs: outputs,
            weights: try file.weights(for: network), verification: try VerificationCase(in: file),
            producer: file.metadata[Key.producer] ?? "unknown")
        hasChecksums = file.hasChecksums
    }
}

extension Model {
    /// A model from a file, in the fastest engine that there is or in another.
    ///
    /// - Parameters:
    ///   - url: the file, or the directory of a run.
    ///   - customLayers: the types of the ``CustomLayer``s that the model may have.
    /// - Throws: ``ForeignFileError``, ``SafetensorsError``, ``ModelFileError``, ``WeightMismatch``, ``UnknownLayerKind``,
    ///   ``EngineError``.
    public static func load(
        _ url: URL, engine: (any Engine)? = nil, customLayers: [any CustomLayer.Type] = []
    ) async throws -> Model {
        try await load(ModelFile(contentsOf: url, customLayers: customLayers), engine: engine)
    }

    /// A model from a file that has been read.
    ///
    /// - Throws: ``ModelError`` and ``WeightMismatch`` where the file's parts do not fit one another, ``EngineError``.
    public static func load(_ file: ModelFile, engine: (any Engine)? = nil) async throws -> Model {
        try Model(
            file.network, classes: file.classes, preprocessing: file.preprocessing, outputs: file.outputs,
            weights: file.weights, engine: engine ?? Engines.makeDefault())
    }

    /// Writes the model to a file that holds all that predicting needs; see ``ModelFile``.
    ///
    /// - Throws: ``FileWriteError``, and ``ModelError`` where a weight, or a logit for an image that is made up, is not finite; the
    ///   file then holds what it held before.
    public func save(to url: URL) throws {
        let weights = try weights()
        try network.checkValues(weights)
        try ModelFile(
            network: network, classes: classes, preprocessing: preprocessing, outputs: outputs, weights: weights,
            verification: VerificationRecorder(network, engine: engine).record(weights),
            producer: "swift-convnet \(ConvNetVersion.current), \(engineVersion)"
        ).write(to: url)
    }
}

/// A file that is no model, or whose parts do not fit one another.
public struct ModelFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's name.
    public let file: String
    /// What is wrong with it, as the end of a sentence.
    public let problem: String

    /// An error about the file of that name.
    public init(file: String, problem: String) {
        self.file = file
        self.problem = problem
    }

    public var description: String { "\(file) is not a usable model: \(shortened(problem, to: 1000))" }
}
