import ConvNetGraph

/// The textbook: plain Swift loops on one thread, no library. It is the oracle that other engines are tested against, and
/// what runs where there is no faster one.
public struct ReferenceEngine: Engine {
    public let name = "reference"
    public let version = "reference 1"
    public let threads = 1
    public let warnings: [String]

    /// - Parameter warnings: why it stands in for a faster engine, say.
    public init(warnings: [String] = []) {
        self.warnings = warnings
    }

    public func makeSession(for graph: Graph) throws -> any EngineSession {
        try graph.checkOperations(for: self) { $0 is any ReferenceOperation }
        return ReferenceSession(graph: graph)
    }
}

/// Parameters as they are in files.
final class ReferenceSession: EngineSession {
    private let graph: Graph
    private let parameters: [AlignedBuffer<Float>]
    private var states: [String: [AlignedBuffer<Float>]] = [:]
    let layoutGeneration = 0

    init(graph: Graph) {
        self.graph = graph
        parameters = graph.parameters.map { AlignedBuffer(count: $0.count) }
    }

    func makeInferencePlan(batchSize: Int) throws -> any Plan {
        ReferencePlan(session: self, interpreter: try interpreter(batchSize: batchSize, isTraining: false))
    }

    func makeTrainingPlan(batchSize: Int, training: TrainingConfiguration) throws -> any TrainingPlan {
        try graph.checkTrainingBatch(of: batchSize, frozenNorms: training.frozenNorms)
        try training.validate(for: graph)
        return ReferenceTrainingPlan(
            session: self,
            interpreter: try interpreter(
                batchSize: batchSize, isTraining: true, frozenNorms: training.frozenNorms,
                differentiatesImages: training.gradients.contains(0)),
            training: training,
            states: training.stateNames.map(state))
    }

    func makePlan(batchSize: Int, request: PlanRequest) throws -> any RequestPlan {
        try request.validate(for: graph)
        if request.isTraining { try graph.checkTrainingBatch(of: batchSize) }
        return ReferenceRequestPlan(
            session: self,
            interpreter: try interpreter(
                batchSize: batchSize, isTraining: true, differentiatesImages: request.gradients.contains(0)),
            request: request)
    }

    private func interpreter(
        batchSize: Int, isTraining: Bool, frozenNorms: Set<Int>? = nil, differentiatesImages: Bool = false
    ) throws -> ReferenceInterpreter<Float> {
        try ReferenceInterpreter(
            graph: graph, batchSize: batchSize, parameters: parameters.map(\.pointer), isTraining: isTraining,
            frozenNorms: frozenNorms, differentiatesImages: differentiatesImages)
    }

    private func state(_ name: String) -> [AlignedBuffer<Float>] {
        if let state = states[name] { return state }
        let state = graph.parameters.map { AlignedBuffer<Float>(count: $0.count) }
        states[name] = state
        return state
    }

    func parameter(_ index: Int) -> [Float] { Array(parameters[index].elements) }

    func setParameter(_ index: Int, to values: [Float]) throws {
        try copy(values, to: parameters[index], of: index)
    }

    func optimizerState(_ name: String, of index: Int) -> [Float] { Array(state(name)[index].elements) }

    func setOptimizerState(_ name: String, of index: Int, to values: [Float]) throws {
        try copy(values, to: state(name)[index], of: index)
    }

    private func copy(_ values: [Float], to buffer: AlignedBuffer<Float>, of index: Int) throws {
        guard values.count == buffer.elements.count else {
            throw EngineError.wrongValueCount(
                parameter: graph.parameters[index].name, expected: buffer.elements.count, received: values.count)
        }
        _ = buffer.elements.update(fromContentsOf: values)
    }
}

class ReferencePlan: Plan {
    fileprivate let interpreter: ReferenceInterpreter<Float>
    /// Owns the parameters that the interpreter points to.
    private let session: ReferenceSession

    fileprivate init(session: ReferenceSession, interpreter: ReferenceInterpreter<Float>) {
        self.session = session
        self.interpreter = interpreter
    }

    var batchSize: Int { interpreter.batchSize }
    var threads: Int { 1 }
    var arenaBytes: Int { interpreter.arenaBytes }

    var images: UnsafeMutableBufferPointer<Float> {
        let tensor = interpreter.outputs[0]
        return UnsafeMutableBufferPointer(start: tensor.pointer, count: tensor.count)
    }

    var logits: UnsafeBufferPointer<Float> {
        let tensor = interpreter.outputs[interpreter.outputs.count - 1]
        return UnsafeBufferPointer(start: tensor.pointer, count: tensor.count)
    }

    func run() throws {
        interpreter.pass.isTraining = false
        try interpreter.forward(auxiliary: false)
    }
}

final class ReferenceTrainingPlan: ReferencePlan, TrainingPlan {
    fileprivate let training: TrainingConfiguration
    private let totalLoss: TotalLoss<Float>
    private let classLabels: AlignedBuffer<Int32>
    private let targets: AlignedBuffer<Float>?
    fileprivate let updater: ParameterUpdater
    /// Owns the arrays that the updater points to.
    private let states: [[AlignedBuffer<Float>]]

    fileprivate init(
        session: ReferenceSession, interpreter: ReferenceInterpreter<Float>, training: TrainingConfiguration,
        states: [[AlignedBuffer<Float>]]
    ) {
        let samples = interpreter.batchSize
        self.training = training
        totalLoss = TotalLoss(interpreter)
        classLabels = AlignedBuffer(count: samples)
        targets =
            training.usesSoftTargets ? AlignedBuffer(count: samples * interpreter.graph.outputShape.count) : nil
        self.states = states
        let arrays = interpreter.graph.parameters.enumerated().map { index, parameter in
            training.trains(index, of: interpreter.graph)
                ? ParameterUpdater.Arrays(
                    weights: interpreter.parameters[index].pointer,
                    gradients: interpreter.parameterGradients[index].pointer, states: states.map { $0[index].pointer },
                    count: parameter.count) : nil
        }
        updater = ParameterUpdater(training, parameters: arrays, threads: 1)
        super.init(session: session, interpreter: interpreter)
        interpreter.pass.seed = training.seed
    }

    var labels: UnsafeMutableBufferPointer<Int32> { classLabels.elements }
    var samples: UnsafeMutableBufferPointer<Int32> { interpreter.pass.samples }

    var softTargets: UnsafeMutableBufferPointer<Float> {
        targets?.elements ?? UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    var gradients: UnsafeMutableBufferPointer<Float> {
        !gradientSlices.isEmpty
            ? interpreter.contiguousGradients : UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    var gradientSlices: [GradientSlice] {
        guard training.hasContiguousGradients else { return [] }
        return interpreter.gradientSlices.enumerated().filter { training.trains($0.offset, of: interpreter.graph) }
            .map(\.element)
    }

    func computeGradients(_ step: TrainingStep) throws -> StepResult {
        interpreter.pass.isTraining = true
        interpreter.pass.epoch = step.epoch
        try interpreter.forward(auxiliary: true)
        let result = totalLoss.evaluate(
            training.loss, labels: classLabels.pointer, softTargets: targets.map { UnsafePointer($0.pointer) })
        try interpreter.backward()
        return result
    }

    func update(_ step: TrainingStep, weight: Double) {
        updater.begin(step, weight: weight)
        while let phase = updater.nextPhase() { updater.run(phase, part: 0, of: 1) }
    }

    func gradient(_ index: Int) -> [Float] {
        let tensor = interpreter.parameterGradients[index]
        guard training.trains(index, of: interpreter.graph) else { return [Float](repeating: 0, count: tensor.count) }
        return Array(UnsafeBufferPointer(start: tensor.pointer, count: tensor.count))
    }
}

extension ReferenceTrainingPlan {
    func output(of node: Int) throws -> [Float] {
        try interpreter.graph.checkRequested(training.outputs, node, "the output of")
        return interpreter.outputs[node].values
    }

    func gradient(ofNode node: Int) throws -> [Float] {
        try interpreter.graph.checkRequested(training.gradients, node, "the gradient with respect to")
        return interpreter.gradients[node].values
    }

    var updateStatistics: [UpdateStatistics] { updater.statistics }
}

final class ReferenceRequestPlan: ReferencePlan, RequestPlan {
    let request: PlanRequest
    private let needsAuxiliary: Bool
    /// By node.
    private var givenGradients: [Int: [Float]] = [:]

    fileprivate init(session: ReferenceSession, interpreter: ReferenceInterpreter<Float>, request: PlanRequest) {
        self.request = request
        needsAuxiliary = request.needsAuxiliary(in: interpreter.graph)
        super.init(session: session, interpreter: interpreter)
        if case .training(let seed) = request.mode { interpreter.pass.seed = seed }
    }

    var samples: UnsafeMutableBufferPointer<Int32> { interpreter.pass.samples }

    var epoch: Int {
        get { interpreter.pass.epoch }
        set { interpreter.pass.epoch = newValue }
    }

    override func run() throws {
        interpreter.pass.isTraining = request.isTraining
        try interpreter.forward(auxiliary: needsAuxiliary)
    }

    func output(of node: Int) throws -> [Float] {
        try interpreter.graph.checkRequested(request.outputs, node, "the output of")
        return interpreter.outputs[node].values
    }

    func setGradient(_ values: [Float], of node: Int) throws {
        let graph = interpreter.graph
        try graph.checkRequested(request.sources, node, "a gradient on the output of")
        try graph.checkCount(values, of: node, batchSize: batchSize)
        givenGradients[node] = values
    }

    func backward() throws {
        interpreter.pass.isTraining = request.isTraining
        try interpreter.backward(from: givenGradients)
    }

    func gradient(ofNode node: Int) throws -> [Float] {
        try interpreter.graph.checkRequested(request.gradients, node, "the gradient with respect to")
        return interpreter.gradients[node].values
    }

    func gradient(ofParameter parameter: Int) throws -> [Float] {
        try interpreter.graph.checkRequested(request.parameterGradients, parameter: parameter)
        return interpreter.parameterGradients[parameter].values
    }
}
