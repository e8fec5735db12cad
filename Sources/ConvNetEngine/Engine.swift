import ConvNetGraph
import ConvNetPages

/// Something that can run networks: it turns graphs into plans.
///
/// An engine itself is a small value, for example the number of threads. What belongs to one model (its parameters, in
/// the layout that the engine likes) lives in an ``EngineSession``.
public protocol Engine: Sendable {
    /// What the command's `--engine` calls it: `onednn`, `reference`.
    var name: String { get }

    /// The name with the version of what does the arithmetic, e.g. `oneDNN 2.6.3`. A run can be resumed bit for bit
    /// only with the same one.
    var version: String { get }

    /// The processor's instructions that it computes with, where its results depend on them, e.g. `avx512_core_bf16`; empty
    /// where they do not.
    var instructions: String { get }

    /// The number of threads that computations use.
    var threads: Int { get }

    /// The numbers that computations use.
    var precision: Precision { get }

    /// What a user should know before a long run, a sentence each: that the engine will be slow here, say. Empty where
    /// all is well.
    var warnings: [String] { get }

    /// Takes on a graph, with all parameters zero.
    ///
    /// - Throws: ``EngineError`` where the graph has an operation that this engine does not know.
    func makeSession(for graph: Graph) throws -> any EngineSession
}

extension Engine {
    public var instructions: String { "" }
    public var warnings: [String] { [] }
    public var precision: Precision { .fp32 }
}

extension EngineSession {
    public func measureLimits() -> MachineLimits? { nil }
    public func planBytes(batchSize: Int, training: TrainingConfiguration?) throws -> Int? { nil }
    public func planThreads(batchSize: Int, training: TrainingConfiguration?) -> Int? { nil }

    /// None: there is one algorithm for everything.
    public var algorithms: [String: String] {
        get { [:] }
        set {}
    }
}

/// One model's parameters and optimizer state in an engine, and the plans compiled for them.
///
/// There is one float32 master copy of each parameter, in a layout of the engine's choice, shared by all plans. What goes
/// in and comes out here is in the parameter's own (PyTorch's) layout. All calls to a session and to its plans come from
/// one thread.
public protocol EngineSession: AnyObject {
    /// Compiles a plan that only computes the network's outputs.
    func makeInferencePlan(batchSize: Int) throws -> any Plan

    /// Compiles a plan that also computes gradients and updates the parameters. The first one may move the parameters to
    /// another layout; see ``layoutGeneration``.
    func makeTrainingPlan(batchSize: Int, training: TrainingConfiguration) throws -> any TrainingPlan

    /// Compiles a plan that answers a request: for looking inside a network. It updates nothing, but for the running statistics
    /// of batch norms in training mode.
    ///
    /// - Throws: as ``PlanRequest/validate(for:)``, and what compiling throws.
    func makePlan(batchSize: Int, request: PlanRequest) throws -> any RequestPlan

    /// The memory that a plan would take beside the parameters, in bytes: ``Plan/arenaBytes``. nil where the engine cannot tell
    /// without making it.
    ///
    /// - Parameter training: nil for a plan that only computes outputs.
    func planBytes(batchSize: Int, training: TrainingConfiguration?) throws -> Int?

    /// The threads that a plan would compute with: ``Plan/threads``. nil where the engine cannot tell without making it.
    ///
    /// - Parameter training: nil for a plan that only computes outputs.
    func planThreads(batchSize: Int, training: TrainingConfiguration?) -> Int?

    /// Increases when the parameters move to another layout: plans compiled before are then out of date.
    var layoutGeneration: Int { get }

    /// Which algorithm computes which convolution, in the engine's own words: what was chosen when plans were compiled.
    ///
    /// Given to another session before its plans are compiled, it leads to the same choices there.
    var algorithms: [String: String] { get set }

    /// The values of parameter `index` of the graph.
    func parameter(_ index: Int) throws -> [Float]
    /// Gives parameter `index` of the graph new values.
    ///
    /// - Throws: ``EngineError/wrongValueCount(parameter:expected:received:)``.
    func setParameter(_ index: Int, to values: [Float]) throws

    /// Measures what the machine can do at most with this session's threads and precision; nil where the engine is too slow
    /// for that to matter.
    func measureLimits() -> MachineLimits?

    /// The optimizer's array `name` for parameter `index`; zeros before the first step.
    func optimizerState(_ name: String, of index: Int) throws -> [Float]
    /// Gives the optimizer's array `name` for parameter `index` new values.
    ///
    /// - Throws: ``EngineError/wrongValueCount(parameter:expected:received:)``.
    func setOptimizerState(_ name: String, of index: Int, to values: [Float]) throws
}

extension Graph {
    /// Refuses a graph with an operation that an engine cannot compute. Custom layers compute themselves.
    ///
    /// - Throws: ``EngineError/unsupportedOperation(kind:path:engine:)``.
    public func checkOperations(
        for engine: some Engine, where isSupported: (any GraphOperation) -> Bool
    ) throws(EngineError) {
        for node in nodes.dropFirst() where !(node.operation is any CustomLayer) && !isSupported(node.operation) {
            throw .unsupportedOperation(kind: type(of: node.operation).kind, path: node.path, engine: engine.name)
        }
    }
}
