import Foundation
import Testing

@testable import ConvNetGraph

/// Files come from strangers: what is not a valid graph is refused, with the same checks as a network written in Swift.
@Suite struct GraphDecodingTests {
    private let input = """
        {"path": [], "operation": {"kind": "input", "shape": [1, 4, 4]}, "inputs": [], "shape": [1, 4, 4]}
        """

    private func relu(path: String = #"["relu"]"#, inputs: String = "[0]", shape: String = "[1, 4, 4]") -> String {
        #"{"path": \#(path), "operation": {"kind": "relu"}, "inputs": \#(inputs), "shape": \#(shape)}"#
    }

    private func decode(_ json: String) throws -> Graph {
        try JSONDecoder().decode(Graph.self, from: Data(json.utf8))
    }

    private func decode(nodes: String...) throws -> Graph {
        try decode(#"{"version": 1, "nodes": [\#(nodes.joined(separator: ", "))]}"#)
    }

    private func networkError(nodes: String...) throws -> NetworkError? {
        #expect(throws: NetworkError.self) {
            try decode(#"{"version": 1, "nodes": [\#(nodes.joined(separator: ", "))]}"#)
        }
    }

    @Test func validGraph() throws {
        #expect(try decode(nodes: input, relu()) == Network(input: [1, 4, 4]) { ReLU().named("relu") }.graph)
    }

    @Test func wrongVersion() throws {
        for version in ["0", "2", "-1", "9223372036854775807"] {
            let error = try #require(throws: DecodingError.self) {
                try decode(#"{"version": \#(version), "nodes": [\#(input), \#(relu())]}"#)
            }
            guard case .dataCorrupted(let context) = error else { throw error }
            #expect(context.debugDescription == "graph version \(version); this program reads version 1")
        }
    }

    @Test func unknownKind() throws {
        let node = #"{"path": ["a"], "operation": {"kind": "conv3d"}, "inputs": [0], "shape": [1, 4, 4]}"#
        let error = try #require(throws: UnknownLayerKind.self) { try decode(nodes: input, node) }
        #expect(error == UnknownLayerKind(kind: "conv3d", path: LayerPath(["a"])))
        #expect(
            "\(error)" == "unknown kind of layer \"conv3d\" at a; "
                + "if it is a custom layer, give its type where the model is loaded: customLayers: […]")
    }

    @Test func unknownPadding() throws {
        let node = """
            {"path": ["a"], "operation": {"kind": "max_pool2d", "kernel": [1, 1], "stride": [1, 1], "padding": "full"}, \
            "inputs": [0], "shape": [1, 4, 4]}
            """
        let error = try #require(throws: DecodingError.self) { try decode(nodes: input, node) }
        guard case .dataCorrupted(let context) = error else { throw error }
        #expect(context.debugDescription == "padding is \"valid\", \"same\" or four numbers, not \"full\"")
    }

    @Test(arguments: [
        "", "null", "1", "[]", "{}", "{", #""graph""#, #"{"version": 1}"#, #"{"nodes": []}"#,
        #"{"version": "1", "nodes": []}"#, #"{"version": 1.5, "nodes": []}"#, #"{"version": 1, "nodes": {}}"#,
        #"{"version": 1, "nodes": [null]}"#, #"{"version": 1, "nodes": [{}]}"#, #"{"version": 1e99, "nodes": []}"#,
    ])
    func notAGraph(json: String) {
        #expect(throws: DecodingError.self) { try decode(json) }
    }

    @Test(arguments: ["path", "operation", "inputs", "shape", "kind", "filters", "kernel", "bias", "weightInitializer"])
    func missingField(name: String) throws {
        let graph = try Network(input: [1, 4, 4]) { Conv2D(1, kernel: 1) }.graph
        let json = try String(decoding: JSONEncoder().encode(graph), as: UTF8.self)
        #expect(throws: DecodingError.self) {
            try decode(json.replacingOccurrences(of: "\"\(name)\"", with: "\"absent\""))
        }
    }

    @Test func emptyNodes() throws {
        #expect(try networkError() == NetworkError(path: LayerPath(), problem: .empty))
        #expect(try networkError(nodes: input) == NetworkError(path: LayerPath(), problem: .empty))
    }

    @Test(arguments: [-1, 1, 2, 3, 1 << 40, .max, .min])
    func inputsThatAreNotBefore(index: Int) throws {
        let error = try networkError(nodes: input, relu(inputs: "[\(index)]"), relu(path: #"["b"]"#, inputs: "[1]"))
        #expect(error == NetworkError(path: LayerPath(["relu"]), problem: .inputNotBefore(index)))
    }

    @Test func wrongInputCount() throws {
        for (inputs, count) in [("[]", 0), ("[0, 0]", 2), ("[0, 0, 0]", 3)] {
            #expect(
                try networkError(nodes: input, relu(inputs: inputs))
                    == NetworkError(
                        path: LayerPath(["relu"]), problem: .wrongInputCount(expected: 1, received: count)))
        }
    }

    @Test func misplacedInput() throws {
        let second = input.replacingOccurrences(of: #""path": []"#, with: #""path": ["b"]"#)
        #expect(try networkError(nodes: input, second)?.problem == .inputNotFirst)
        #expect(try networkError(nodes: relu(), relu())?.problem == .inputNotFirst)
        #expect(try networkError(nodes: relu(inputs: "[]"), relu())?.problem == .inputNotFirst)
    }

    @Test(arguments: ["[]", "[1, 4]", "[1, 4, 5]", "[4, 4, 1]", "[16]", "[-1, -4, 4]", "[9223372036854775807, 1, 1]"])
    func wrongShape(shape: String) throws {
        let error = try networkError(nodes: input, relu(shape: shape))
        let received = try JSONDecoder().decode(Shape.self, from: Data(shape.utf8))
        #expect(error?.problem == .wrongShape(expected: [1, 4, 4], received: received))
    }

    @Test func duplicatePath() throws {
        #expect(
            try networkError(nodes: input, relu(), relu(inputs: "[1]"))
                == NetworkError(path: LayerPath(["relu"]), problem: .duplicateName("relu")))
    }

    /// Otherwise the paths `["a.b"]` and `["a", "b"]` would make two parameters called `a.b.weight`.
    @Test func namesOfPaths() throws {
        #expect(try networkError(nodes: input, relu(path: #"["a.b"]"#))?.problem == .invalidName("a.b"))
        #expect(try networkError(nodes: input, relu(path: #"["a", ""]"#))?.problem == .invalidName(""))
    }

    @Test func outputNotUsed() throws {
        #expect(
            try networkError(nodes: input, relu(), relu(path: #"["b"]"#))
                == NetworkError(path: LayerPath(["relu"]), problem: .outputNotUsed))
    }

    @Test(arguments: [
        "[]", "[4, 4]", "[1, 1, 4, 4]", "[0]", "[-1, 4, 4]", "[9223372036854775807, 2, 2]", "[2147483648]",
    ])
    func hostileInputShapes(shape: String) {
        #expect(throws: NetworkError.self) {
            try decode(nodes: input.replacingOccurrences(of: "[1, 4, 4]", with: shape), relu(shape: shape))
        }
    }

    /// A reader that calls itself for each level would use up its stack.
    @Test func deepNesting() {
        for (open, close) in [("[", "]"), (#"{"nodes":"#, "}")] {
            let depth = 50_000
            let json = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            #expect(throws: (any Error).self) { try decode(json) }
            #expect(throws: (any Error).self) { try decode(#"{"version": 1, "nodes": \#(json)}"#) }
            #expect(throws: (any Error).self) { try decode(nodes: input, relu(path: json)) }
        }
    }

    @Test func manyNodes() throws {
        let count = 20_000
        let layers = (1...count).map { relu(path: #"["\#($0)"]"#, inputs: "[\($0 - 1)]") }
        let nodes = ([input] + layers).joined(separator: ", ")
        #expect(try decode(#"{"version": 1, "nodes": [\#(nodes)]}"#).nodes.count == count + 1)
    }
}
