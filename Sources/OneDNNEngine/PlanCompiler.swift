#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph
import ConvNetEngine

/// An operation that this engine can carry out.
protocol OneDNNOperation {
    /// Adds the calls that compute node `node`'s output from its inputs, and sets the output.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws

    /// Adds the calls that compute the gradients of the node's parameters and, where needed, of its input.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws
}

/// Turns a graph into the lists of calls that a plan runs.
///
/// Layouts flow: each primitive takes its input as the one before it left it, and says how it leaves its output. Where a
/// primitive would be slow that way the array is converted, which is an entry of its own in the list.
final class PlanCompiler {
    let session: OneDNNSession
    let batchSize: Int
    let training: TrainingConfiguration?
    /// What else the plan is to answer; nothing in plans for inference.
    let request: PlanRequest
    let pass: Pass

    /// Whether the session's parameters move to the layouts that this plan likes best.
    let choosesLayouts: Bool
    /// The memory that the plan may take, in bytes.
    private let limit: Int?
    /// By node, those that this plan computes: inference leaves auxiliary classifiers out.
    private let consumersOfNodes: [[Int]]
    private let isAuxiliary: [Bool]
    let parameterRanges: [Range<Int>]
    /// By node, whether the gradient with respect to its output is computed.
    private let isOnTheWay: [Bool]
    private let frozenNorms: Set<Int>
    /// Nodes that somebody looks at, which stand for themselves: nothing is fused across them.
    private let watchedNodes: Set<Int>
    /// What is kept for whoever asks: row-major copies of nodes' outputs, and of the gradients with respect to these.
    private var keptOutputs: [Int: PlanArray] = [:]
    private var missingOutputs: Set<Int>
    private var keptGradients: [Int: PlanArray] = [:]

    var outputs: [Int: PlanArray] = [:]
    private var inputs: [Int: PlanArray] = [:]
    /// By node; see PlanCompiler+Gradients.swift.
    var gradients: [Int: [Gradient]] = [:]
    private var forwardPrimitives: [Int: Primitive] = [:]
    private var workspaces: [Int: PlanMemory] = [:]
    private var batchStatistics: [Int: BatchStatistics] = [:]
    private var batchNormRecords: [Int: BatchNormKernel.Record] = [:]
    /// By node that concatenates: its output, if others write into it already.
    var concatenations: [Int: PlanArray] = [:]
    /// Nodes whose gradient may be part of a larger array.
    private var acceptsSlicedGradient: Set<Int> = []
    var fused: Set<Int> = []
    var fusedBackward: Set<Int> = []
    var activationsUndone: [Int: Int] = [:]
    var parameterGradients: [Int: PlanMemory] = [:]
    /// Made when the first gradient is: the layouts have been chosen by then.
    private(set) lazy var contiguousGradients = training.flatMap {
        $0.hasContiguousGradients ? session.contiguousGradients(for: $0) : nil
    }
    /// By parameter: copies that some primitives want.
    var parameterCopies: [Int: [PlanArray]] = [:]

    var calls: [PlannedCall] = []
    var refreshCalls: [PlannedCall] = []

    init(
        session: OneDNNSession, batchSize: Int, training: TrainingConfiguration? = nil,
        request: PlanRequest = PlanRequest(),
        choosesLayouts: Bool, limit: Int?
    ) {
        self.limit = limit
        self.session = session
        self.batchSize = batchSize
        self.training = training
        let request = training.map { PlanRequest(outputs: $0.outputs, gradients: $0.gradients) } ?? request
        self.request = request
        self.choosesLayouts = choosesLayouts
        let graph = session.graph
        let isAuxiliary = graph.isAuxiliary
        self.isAuxiliary = isAuxiliary
        let needsAuxiliary = training != nil || request.needsAuxiliary(in: graph)
        consumersOfNodes = graph.consumers.map { $0.filter { needsAuxiliary || !isAuxiliary[$0] } }
        parameterRanges = graph.parameterRanges
        frozenNorms = training?.frozenNorms ?? graph.frozenNorms
        watchedNodes = request.watchedNodes
        missingOutputs = request.outputs
        isOnTheWay = (training.map { PlanRequest(training: $0, graph) } ?? request).isOnTheWay(in: graph)
        var seed = training?.seed ?? 0
        if case .training(let own) = request.mode { seed = own }
        pass = Pass(batchSize: batchSize, seed: seed)
    }

    var graph: Graph { session.graph }
    var context: OpaquePointer { session.context.pointer }
    /// Whether the weights may have changed before every pass.
    var isTraining: Bool { training != nil }
    /// Whether there is a way back, for which the forward pass leaves behind what it needs.
    var hasBackward: Bool { isTraining || request.hasGradients }
    /// Whether passes are as in training: by the statistics of the batch, with dropout.
    var passesAsInTraining: Bool { isTraining || request.isTraining }
    /// Whether a batch norm, by its node, takes its statistics from elsewhere than the batch.
    func hasGivenStatistics(_ node: Int) -> Bool { !passesAsInTraining || frozenNorms.contains(node) }

    /// The numbers that convolutions and dense layers read, and write where nothing else is said.
    var precision: cdnn_type { session.precision }

    /// The numbers that a dense layer writes: logits are told in full.
    func outputType(of node: Int) -> cdnn_type {
        let isLogits = consumersOfNodes[node].allSatisfy { graph.nodes[$0].operation is AuxiliaryOutput }
        return isLogits ? cdnn_float32 : precision
    }

    /// A plan that needs more memory than there may be.
    struct DoesNotFit: Error {
        /// Of these, what the session's other plans have already.
        var shared: Int
        var bytes: Int
    }

    /// What a plan consists of.
    struct Result {
        var session: OneDNNSession
        var batchSize: Int
        /// Calls compute what they should with this many only.
        var threads: Int
        var pass: Pass
        var images: PlanArray
        var logits: PlanArray
        var forward: [any PlanCall]
        /// The forward pass of the auxiliary classifiers, which nothing of ``forward`` depends on.
        var auxiliaryForward: [any PlanCall]
        var backward: [any PlanCall]
        var refresh: [any PlanCall]
        /// By index; parameters that are not trained have none.
        var parameterGradients: [Int: PlanMemory]
        var arena: Arena
        /// Where the gradients of all trained parameters lie, if they are to lie together.
        var contiguousGradients: ContiguousGradients?
        /// Of ``refresh``, ``forward``, ``auxiliaryForward`` and ``backward``, without what is to be measured.
        var profiles: [PlanCallProfile]
    }

    /// A plan that only evaluates.
    func compile() throws -> Result {
        let (images, logits) = try compileEvaluation(try operations())
        return try result(images: images, logits: logits, forward: takeCalls())
    }

    /// A plan that trains, the loss between its forward and its backward calls, and what it keeps besides.
    func compileTraining() throws -> (Result, TotalLoss<Float>, RequestArrays) {
        let operations = try operations()
        let (images, logits) = try compileEvaluation(operations)
        let forward = takeCalls()
        try compileForward(operations, auxiliary: true)
        let auxiliaryForward = takeCalls()
        let last = graph.nodes.count - 1
        var lossArrays: [Int: (logits: PlanArray, gradient: PlanArray)] = [:]
        for node in graph.auxiliaryOutputs + [last] {
            let logits = node == last ? logits : output(node)
            let gradient = try allocate(logits.sizes)
            gradients[node] = [Gradient(array: gradient, isShared: false)]
            lossArrays[node] = (logits, gradient)
        }
        try compileBackward(operations)
        let result = try result(
            images: images, logits: logits, forward: forward, auxiliaryForward: auxiliaryForward,
            loss: lossArrays.values.flatMap { [$0.logits.memory, $0.gradient.memory] }, backward: takeCalls())
        let totalLoss = TotalLoss<Float>(graph, batchSize: batchSize) { node in
            guard let arrays = lossArrays[node] else { preconditionFailure("node \(node) has no loss") }
            return TotalLoss.Arrays(logits: arrays.logits.floats, gradient: arrays.gradient.floats)
        }
        return (result, totalLoss, RequestArrays(outputs: keptOutputs, givenGradients: [:], gradients: keptGradients))
    }

    /// A plan that answers the request, and what it keeps and is given for that.
    func compileRequest() throws -> (Result, RequestArrays) {
        let operations = try operations()
        let (images, logits) = try compileEvaluation(operations)
        if request.needsAuxiliary(in: graph) { try compileForward(operations, auxiliary: true) }
        let forward = takeCalls()
        var given: [Int: PlanArray] = [:]
        for node in request.sources where isOnTheWay[node] {
            let array = try allocate(sizes(node), lifetime: .always)
            given[node] = array
            try addGradient(array, to: node, isShared: true)
        }
        if hasBackward { try compileBackward(operations) }
        let result = try result(images: images, logits: logits, forward: forward, backward: takeCalls())
        return (result, RequestArrays(outputs: keptOutputs, givenGradients: given, gradients: keptGradients))
    }

    /// Adds the calls that lead from the gradients that are there back to all that are wanted.
    private func compileBackward(_ operations: [any OneDNNOperation]) throws {
        for (index, operation) in operations.enumerated().reversed() where needsGradient(index + 1) {
            try keepGradient(index + 1)
            if !fusedBackward.contains(index + 1) { try operation.compileBackward(self, node: index + 1) }
        }
        try keepGradient(0)
    }

    /// Keeps what has been made and is asked for, before a later call may overwrite it.
    private func keepOutputs() throws {
        for node in missingOutputs.filter(hasOutput).sorted() {
            keptOutputs[node] = try kept(output(node), of: node, "output")
            missingOutputs.remove(node)
        }
    }

    /// All that contributes to the gradient is there by now.
    private func keepGradient(_ node: Int) throws {
        guard request.gradients.contains(node) else { return }
        keptGradients[node] = try kept(gradient(node), of: node, "gradient")
    }

    /// A copy: what comes later may overwrite the array itself.
    private func kept(_ array: PlanArray, of node: Int, _ what: String) throws -> PlanArray {
        let copy = try allocate(array.sizes, lifetime: .toTheEnd)
        try appendCopy(array, to: copy, purpose(node, "\(what) kept"))
        return copy
    }

    private func operations() throws -> [any OneDNNOperation] {
        try graph.nodes.dropFirst().map { node in
            if let layer = CustomLayerNode(node, in: graph) { return OneDNNCustomLayer(layer: layer) }
            guard let operation = node.operation as? any OneDNNOperation else {
                throw EngineError.unsupportedOperation(
                    kind: type(of: node.operation).kind, path: node.path, engine: "onednn")
            }
            return operation
        }
    }

    /// Adds the calls that compute the logits, row-major, from the images.
    private func compileEvaluation(
        _ operations: [any OneDNNOperation]
    ) throws -> (images: PlanArray, logits: PlanArray) {
        let images = try allocate([batchSize] + graph.inputShape.dimensions, lifetime: .always)
        outputs[0] = images
        try keepOutputs()
        try compileForward(operations, auxiliary: false)
        let last = output(graph.nodes.count - 1)
        let logits = try array(last, as: .plain(last.sizes), "logits")
        logits.memory.lifetime = .always
        return (images, logits)
    }

    /// Lays out the memory of all calls, and makes them.
    private func result(
        images: PlanArray, logits: PlanArray, forward: [PlannedCall], auxiliaryForward: [PlannedCall] = [],
        loss: [PlanMemory] = [], backward: [PlannedCall] = []
    ) throws -> Result {
        // Images and logits are used by whoever runs the plan, if by nobody else.
        let before = [[images.memory, logits.memory]] + (refreshCalls + forward + auxiliaryForward).map { $0.memory() }
        let layout = ArenaLayout(calls: before + [loss] + backward.map { $0.memory() })
        let bytes = layout.bytes + (contiguousGradients?.bytes ?? 0)
        let shared = min(layout.shared.bytes, session.sharedMemory.bytes)
        if let limit, bytes - shared > limit { throw DoesNotFit(shared: shared, bytes: bytes) }
        let arena = try Arena(layout, sharing: session.sharedMemory)
        let planned = refreshCalls + forward + auxiliaryForward + backward
        let profiles = planned.map { call in
            var seen: Set<ObjectIdentifier> = []
            let memory = call.memory().filter { seen.insert(ObjectIdentifier($0)).inserted }
            return PlanCallProfile(
                purpose: call.purpose, implementation: "", seconds: 0, operations: call.operations,
                bytes: call.bytes ?? memory.reduce(0) { $0 + $1.bytes })
        }
        return Result(
            session: session, batchSize: batchSize, threads: session.threads, pass: pass, images: images,
            logits: logits,
            forward: try forward.map { try $0.make() }, auxiliaryForward: try auxiliaryForward.map { try $0.make() },
            backward: try backward.map { try $0.make() }, refresh: try refreshCalls.map { try $0.make() },
            parameterGradients: parameterGradients.filter { trains($0.key) },
            arena: arena, contiguousGradients: contiguousGradients, profiles: profiles)
    }

    /// Auxiliary classifiers come after everything else, so that evaluation can leave their calls out.
    private func compileForward(_ operations: [any OneDNNOperation], auxiliary: Bool) throws {
        for (index, operation) in operations.enumerated()
        where isAuxiliary[index + 1] == auxiliary {
            if !fused.contains(index + 1) { try operation.compileForward(self, node: index + 1) }
            try keepOutputs()
        }
    }

    /// Whether anything that is trained or asked for depends on the gradient with respect to a node's output.
    func needsGradient(_ node: Int) -> Bool { isOnTheWay[node] }

    /// Whether a parameter is trained, or its gradient asked for.
    private func trains(_ parameter: Int) -> Bool {
        training.map { $0.trains(parameter, of: graph) } ?? request.parameterGradients.contains(parameter)
    }

    /// Whether a node has parameters that are trained, or gradients of them asked for.
    func trainsParameters(of node: Int) -> Bool { parameterRanges[node].contains(where: trains) }

    private func takeCalls() -> [PlannedCall] {
        defer { calls = [] }
        return calls
    }

    // MARK: Arrays

    /// The sizes of a node's output for the whole batch.
    func sizes(_ node: Int) -> [Int] { [batchSize] + graph.nodes[node].shape.dimensions }

    func output(_ node: Int) -> PlanArray {
        guard let output = outputs[node] else { preconditionFailure("node \(node) was not compiled yet") }
        return output
    }

    func hasOutput(_ node: Int) -> Bool { outputs[node] != nil }

    func setOutput(_ node: Int, _ array: PlanArray) { outputs[node] = array }

    /// The nodes of this plan that read a node's output.
    func consumers(of node: Int) -> [Int] { consumersOfNodes[node] }

    /// The one node that reads a node's output, where nobody else looks at that.
    func onlyConsumer(of node: Int) -> Int? {
        consumersOfNodes[node].count == 1 && !watchedNodes.contains(node) ? consumersOfNodes[node][0] : nil
    }

    func batchNormRecord(_ node: Int) -> BatchNormKernel.Record? { batchNormRecords[node] }
    func setBatchNormRecord(_ node: Int, _ record: BatchNormKernel.Record) { batchNormRecords[node] = record }

    func acceptSlicedGradient(_ node: Int) { acceptsSlicedGradient.insert(node) }
    func mayHaveSlicedGradient(_ node: Int) -> Bool { acceptsSlicedGradient.contains(node) }

    /// Says that the backward calls of others undo these nodes.
    func skipBackward(_ nodes: [Int]) { fusedBackward.formUnion(nodes) }

    /// Says that others compute these nodes.
    func skip(_ nodes: [Int]) { fused.formUnion(nodes) }

    /// A node's input as its forward pass read it, which may be a conversion of what its source wrote.
    func input(_ node: Int) -> PlanArray { inputs[node] ?? output(source(node)) }

    func setInput(_ node: Int, _ array: PlanArray) { inputs[node] = array }

    /// The node whose output goes into `node`.
    func source(_ node: Int) -> Int { graph.nodes[node].inputs[0] }

    // MARK: Calls

    /// Adds a call.
    ///
    /// - Parameters:
    ///   - memory: all that it reads and writes.
    ///   - make: makes it, once that has its place.
    func append(_ purpose: String, using memory: [PlanMemory], _ make: @escaping () throws -> any PlanCall) {
        calls.append(PlannedCall(purpose: purpose, memory: { memory }, make: make))
    }

    func append(_ call: PlannedCall) { calls.append(call) }

    /// Adds calls that inference runs only when the weights have changed.
    func appendRefresh(_ calls: [PlannedCall]) { refreshCalls += calls }

    /// Adds a call on arrays that may be parts of larger ones, and on other memory.
    func append(
        _ purpose: String, using arrays: [PlanArray?], _ others: [PlanMemory?] = [],
        _ make: @escaping () throws -> any PlanCall
    ) {
        let pieces =
            arrays.compactMap { $0.map { ($0.memory, $0.bytes) } } + others.compactMap { $0.map { ($0, $0.bytes) } }
        let memory = pieces.map(\.0)
        // What is overwritten in place counts once, as it does elsewhere.
        var seen: Set<ObjectIdentifier> = []
        let bytes = pieces.reduce(0) { $0 + (seen.insert(ObjectIdentifier($1.0)).inserted ? $1.1 : 0) }
        calls.append(PlannedCall(purpose: purpose, memory: { memory }, bytes: bytes, make: make))
    }

    /// Adds a primitive, whose other arrays the caller binds, before or afterwards.
    func append(_ primitive: Primitive) throws { calls.append(try primitive.planned()) }

    func forwardPrimitive(_ node: Int) -> Primitive {
        guard let primitive = forwardPrimitives[node] else { preconditionFailure("node \(node) has no primitive") }
        return primitive
    }

    func hasForwardPrimitive(_ node: Int) -> Bool { forwardPrimitives[node] != nil }

    func setForwardPrimitive(_ node: Int, _ primitive: Primitive) { forwardPrimitives[node] = primitive }

    /// What a forward primitive leaves behind for its backward one.
    func workspace(_ node: Int) -> PlanMemory? { workspaces[node] }

    /// Mean and variance of the batch that is running, which a ``BatchNorm``'s forward pass leaves for its backward pass.
    func batchStatistics(_ node: Int, channels: Int) -> BatchStatistics {
        if let statistics = batchStatistics[node] { return statistics }
        let bytes = channels * MemoryLayout<Float>.stride
        let statistics = BatchStatistics(mean: PlanMemory(bytes: bytes), variance: PlanMemory(bytes: bytes))
        batchStatistics[node] = statistics
        return statistics
    }

    func setWorkspace(_ node: Int, _ memory: PlanMemory) { workspaces[node] = memory }

    func purpose(_ node: Int, _ what: String) -> String { "\(graph.nodes[node].path): \(what)" }
}

/// Arrays that whoever has asked for them reads and writes, row-major, by node.
struct RequestArrays {
    var outputs: [Int: PlanArray]
    var givenGradients: [Int: PlanArray]
    var gradients: [Int: PlanArray]
}

extension PlanRequest {
    /// What training asks for: the gradients of all that it trains, from the losses.
    fileprivate init(training: TrainingConfiguration, _ graph: Graph) {
        self.init(
            mode: .training(seed: training.seed), sources: Set(graph.auxiliaryOutputs + [graph.nodes.count - 1]),
            gradients: training.gradients,
            parameterGradients: Set(graph.parameters.indices.filter { training.trains($0, of: graph) }))
    }
}

/// What the calls of a plan need to know of the pass that is running.
final class Pass {
    let seed: UInt64
    let samples: AlignedBuffer<Int32>
    var epoch = 0
    var isTraining = false

    init(batchSize: Int, seed: UInt64) {
        samples = AlignedBuffer(count: batchSize)
        self.seed = seed
    }
}
#endif
