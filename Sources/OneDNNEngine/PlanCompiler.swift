#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

/// An operation that this engine can carry out.
protocol OneDNNOperation {
    /// Adds the calls that compute node `node`'s output from its inputs, and sets the output.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws

    /// Adds the calls that compute the gradients of the node's parameters and, where needed, of its input.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws
}

/// An operation whose first parameter takes part in products and may lie in a layout of the primitive's choice.
protocol WeightedOneDNNOperation: OneDNNOperation {
    /// The sizes of that parameter as primitives take it: (groups, O, I, kH, kW), say, for a grouped convolution's
    /// (groups·O, I, kH, kW).
    func weightSizes(graph: Graph, node: Int) -> [Int]
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
    private let choosesLayouts: Bool
    /// By node, those that this plan computes: inference leaves auxiliary classifiers out.
    private let consumers: [[Int]]
    private let isAuxiliary: [Bool]
    private let parameterRanges: [Range<Int>]

    private var outputs: [Int: PlanArray] = [:]
    private var inputs: [Int: PlanArray] = [:]
    /// By node; see PlanCompiler+Gradients.swift.
    var gradients: [Int: Gradient] = [:]
    private var forwardPrimitives: [Int: Primitive] = [:]
    private var workspaces: [Int: UnsafeMutableRawPointer] = [:]
    private var batchStatistics: [Int: BatchStatistics] = [:]
    private var fused: Set<Int> = []
    private var fusedBackward: Set<Int> = []
    private var activationsUndone: [Int: Int] = [:]
    private var parameterGradients: [Int: AlignedBuffer<UInt8>] = [:]

    private var calls: [any PlanCall] = []
    private var refreshCalls: [any PlanCall] = []
    private var scratchpadUsers: [Primitive] = []
    private var memory: [AlignedBuffer<UInt8>] = []

    init(session: OneDNNSession, batchSize: Int, training: TrainingConfiguration?, choosesLayouts: Bool) {
        self.session = session
        self.batchSize = batchSize
        self.training = training
        self.choosesLayouts = choosesLayouts
        let isAuxiliary = session.graph.isAuxiliary
        self.isAuxiliary = isAuxiliary
        consumers = session.graph.consumers.map { $0.filter { training != nil || !isAuxiliary[$0] } }
        parameterRanges = session.graph.parameterRanges
        pass = Pass(batchSize: batchSize, seed: training?.seed ?? 0)
    }

    var graph: Graph { session.graph }
    var context: OpaquePointer { session.context.pointer }
    var isTraining: Bool { training != nil }

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
        var parameterGradients: [Int: AlignedBuffer<UInt8>]
        var memory: [AlignedBuffer<UInt8>]
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
        let totalLoss = try TotalLoss<Float>(graph, batchSize: batchSize) { node in
            let logits = node == graph.nodes.count - 1 ? logits : output(node)
            let gradient = try allocate(logits.sizes)
            gradients[node] = Gradient(array: gradient, isShared: false)
            return TotalLoss.Arrays(logits: logits.floats, gradient: gradient.floats)
        }
        for (index, operation) in operations.enumerated().reversed() where !fusedBackward.contains(index + 1) {
            try operation.compileBackward(self, node: index + 1)
        }
        let result = try result(
            images: images, logits: logits, forward: forward, auxiliaryForward: auxiliaryForward, backward: takeCalls())
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
        let images = try allocate([batchSize] + graph.inputShape.dimensions)
        outputs[0] = images
        try compileForward(operations, auxiliary: false)
        let last = output(graph.nodes.count - 1)
        return (images, try array(last, as: .plain(last.sizes), "logits"))
    }

    private func result(
        images: PlanArray, logits: PlanArray, forward: [any PlanCall], auxiliaryForward: [any PlanCall] = [],
        backward: [any PlanCall] = []
    ) throws -> Result {
        try bindScratchpads()
        return Result(
            session: session, batchSize: batchSize, pass: pass, images: images, logits: logits, forward: forward,
            auxiliaryForward: auxiliaryForward, backward: backward, refresh: refreshCalls,
            parameterGradients: parameterGradients.filter { graph.parameters[$0.key].isTrainable }, memory: memory)
    }

    /// Auxiliary classifiers come after everything else, so that evaluation can leave their calls out.
    private func compileForward(_ operations: [any OneDNNOperation], auxiliary: Bool) throws {
        for (index, operation) in operations.enumerated()
        where isAuxiliary[index + 1] == auxiliary && !fused.contains(index + 1) {
            try operation.compileForward(self, node: index + 1)
        }
    }

    private func takeCalls() -> [any PlanCall] {
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

    func setOutput(_ node: Int, _ array: PlanArray) { outputs[node] = array }

    /// A node's input as its forward pass read it, which may be a conversion of what its source wrote.
    func input(_ node: Int) -> PlanArray { inputs[node] ?? output(source(node)) }

    func setInput(_ node: Int, _ array: PlanArray) { inputs[node] = array }

    /// The node whose output goes into `node`.
    func source(_ node: Int) -> Int { graph.nodes[node].inputs[0] }

    /// Adds a call that adds two arrays of equal layout, one of which may be the target.
    func appendSum(
        _ first: PlanArray, _ second: PlanArray, into target: PlanArray, relu: Bool = false, _ purpose: String
    ) throws {
        let context = context
        let primitive = try Primitive(purpose) {
            cdnn_add(context, first.layout.pointer, second.layout.pointer, target.layout.pointer, relu, $0)
        }
        try primitive.bind(cdnn_source, to: first.pointer)
        try primitive.bind(cdnn_second_source, to: second.pointer)
        try primitive.bind(cdnn_output, to: target.pointer)
        append(primitive)
    }

    func allocate(_ sizes: [Int], _ layout: Layout? = nil) throws -> PlanArray {
        let layout = try layout ?? .plain(sizes)
        return PlanArray(sizes: sizes, layout: layout, pointer: allocate(bytes: layout.bytes))
    }

    func allocate(bytes: Int) -> UnsafeMutableRawPointer {
        let buffer = AlignedBuffer<UInt8>(count: bytes)
        memory.append(buffer)
        return UnsafeMutableRawPointer(buffer.pointer)
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
            array = try self.array(array, as: .plain(array.sizes), purpose)
            array = try array.described(as: other.sizes)
        }
        return try self.array(array, as: other.layout, purpose)
    }

    /// A row-major array of the sizes that the node's shape says: what flattened it lies as now where need be.
    func plainArray(_ array: PlanArray, of node: Int, _ what: String) throws -> PlanArray {
        let plain = try self.array(array, as: .plain(array.sizes), purpose(node, what))
        return try plain.described(as: sizes(node))
    }

    /// The array itself if its elements can be told apart by sample, channel, row and column, else a row-major copy.
    func readableArray(_ array: PlanArray, of node: Int, _ what: String) throws -> PlanArray {
        let plain = try Layout.plain(array.sizes)
        if array.layout == plain || array.layout.channelBlock != nil { return array }
        return try self.array(array, as: plain, purpose(node, what))
    }

    /// Adds a call that copies an array into part of another, or part of one into an array.
    func appendCopy(_ from: PlanArray, to: PlanArray, _ purpose: String) throws {
        calls += try conversion(from, to: to, purpose)
    }

    /// The calls that copy an array into another layout.
    private func conversion(_ from: PlanArray, to: PlanArray, _ purpose: String) throws -> [any PlanCall] {
        guard let detour = try from.layout.detour(to: to.layout) else {
            return [try reorder(from, to: to, purpose)]
        }
        let between = try allocate(from.sizes, detour)
        return [try reorder(from, to: between, purpose), try reorder(between, to: to, purpose)]
    }

    private func reorder(_ from: PlanArray, to: PlanArray, _ purpose: String) throws -> Primitive {
        let context = context
        let primitive = try Primitive(purpose) {
            cdnn_reorder(context, from.layout.pointer, to.layout.pointer, $0)
        }
        try primitive.bind(cdnn_source, to: from.pointer)
        try primitive.bind(cdnn_output, to: to.pointer)
        scratchpadUsers.append(primitive)
        return primitive
    }

    // MARK: Parameters

    /// The graph's index of a node's parameter.
    func parameterIndex(_ node: Int, _ parameter: Int) -> Int { parameterRanges[node].lowerBound + parameter }

    /// A node's parameter in the layout that a primitive wants.
    ///
    /// Where that is not the master's, the copy is renewed in every training step, and in inference when the weights
    /// have changed.
    func parameter(_ node: Int, _ parameter: Int, as layout: Layout) throws -> UnsafeMutableRawPointer {
        let index = parameterIndex(node, parameter)
        let master = session.masters[index]
        guard master.layout != layout else { return UnsafeMutableRawPointer(master.memory.pointer) }
        let from = PlanArray(sizes: [], layout: master.layout, pointer: master.memory.pointer)
        let copy = try allocate([], layout)
        let renewal = try conversion(from, to: copy, "\(graph.parameters[index].name): conversion")
        if isTraining { calls += renewal } else { refreshCalls += renewal }
        return copy.pointer
    }

    /// A node's parameter that lies row-major in every plan, such as a vector.
    func master(_ node: Int, _ parameter: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(session.masters[parameterIndex(node, parameter)].memory.pointer)
    }

    /// Lets the parameter move to `layout` if this plan is the one that chooses.
    func prefer(_ layout: Layout, for node: Int, _ parameter: Int) throws {
        if choosesLayouts { try session.move(parameterIndex(node, parameter), to: layout) }
    }

    /// Where the calls of a node write the gradient of its parameter, as the master lies.
    func allocateParameterGradient(_ node: Int, _ parameter: Int) -> UnsafeMutableRawPointer {
        let index = parameterIndex(node, parameter)
        let gradient = AlignedBuffer<UInt8>(count: session.masters[index].layout.bytes)
        memory.append(gradient)
        parameterGradients[index] = gradient
        return UnsafeMutableRawPointer(gradient.pointer)
    }

    /// Memory for the gradient of a node's parameter, which `primitive` writes in its own layout.
    ///
    /// Call it after the primitive has been added: a conversion to the master's layout follows it in the list.
    func bindParameterGradient(
        _ node: Int, _ parameter: Int, _ role: cdnn_role, of primitive: Primitive
    ) throws {
        let index = parameterIndex(node, parameter)
        let master = session.masters[index].layout
        let gradient = allocateParameterGradient(node, parameter)
        let layout = try primitive.requiredLayout(role)
        if layout == master {
            try primitive.bind(role, to: gradient)
        } else {
            let own = try allocate([], layout)
            try primitive.bind(role, to: own.pointer)
            let target = PlanArray(sizes: [], layout: master, pointer: gradient)
            calls += try conversion(own, to: target, "gradient of \(graph.parameters[index].name): conversion")
        }
    }

    // MARK: Calls

    func append(_ call: any PlanCall) { calls.append(call) }

    /// Lets a primitive that is part of another call use the plan's scratchpad.
    func shareScratchpad(with primitive: Primitive) { scratchpadUsers.append(primitive) }

    /// Adds a primitive, whose other arrays the caller binds.
    func append(_ primitive: Primitive) {
        calls.append(primitive)
        scratchpadUsers.append(primitive)
    }

    func forwardPrimitive(_ node: Int) -> Primitive {
        guard let primitive = forwardPrimitives[node] else { preconditionFailure("node \(node) has no primitive") }
        return primitive
    }

    func hasForwardPrimitive(_ node: Int) -> Bool { forwardPrimitives[node] != nil }

    func setForwardPrimitive(_ node: Int, _ primitive: Primitive) { forwardPrimitives[node] = primitive }

    /// What a forward primitive leaves behind for its backward one.
    func workspace(_ node: Int) -> UnsafeMutableRawPointer? { workspaces[node] }

    /// Mean and variance of the batch that is running, which a ``BatchNorm``'s forward pass leaves for its backward pass.
    func batchStatistics(_ node: Int, channels: Int) -> BatchStatistics {
        if let statistics = batchStatistics[node] { return statistics }
        let bytes = channels * MemoryLayout<Float>.stride
        let statistics = BatchStatistics(mean: allocate(bytes: bytes), variance: allocate(bytes: bytes))
        batchStatistics[node] = statistics
        return statistics
    }

    func setWorkspace(_ node: Int, _ memory: UnsafeMutableRawPointer) { workspaces[node] = memory }

    func purpose(_ node: Int, _ what: String) -> String { "\(graph.nodes[node].path): \(what)" }

    /// The activation that follows a node and nothing else does, so that the node's primitive can apply it too.
    ///
    /// In training not where the derivative is told from the activation's input, which would then be nowhere.
    ///
    /// Saves a pass over memory: writing the output, reading it and writing it again.
    func fusableActivation(after node: Int) -> (node: Int, activation: cdnn_activation)? {
        guard consumers[node].count == 1, let next = consumers[node].first,
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

    /// One scratchpad serves all primitives, as they run one after the other.
    private func bindScratchpads() throws {
        var users: [Primitive] = []
        var bytes = 0
        for primitive in scratchpadUsers {
            guard let layout = try primitive.layout(cdnn_scratchpad), layout.bytes > 0 else { continue }
            users.append(primitive)
            bytes = max(bytes, layout.bytes)
        }
        guard !users.isEmpty else { return }
        let scratchpad = allocate(bytes: bytes)
        for primitive in users { try primitive.bind(cdnn_scratchpad, to: scratchpad) }
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
