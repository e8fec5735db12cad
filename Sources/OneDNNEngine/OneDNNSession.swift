#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph
import ConvNetEngine

/// A model's parameters in oneDNN's layouts.
///
/// Parameters lie row-major until the first training plan chooses: its forward layouts then become the layouts of the
/// masters and of the optimizer's arrays, and plans that want others keep copies.
final class OneDNNSession: EngineSession {
    let graph: Graph
    /// Those of the plan that is being compiled, which ``ThreadRule`` says; the engine's while none is.
    private(set) var threads: Int
    private let engineThreads: Int
    let context: Context
    /// Of feature maps and of the weights that they are multiplied by.
    let precision: cdnn_type
    let tuner: Tuner
    /// How much a plan may take, in bytes; nil where nobody knows. Replaced in tests.
    var availableMemory: () -> Int? = { AvailableMemory.bytes }
    /// See ``OneDNNEngine/poisonsMemory``.
    let poisonsMemory: Bool

    /// Sizes of each parameter as its operation's primitives take them, row-major equal to the parameter's own.
    let sizes: [[Int]]
    private(set) var masters: [Master]
    private var states: [String: [PlanMemory]] = [:]
    /// Of all plans that are compiled for it; nil before there is one.
    private(set) var contiguousGradients: ContiguousGradients?
    /// What its plans, which take turns, use one after the other.
    let sharedMemory = SharedMemory()
    /// Increases with every pass of a plan, which overwrites what the one before it has made.
    var turn = 0
    private var hasTrainingLayouts = false
    private(set) var layoutGeneration = 0

    /// Increases with every change of a parameter; tells plans when their copies are out of date.
    private(set) var weightsVersion = 0

    /// What compiling and running a small network takes, stacks and what the allocator sets aside for threads included.
    private static let leastAddressSpace = 128 << 20

    struct Master {
        var layout: Layout
        var memory: PlanMemory
    }

    init(graph: Graph, engine: OneDNNEngine) throws {
        // oneDNN generates code, and ends the process where the system grants it no memory for that.
        guard AvailableMemory.addressSpace ?? .max >= Self.leastAddressSpace else {
            throw EngineError.outOfMemory(bytes: Self.leastAddressSpace)
        }
        try Library.use(threads: engine.threads)
        self.graph = graph
        threads = engine.threads
        engineThreads = engine.threads
        precision = engine.precision == .bf16 ? cdnn_bfloat16 : cdnn_float32
        poisonsMemory = engine.poisonsMemory
        tuner = Tuner(engine.algorithms, threads: engine.threads, preferred: engine.preferredAlgorithm)
        context = try Context()
        // Custom layers may have any number of sizes; oneDNN has not.
        var sizes = graph.parameters.map { (1...5).contains($0.shape.count) ? $0.shape : [$0.count] }
        for (index, range) in graph.parameterRanges.enumerated() where !range.isEmpty {
            let node = graph.nodes[index]
            if let operation = node.operation as? Conv2D {
                sizes[range.lowerBound] = operation.weightSizes(graph: graph, node: index)
            }
        }
        self.sizes = sizes
        masters = try sizes.map { sizes in
            let layout = try Layout.plain(sizes)
            return Master(layout: layout, memory: PlanMemory(allocating: layout.bytes))
        }
    }

    /// Whether feature maps in blocks of 16 channels are what this processor computes with best.
    var prefersBlocks: Bool { cker_available() && Library.usesAVX512 }

    func weightsChanged() { weightsVersion += 1 }

    var algorithms: [String: String] {
        get { tuner.choices.mapValues(\.rawValue) }
        set { tuner.adopt(newValue) }
    }

    func measureLimits() -> MachineLimits? { .measured(threads: threads, precision) }

    // MARK: Plans

    /// What a plan is for.
    private enum Purpose {
        case inference
        case training(TrainingConfiguration)
        case request(PlanRequest)

        init(_ training: TrainingConfiguration?) { self = training.map(Self.training) ?? .inference }

        var hasBackward: Bool {
            switch self {
            case .inference: false
            case .training: true
            case .request(let request): request.hasGradients
            }
        }
    }

    func planThreads(batchSize: Int, training: TrainingConfiguration?) -> Int? {
        planThreads(batchSize: batchSize, Purpose(training))
    }

    private func planThreads(batchSize: Int, _ purpose: Purpose) -> Int {
        ThreadRule.threads(for: graph, batchSize: batchSize, isTraining: purpose.hasBackward, of: engineThreads)
    }

    private func compiler(batchSize: Int, _ purpose: Purpose, limit: Int?) -> PlanCompiler {
        switch purpose {
        case .inference: PlanCompiler(session: self, batchSize: batchSize, choosesLayouts: false, limit: limit)
        case .training(let training):
            PlanCompiler(
                session: self, batchSize: batchSize, training: training, choosesLayouts: !hasTrainingLayouts,
                limit: limit)
        case .request(let request):
            PlanCompiler(session: self, batchSize: batchSize, request: request, choosesLayouts: false, limit: limit)
        }
    }

    /// Compiles a plan with the threads that it is to have: primitives are made for as many as there are then.
    private func withThreads<Compiled>(
        batchSize: Int, _ purpose: Purpose, _ compile: () throws -> Compiled
    ) throws -> Compiled {
        let former = threads
        func use(_ threads: Int) throws(ThreadError) {
            self.threads = threads
            tuner.use(threads: threads)
            try Library.use(threads: threads)
        }
        // They were all started with the session.
        defer { try? use(former) }
        try use(planThreads(batchSize: batchSize, purpose))
        return try compile()
    }

    func makeInferencePlan(batchSize: Int) throws -> any Plan {
        OneDNNPlan(try compiled(batchSize, .inference) { try $0.compile() })
    }

    func makePlan(batchSize: Int, request: PlanRequest) throws -> any RequestPlan {
        try request.validate(for: graph)
        if request.isTraining { try graph.checkTrainingBatch(of: batchSize) }
        let (compiled, arrays) = try compiled(batchSize, .request(request)) { try $0.compileRequest() }
        return OneDNNRequestPlan(compiled, request: request, arrays)
    }

    func planBytes(batchSize: Int, training: TrainingConfiguration?) throws -> Int? {
        try planNeeds(batchSize: batchSize, Purpose(training))?.bytes
    }

    /// What a plan takes.
    private func planNeeds(batchSize: Int, _ purpose: Purpose) throws -> PlanCompiler.DoesNotFit? {
        // Parameters stay where they are: nothing is made.
        let former = (masters, states, layoutGeneration, contiguousGradients)
        defer { (masters, states, layoutGeneration, contiguousGradients) = former }
        // No plan takes as little as that.
        let compiler = compiler(batchSize: batchSize, purpose, limit: -1)
        do {
            _ = try withThreads(batchSize: batchSize, purpose) {
                switch purpose {
                case .inference: try compiler.compile()
                case .training: try compiler.compileTraining().0
                case .request: try compiler.compileRequest().0
                }
            }
        } catch let error as PlanCompiler.DoesNotFit {
            return error
        }
        return nil
    }

    /// Compiles a plan or, where it needs more memory than there is, finds the batch size that could be had.
    private func compiled<Compiled>(
        _ batchSize: Int, _ purpose: Purpose, _ compile: (PlanCompiler) throws -> Compiled
    ) throws -> Compiled {
        let compiler = compiler(batchSize: batchSize, purpose, limit: availableMemory())
        do {
            let compiled = try withThreads(batchSize: batchSize, purpose) { try compile(compiler) }
            tuner.remember()
            return compiled
        } catch let error as PlanCompiler.DoesNotFit {
            let available = availableMemory() ?? 0
            func more(_ batchSize: Int) throws -> Int? {
                try planNeeds(batchSize: batchSize, purpose).map { $0.bytes - $0.shared }
            }
            var fitting = batchSize
            var bytes = error.bytes - error.shared
            // What a plan needs besides what each image needs makes the first guess too high, never by much.
            while fitting > 0, bytes > available {
                fitting = min(fitting - 1, Int(Double(fitting) * Double(available) / Double(bytes)))
                if fitting > 0 { bytes = try more(fitting) ?? 0 }
            }
            while fitting > 0, try more(fitting + 1) ?? .max <= available {
                fitting += 1
            }
            throw EngineError.planDoesNotFit(
                batchSize: batchSize, bytes: error.bytes, available: available + error.shared, fitting: fitting)
        }
    }

    func makeTrainingPlan(batchSize: Int, training: TrainingConfiguration) throws -> any TrainingPlan {
        try graph.checkTrainingBatch(of: batchSize, frozenNorms: training.frozenNorms)
        try training.validate(for: graph)
        let (compiled, totalLoss, arrays) = try compiled(batchSize, .training(training)) { try $0.compileTraining() }
        hasTrainingLayouts = true
        return OneDNNTrainingPlan(compiled, totalLoss: totalLoss, training: training, arrays)
    }

    /// Moves a parameter, and the optimizer's arrays for it, to another layout.
    func move(_ index: Int, to layout: Layout) throws {
        guard masters[index].layout != layout else { return }
        let former = masters[index].layout
        // Even if the plan that asks for it fails in the end: inference plans must not use the memory that is given up here.
        layoutGeneration += 1
        masters[index] = Master(
            layout: layout, memory: try converted(masters[index].memory, from: former, to: layout))
        for (name, arrays) in states {
            states[name]?[index] = try converted(arrays[index], from: former, to: layout)
        }
    }

    // MARK: Reading and writing

    func parameter(_ index: Int) throws -> [Float] {
        try read(masters[index].memory, of: index)
    }

    func setParameter(_ index: Int, to values: [Float]) throws {
        try write(values, to: masters[index].memory, of: index)
        weightsChanged()
    }

    func optimizerState(_ name: String, of index: Int) throws -> [Float] {
        try read(state(name)[index], of: index)
    }

    func setOptimizerState(_ name: String, of index: Int, to values: [Float]) throws {
        try write(values, to: state(name)[index], of: index)
    }

    /// The optimizer's array of that name for each parameter.
    func state(_ name: String) -> [PlanMemory] {
        if let state = states[name] { return state }
        let state = masters.map { PlanMemory(allocating: $0.layout.bytes) }
        states[name] = state
        return state
    }

    /// Where the gradients of all that is trained lie together: in the same memory for all plans whose layouts are the same.
    func contiguousGradients(for training: TrainingConfiguration) -> ContiguousGradients {
        let trained = graph.parameters.indices.filter { training.trains($0, of: graph) }
        let slices = trained.map { index in
            let layout = masters[index].layout
            return (
                parameter: graph.parameters[index].name, count: layout.bytes / MemoryLayout<Float>.stride,
                isRowMajor: (try? Layout.plain(sizes[index])) == layout
            )
        }
        let wanted = ContiguousGradients.slices(slices)
        if let known = contiguousGradients, known.indices == trained, known.slices == wanted { return known }
        let gradients = ContiguousGradients(trained, wanted)
        contiguousGradients = gradients
        return gradients
    }

    /// An array that lies like parameter `index`, as the parameter's own layout has it.
    ///
    /// - Parameter layout: that of the memory; the parameter's of now, where nil.
    func read(_ memory: PlanMemory, of index: Int, layout: Layout? = nil) throws -> [Float] {
        let plain = try Layout.plain(sizes[index])
        let layout = layout ?? masters[index].layout
        return try Array(unsafeUninitializedCapacity: graph.parameters[index].count) { values, count in
            try convert(
                memory, from: layout, to: plain, into: PlanMemory(borrowing: UnsafeMutableRawBufferPointer(values)))
            count = values.count
        }
    }

    private func write(_ values: [Float], to memory: PlanMemory, of index: Int) throws {
        let parameter = graph.parameters[index]
        guard values.count == parameter.count else {
            throw EngineError.wrongValueCount(
                parameter: parameter.name, expected: parameter.count, received: values.count)
        }
        try values.withUnsafeBytes { bytes in
            // It is only read.
            let plain = PlanMemory(borrowing: UnsafeMutableRawBufferPointer(mutating: bytes))
            try convert(plain, from: .plain(sizes[index]), to: masters[index].layout, into: memory)
        }
    }

    private func converted(_ memory: PlanMemory, from: Layout, to: Layout) throws -> PlanMemory {
        let result = PlanMemory(allocating: to.bytes)
        try convert(memory, from: from, to: to, into: result)
        return result
    }

    private func convert(_ memory: PlanMemory, from: Layout, to: Layout, into result: PlanMemory) throws {
        guard from != to else { return result.buffer.copyMemory(from: UnsafeRawBufferPointer(memory.buffer)) }
        if let detour = try from.detour(to: to) {
            return try convert(converted(memory, from: from, to: detour), from: detour, to: to, into: result)
        }
        let reorder = try Primitive("converting a parameter") {
            cdnn_reorder(context.pointer, from.pointer, to.pointer, $0)
        }
        reorder.bind(cdnn_source, to: memory)
        reorder.bind(cdnn_output, to: result)
        let scratchpad = try reorder.layout(cdnn_scratchpad).map { PlanMemory(allocating: $0.bytes) }
        if let scratchpad { reorder.bind(cdnn_scratchpad, to: scratchpad) }
        try reorder.prepare()
        try reorder.run()
        withExtendedLifetime((memory, result, scratchpad)) {}
    }
}
#endif
