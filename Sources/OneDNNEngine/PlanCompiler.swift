#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetCore

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
    let pass: Pass

    /// Whether the session's parameters move to the layouts that this plan likes best.
    let choosesLayouts: Bool
    /// The memory that the plan may take, in bytes.
    private let limit: Int?
    /// By node, those that this plan computes: inference leaves auxiliary classifiers out.
    private let consumersOfNodes: [[Int]]
    private let isAuxiliary: [Bool]
    private let parameterRanges: [Range<Int>]

    private var outputs: [Int: PlanArray] = [:]
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
    private var fused: Set<Int> = []
    private var fusedBackward: Set<Int> = []
    private var activationsUndone: [Int: Int] = [:]
    private var parameterGradients: [Int: PlanMemory] = [:]
    /// By parameter: copies that some primitives want.
    private var parameterCopies: [Int: [PlanArray]] = [:]

    private var calls: [PlannedCall] = []
    private var refreshCalls: [PlannedCall] = []

    init(
        session: OneDNNSession, batchSize: Int, training: TrainingConfiguration?, choosesLayouts: Bool, limit: Int?
    ) {
        self.limit = limit
        self.session = session
        self.batchSize = batchSize
        self.training = training
        self.choosesLayouts = choosesLayouts
        let isAuxiliary = session.graph.isAuxiliary
        self.isAuxiliary = isAuxiliary
        consumersOfNodes = session.graph.consumers.map { $0.filter { training != nil || !isAuxiliary[$0] } }
        parameterRanges = session.graph.parameterRanges
        pass = Pass(batchSize: batchSize, seed: training?.seed ?? 0)
    }

    var graph: Graph { session.graph }
    var context: OpaquePointer { session.context.pointer }
    var isTraining: Bool { training != nil }

    /// The numbers that convolutions and dense layers read, and write where nothing else is said.
    var precision: cdnn_type { session.precision }

    /// The numbers that a dense layer writes: logits are told in full.
    func outputType(of node: Int) -> cdnn_type {
        let isLogits = consumersOfNodes[node].allSatisfy { graph.nodes[$0].operation is AuxiliaryOutput }
        return isLogits ? cdnn_float32 : precision
    }

    /// A plan that needs more memory than there may be.
    struct DoesNotFit: Error {
        var bytes: Int
    }

    /// What a plan consists of.
    struct Result {
        var session: OneDNNSession
        var batchSize: Int
        var pass: Pass
        var images: PlanArray
        var logits: PlanArray
        var forward: [any PlanCall]
        /// The forward pass of the auxiliary classifiers, which nothing of ``forward`` depends on.
        var auxiliaryForward: [any PlanCall]
        var backward: [any PlanCall]
        var refresh: [any PlanCall]
        /// By index; parameters that are not trainable have none.
        var parameterGradients: [Int: PlanMemory]
        var arena: Arena
        /// Of ``refresh``, ``forward``, ``auxiliaryForward`` and ``backward``, without what is to be measured.
        var profiles: [PlanCallProfile]
    }

    /// A plan that only evaluates.
    func compile() throws -> Result {
        let (images, logits) = try compileEvaluation(try operations())
        return try result(images: images, logits: logits, forward: takeCalls())
    }

    /// A plan that trains, and the loss between its forward and its backward calls.
    func compileTraining() throws -> (Result, TotalLoss<Float>) {
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
        for (index, operation) in operations.enumerated().reversed() where !fusedBackward.contains(index + 1) {
            try operation.compileBackward(self, node: index + 1)
        }
        let result = try result(
            images: images, logits: logits, forward: forward, auxiliaryForward: auxiliaryForward,
            loss: lossArrays.values.flatMap { [$0.logits.memory, $0.gradient.memory] }, backward: takeCalls())
        let totalLoss = TotalLoss<Float>(graph, batchSize: batchSize) { node in
            guard let arrays = lossArrays[node] else { preconditionFailure("node \(node) has no loss") }
            return TotalLoss.Arrays(logits: arrays.logits.floats, gradient: arrays.gradient.floats)
        }
        return (result, totalLoss)
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
        if let limit, layout.bytes > limit { throw DoesNotFit(bytes: layout.bytes) }
        let arena = try Arena(layout)
        let planned = refreshCalls + forward + auxiliaryForward + backward
        let profiles = planned.map { call in
            var seen: Set<ObjectIdentifier> = []
            let memory = call.memory().filter { seen.insert(ObjectIdentifier($0)).inserted }
            return PlanCallProfile(
                purpose: call.purpose, implementation: "", seconds: 0, operations: call.operations,
                bytes: memory.reduce(0) { $0 + $1.bytes })
        }
        return Result(
            session: session, batchSize: batchSize, pass: pass, images: images, logits: logits,
            forward: try forward.map { try $0.make() }, auxiliaryForward: try auxiliaryForward.map { try $0.make() },
            backward: try backward.map { try $0.make() }, refresh: try refreshCalls.map { try $0.make() },
            parameterGradients: parameterGradients.filter { graph.parameters[$0.key].isTrainable }, arena: arena,
            profiles: profiles)
    }

    /// Auxiliary classifiers come after everything else, so that evaluation can leave their calls out.
    private func compileForward(_ operations: [any OneDNNOperation], auxiliary: Bool) throws {
        for (index, operation) in operations.enumerated()
        where isAuxiliary[index + 1] == auxiliary && !fused.contains(index + 1) {
            try operation.compileForward(self, node: index + 1)
        }
    }

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

    func onlyConsumer(of node: Int) -> Int? { consumersOfNodes[node].count == 1 ? consumersOfNodes[node][0] : nil }

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

    /// Adds a call that sums arrays of equal layout, one of which may be the target: two of them or, where they are feature
    /// maps that kernels take, up to four.
    ///
    /// - Parameters:
    ///   - mask: takes down where ReLU lets pass.
    ///   - gradientMask: what lets the sum pass, if anything is to hold it back.
    func appendSum(
        _ arrays: [PlanArray], into target: PlanArray, relu: Bool = false, mask: PlanMemory? = nil,
        gradientMask: PlanMemory? = nil, _ purpose: String
    ) throws {
        if target.isMap, arrays.allSatisfy({ $0.isMap && $0.layout.type == target.layout.type }) {
            return append(purpose, using: (arrays + [target]).map(\.memory) + [mask, gradientMask].compactMap { $0 }) {
                [threads = session.threads] in
                var arguments = cker_sum_arguments()
                arguments.shape = target.mapShape
                arguments.count = CInt(arrays.count)
                withUnsafeMutableBytes(of: &arguments.addends) { bytes in
                    let maps = bytes.bindMemory(to: cker_map.self)
                    for (index, array) in arrays.enumerated() { maps[index] = array.map }
                }
                arguments.output = target.map
                arguments.relu = relu
                arguments.relu_mask = mask?.bits
                arguments.gradient_mask = UnsafePointer(gradientMask?.bits)
                let complete = arguments
                return KernelCall(threads: threads, phases: 1) { _, part, parts in
                    withUnsafePointer(to: complete) { cker_sum($0, CInt(part), CInt(parts)) }
                }
            }
        }
        let (first, second) = (arrays[0], arrays[1])
        let context = context
        let primitive = try Primitive(purpose) {
            cdnn_add(context, first.layout.pointer, second.layout.pointer, target.layout.pointer, relu, $0)
        }
        primitive.bind(cdnn_source, to: first.memory)
        primitive.bind(cdnn_second_source, to: second.memory)
        primitive.bind(cdnn_output, to: target.memory)
        try append(primitive)
    }

    func allocate(
        _ sizes: [Int], _ layout: Layout? = nil, lifetime: PlanMemory.Lifetime = .used
    ) throws -> PlanArray {
        let layout = try layout ?? .plain(sizes)
        return PlanArray(sizes: sizes, layout: layout, memory: PlanMemory(bytes: layout.bytes, lifetime: lifetime))
    }

    /// The array itself where it lies in `layout`, else a copy that does.
    func array(_ array: PlanArray, as layout: Layout, _ purpose: String) throws -> PlanArray {
        guard array.layout != layout else { return array }
        let copy = try allocate(array.sizes, layout)
        calls += try conversion(array, to: copy, "\(purpose): conversion")
        return copy
    }

    /// The array itself where it has the sizes and the layout of `other`, else a copy that does. Sizes may differ where one
    /// of the two is a flattened feature map.
    func array(_ array: PlanArray, like other: PlanArray, _ purpose: String) throws -> PlanArray {
        var array = array
        if array.sizes != other.sizes {
            array = try self.array(array, as: .plain(array.sizes, array.layout.type), purpose)
            array = try array.described(as: other.sizes)
        }
        return try self.array(array, as: other.layout, purpose)
    }

    /// A row-major array of the sizes that the node's shape says: what flattened it lies as now where need be.
    func plainArray(_ array: PlanArray, of node: Int, _ what: String) throws -> PlanArray {
        let plain = try self.array(array, as: .plain(array.sizes), purpose(node, what))
        return try plain.described(as: sizes(node))
    }

    /// The array itself if its elements are of single precision and can be told apart by sample, channel, row and column,
    /// else a copy in which they are.
    func readableArray(_ array: PlanArray, of node: Int, _ what: String) throws -> PlanArray {
        try self.array(
            array, as: array.layout.channelBlock.map { try .blocked(array.sizes, by: $0) } ?? .plain(array.sizes),
            purpose(node, what))
    }

    /// Adds a call that copies an array into part of another, or part of one into an array.
    func appendCopy(_ from: PlanArray, to: PlanArray, _ purpose: String) throws {
        calls += try conversion(from, to: to, purpose)
    }

    /// The calls that copy an array into another layout.
    func conversion(_ from: PlanArray, to: PlanArray, _ purpose: String) throws -> [PlannedCall] {
        guard let detour = try from.layout.detour(to: to.layout) else {
            return [try reorder(from, to: to, purpose)]
        }
        let between = try allocate(from.sizes, detour)
        return [try reorder(from, to: between, purpose), try reorder(between, to: to, purpose)]
    }

    private func reorder(_ from: PlanArray, to: PlanArray, _ purpose: String) throws -> PlannedCall {
        let context = context
        let primitive = try Primitive(purpose) {
            cdnn_reorder(context, from.layout.pointer, to.layout.pointer, $0)
        }
        primitive.bind(cdnn_source, to: from.memory)
        primitive.bind(cdnn_output, to: to.memory)
        return try primitive.planned()
    }

    // MARK: Parameters

    /// The graph's index of a node's parameter.
    func parameterIndex(_ node: Int, _ parameter: Int) -> Int { parameterRanges[node].lowerBound + parameter }

    /// The graph's indices of a node's parameters.
    func parameterIndices(of node: Int) -> Range<Int> { parameterRanges[node] }

    /// A node's parameter in the layout that a primitive wants.
    ///
    /// Where that is not the master's, the copy is renewed in every training step, and in inference when the weights
    /// have changed.
    func parameter(_ node: Int, _ parameter: Int, as layout: Layout) throws -> PlanMemory {
        let index = parameterIndex(node, parameter)
        let master = session.masters[index]
        guard master.layout != layout else { return master.memory }
        if let copy = parameterCopies[index]?.first(where: { $0.layout == layout }) { return copy.memory }
        let from = PlanArray(sizes: [], layout: master.layout, memory: master.memory)
        let copy = try allocate([], layout, lifetime: isTraining ? .used : .always)
        let renewal = try conversion(from, to: copy, "\(graph.parameters[index].name): conversion")
        if isTraining { calls += renewal } else { refreshCalls += renewal }
        parameterCopies[index, default: []].append(copy)
        return copy.memory
    }

    /// A node's parameter that lies row-major in every plan, such as a vector.
    func master(_ node: Int, _ parameter: Int) -> PlanMemory {
        session.masters[parameterIndex(node, parameter)].memory
    }

    /// Lets the parameter move to `layout` if this plan is the one that chooses.
    func prefer(_ layout: Layout, for node: Int, _ parameter: Int) throws {
        if choosesLayouts { try session.move(parameterIndex(node, parameter), to: layout) }
    }

    /// Where the calls of a node write the gradient of its parameter, as the master lies.
    func allocateParameterGradient(_ node: Int, _ parameter: Int) -> PlanMemory {
        let index = parameterIndex(node, parameter)
        let gradient = PlanMemory(bytes: session.masters[index].layout.bytes, lifetime: .toTheEnd)
        parameterGradients[index] = gradient
        return gradient
    }

    /// Lets `compute` add a call that writes the gradient of a node's parameter in a layout of its own.
    ///
    /// A conversion to the master's layout follows it in the list, where need be.
    func withParameterGradient(
        _ node: Int, _ parameter: Int, _ layout: Layout, _ compute: (PlanMemory) throws -> Void
    ) throws {
        let index = parameterIndex(node, parameter)
        let master = session.masters[index].layout
        let gradient = allocateParameterGradient(node, parameter)
        if layout == master { return try compute(gradient) }
        let own = try allocate([], layout)
        try compute(own.memory)
        let target = PlanArray(sizes: [], layout: master, memory: gradient)
        calls += try conversion(own, to: target, "gradient of \(graph.parameters[index].name): conversion")
    }

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

    func append(_ purpose: String, using arrays: [PlanArray], _ make: @escaping () throws -> any PlanCall) {
        append(purpose, using: arrays.map(\.memory), make)
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

    /// The activation that follows a node and nothing else does, so that the node's primitive can apply it too.
    ///
    /// In training not where the derivative is told from the activation's input, which would then be nowhere.
    ///
    /// Saves a pass over memory: writing the output, reading it and writing it again.
    func fusableActivation(after node: Int) -> (node: Int, activation: cdnn_activation)? {
        guard let next = onlyConsumer(of: node),
            let activation = graph.nodes[next].operation as? any OneDNNActivation,
            !(isTraining && activation.derivativeNeedsInput)
        else { return nil }
        return (next, activation.activation)
    }

    /// A ReLU that follows a node and nothing else does.
    func fusableReLU(after node: Int) -> Int? {
        guard let (next, _) = fusableActivation(after: node), graph.nodes[next].operation is ReLU else { return nil }
        return next
    }

    /// Says that the primitive of `node` also computes the activation `next`.
    func setOutput(_ node: Int, fusedWith next: Int?, _ array: PlanArray) {
        outputs[node] = array
        if let next {
            outputs[next] = array
            fused.insert(next)
        }
    }

    /// Says that the backward calls of `node` also undo the activation `next`: they start from the gradient with respect to
    /// the activation's output.
    func fuseBackward(of next: Int, into node: Int) {
        fusedBackward.insert(next)
        activationsUndone[node] = next
    }

    /// The node whose output's gradient the backward calls of `node` start from.
    func gradientNode(of node: Int) -> Int { activationsUndone[node] ?? node }
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
