import ConvNet
import ConvNetTesting

let network = try Network(input: [6]) { Dense(4) }

// snippet.choose
let engine = try Engines.makeDefault(threads: 2)
print(engine.version, engine.threads, engine.warnings)
let model = try Model(network, engine: engine)
// snippet.end

// snippet.precision
let halved = try Engines.makeDefault(precision: .bf16)
// snippet.end

// snippet.algorithms
let untimed = try Engines.makeDefault(algorithms: .estimated)
let exact = try Engines.makeDefault(algorithms: .exact)
// snippet.end

// snippet.engine
/// Prints the graphs that it is given, and leaves the work to another engine.
struct TracingEngine: Engine {
    let base: any Engine

    var name: String { "tracing" }
    var version: String { base.version }
    var instructions: String { base.instructions }
    var threads: Int { base.threads }
    var precision: Precision { base.precision }
    var warnings: [String] { base.warnings }

    func makeSession(for graph: Graph) throws -> any EngineSession {
        for node in graph.nodes { print("\(node.path): \(node.operation) → \(node.shape)") }
        return try base.makeSession(for: graph)
    }
}
// snippet.end

// snippet.ladder
for check in ConformanceCheck.all(in: .bringUp) {
    try check.run(TracingEngine(base: ReferenceEngine()))
    print("passed:", check.name)
}
// snippet.end
