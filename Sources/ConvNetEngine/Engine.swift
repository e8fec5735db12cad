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

/// What a training plan is compiled for.
public struct TrainingConfiguration: Sendable {
    /// What the plan makes small.
    public var loss: any Loss
    /// The rule that updates the parameters.
    public var optimizer: any Optimizer

    /// What dropout draws its numbers from.
    public var seed: UInt64

    /// How each of the graph's parameters is updated; none where all take the step's learning rate and the optimizer's
    /// weight decay.
    public var parameters: [ParameterSettings]
    /// nil leaves gradients as they are.
    public var clipping: GradientClipping?
    /// nil keeps no average of the weights.
    public var averaging: WeightAveraging?

    /// Whether batches may be computed in parts, whose gradients are gathered.
    public var gathersGradients: Bool

    /// Whether targets are given as probabilities.
    public var usesSoftTargets: Bool

    /// The plainest training, unless said otherwise: all parameters alike, nothing clipped, averaged or gathered.
    public init(
        loss: any Loss, optimizer: any Optimizer, seed: UInt64, parameters: [ParameterSettings] = [],
        clipping: GradientClipping? = nil, averaging: WeightAveraging? = nil, gathersGradients: Bool = false,
        usesSoftTargets: Bool = false
    ) {
        self.loss = loss
        self.optimizer = optimizer
        self.seed = seed
        self.parameters = parameters
        self.clipping = clipping
        self.averaging = averaging
        self.gathersGradients = gathersGradients
        self.usesSoftTargets = usesSoftTargets
    }

    /// The arrays, one element for each of a parameter's, that a session keeps from step to step: the optimizer's own
    /// first, then the average, all of which checkpoints hold, then the gradients gathered so far.
    public var stateNames: [String] { checkpointedStateNames + (gathersGradients ? ["gathered_gradient"] : []) }

    package var checkpointedStateNames: [String] {
        optimizer.stateNames + (averaging == nil ? [] : [WeightAveraging.stateName])
    }
}

extension TrainingConfiguration: Equatable {
    public static func == (a: Self, b: Self) -> Bool {
        a.seed == b.seed && a.parameters == b.parameters && a.clipping == b.clipping && a.averaging == b.averaging
            && a.gathersGradients == b.gathersGradients && a.usesSoftTargets == b.usesSoftTargets
            && AnyHashable(a.loss) == AnyHashable(b.loss) && AnyHashable(a.optimizer) == AnyHashable(b.optimizer)
    }
}

/// A graph compiled for one batch size: a flat list of calls on memory set aside beforehand.
public protocol Plan: AnyObject {
    /// Images a call.
    var batchSize: Int { get }

    /// The threads that it computes with: ``Engine/threads``, or fewer where more would gain nothing. The number follows from
    /// the graph, the batch size and the engine's threads alone.
    var threads: Int { get }

    /// The memory of the feature maps, gradients and workspaces, in bytes; parameters not counted.
    var arenaBytes: Int { get }

    /// N×C×H×W, to be filled before ``run()``.
    var images: UnsafeMutableBufferPointer<Float> { get }

    /// N × classes, valid after ``run()`` until the next call.
    var logits: UnsafeBufferPointer<Float> { get }

    /// Computes ``logits`` from ``images``, as in evaluation: dropout does nothing, and auxiliary classifiers are left out.
    func run() throws

    /// Runs the plan some times, by way of `body`, and says what each entry of its list took; the optimizer's update, too.
    func profile(runs: Int, _ body: () throws -> Void) throws -> [PlanCallProfile]
}

/// A plan that trains.
public protocol TrainingPlan: Plan {
    /// N class indices, to be filled before ``step(_:)``.
    var labels: UnsafeMutableBufferPointer<Int32> { get }

    /// N positions of the images in their dataset, which dropout depends on; to be filled before ``step(_:)``.
    var samples: UnsafeMutableBufferPointer<Int32> { get }

    /// N × classes, what each class counts in each image, to be filled before ``step(_:)``; empty where the plan was not
    /// compiled for soft targets.
    var softTargets: UnsafeMutableBufferPointer<Float> { get }

    /// Forward, loss, backward and, with the last part of a batch, the update of all parameters. Allocates nothing, custom
    /// layers apart. The loss is the ``TotalLoss``.
    func step(_ step: TrainingStep) throws -> StepResult

    /// The gradient of the mean loss of the last step with respect to parameter `index`, in the parameter's own layout:
    /// after the last part of a batch that of the whole batch, clipped; zeros for a parameter that is not trainable,
    /// or frozen.
    func gradient(_ index: Int) throws -> [Float]
}

/// What differs from one training step to the next.
public struct TrainingStep: Sendable {
    /// The schedule's for this step.
    public var learningRate: Float
    /// Counted from 0.
    public var epoch: Int
    /// The run's updates up to this one: 1 in the first.
    public var update: Int
    /// Which part of its batch the step computes.
    public var part: BatchPart

    /// A step on a whole batch, unless said otherwise.
    public init(learningRate: Float, epoch: Int, update: Int = 1, part: BatchPart = .whole) {
        self.learningRate = learningRate
        self.epoch = epoch
        self.update = update
        self.part = part
    }
}

/// Which part of a batch a step computes. Parameters change with the last one.
public struct BatchPart: Hashable, Sendable {
    /// Whether gathering starts anew.
    public var isFirst: Bool
    /// Whether the update follows.
    public var isLast: Bool

    /// The sum of the ``StepResult/weight`` of the parts before.
    public var weightBefore: Double

    /// A part between others, or at an end.
    public init(isFirst: Bool, isLast: Bool, weightBefore: Double) {
        self.isFirst = isFirst
        self.isLast = isLast
        self.weightBefore = weightBefore
    }

    /// A batch that is computed at once.
    public static let whole = BatchPart(isFirst: true, isLast: true, weightBefore: 0)
}

extension Graph {
    /// Refuses a graph with an operation that an engine cannot compute. Custom layers compute themselves.
    ///
    /// - Throws: ``EngineError/unsupportedOperation(kind:path:engine:)``.
    public func checkOperations(
        for engine: some Engine, where isSupported: (any Operation) -> Bool
    ) throws(EngineError) {
        for node in nodes.dropFirst() where !(node.operation is any CustomLayer) && !isSupported(node.operation) {
            throw .unsupportedOperation(kind: type(of: node.operation).kind, path: node.path, engine: engine.name)
        }
    }
}

/// A graph that an engine cannot run, or a library that failed.
public enum EngineError: Error, Hashable, Sendable {
    /// An operation that the engine does not know.
    case unsupportedOperation(kind: String, path: LayerPath, engine: String)
    /// A call that the engine's library refused, and with what status.
    case libraryCallFailed(String, status: String)
    /// A library of another major version than the program was built for.
    case wrongLibraryVersion(header: String, library: String)
    /// A library that is not installed, or cannot be loaded, and why.
    case libraryNotFound(String, engine: String, reason: String)
    /// An engine that the program was built without.
    case notBuiltIn(engine: String)
    /// Numbers that an engine cannot compute with on this processor.
    case unsupportedPrecision(Precision, engine: String, reason: String)
    /// A ``BatchNorm`` that would see one value for each channel, whose variance is 0.
    case singleValuePerChannel(path: LayerPath)
    /// A plan that needs more memory than there is, and the largest batch size of which one would fit; 0 where none does.
    case planDoesNotFit(batchSize: Int, bytes: Int, available: Int, fitting: Int)
    /// Images that take more memory to read, as many at a time as are read, than there is.
    case imagesDoNotFit(count: Int, shape: Shape, bytes: Int, available: Int)
    /// Memory that the system did not grant.
    case outOfMemory(bytes: Int)
    /// An array that has not as many elements as its parameter.
    case wrongValueCount(parameter: String, expected: Int, received: Int)
}

extension EngineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unsupportedOperation(let kind, let path, let engine):
            "\(path): the \(engine) engine cannot compute \"\(kind)\"; try the reference engine"
        case .libraryCallFailed(let call, let status):
            "oneDNN failed in \(call): \(status)"
        case .wrongLibraryVersion(let header, let library):
            "built for oneDNN \(header), but the library found at run time is \(library); rebuild, or install \(header)"
        case .libraryNotFound(let library, let engine, let reason):
            "the \(engine) engine needs \(library), which cannot be loaded (\(reason)): install it (Debian, Ubuntu: "
                + "apt-get install libdnnl-dev; macOS: brew install onednn), or use the reference engine"
        case .notBuiltIn(let engine):
            "this program was built without the \(engine) engine; build it with the OneDNN trait, or use the reference engine"
        case .unsupportedPrecision(let precision, let engine, let reason):
            "the \(engine) engine cannot compute with \(precision) here: \(reason); use fp32"
        case .singleValuePerChannel(let path):
            "\(path): batch normalisation has a single value for each channel in a batch of 1, which leaves nothing; "
                + "train with batches of 2 or more"
        case .planDoesNotFit(let batchSize, let bytes, let available, let fitting):
            "a plan for batches of \(batchSize) takes \(bytes.byteSize), and \(available.byteSize) are free; "
                + (fitting > 0 ? "batches of \(fitting) fit" : "not even single images fit: free some memory")
        case .imagesDoNotFit(let count, let shape, let bytes, let available):
            "\(count.counted("image")) of \(shape) take\(count == 1 ? "s" : "") \(bytes.byteSize) to read, and "
                + "\(available.byteSize) are free: take smaller images\(count > 1 ? ", or fewer threads" : "")"
        case .outOfMemory(let bytes):
            "the system does not grant \(bytes.byteSize) of memory; try smaller batches"
        case .wrongValueCount(let parameter, let expected, let received):
            "\(parameter) has \(expected) values, received \(received)"
        }
    }
}

extension EngineError {
    /// Checks that images can be read: their pixels in bytes, and then in floats.
    ///
    /// - Parameters:
    ///   - count: how many at a time.
    ///   - shape: C×H×W.
    package static func checkRoom(forImages count: Int, of shape: Shape) throws(EngineError) {
        let bytes = shape.count.saturatingProduct(5).saturatingProduct(count)
        guard let available = AvailableMemory.tooLittle(for: bytes) else { return }
        throw .imagesDoNotFit(count: count, shape: shape, bytes: bytes, available: available)
    }
}
