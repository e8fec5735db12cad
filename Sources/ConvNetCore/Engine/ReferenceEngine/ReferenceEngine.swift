/// The textbook: plain Swift loops on one thread, no library. It is the oracle that other engines are tested against, and
/// what runs where there is no faster one.
public struct ReferenceEngine: Engine {
    public let name = "reference"
    public let version = "reference 1"
    public let threads = 1

    public init() {}

    public func makeSession(for graph: Graph) throws -> any EngineSession {
        ReferenceSession(graph: graph)
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
        try graph.checkTrainingBatch(of: batchSize)
        return ReferenceTrainingPlan(
            session: self, interpreter: try interpreter(batchSize: batchSize, isTraining: true), training: training,
            states: training.optimizer.stateNames.map(state))
    }

    private func interpreter(batchSize: Int, isTraining: Bool) throws -> ReferenceInterpreter<Float> {
        try ReferenceInterpreter(
            graph: graph, batchSize: batchSize, parameters: parameters.map(\.pointer), isTraining: isTraining)
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
        try interpreter.forward()
    }
}

final class ReferenceTrainingPlan: ReferencePlan, TrainingPlan {
    private let training: TrainingConfiguration
    private let classLabels: AlignedBuffer<Int32>
    /// For each parameter, the optimizer's arrays.
    private let states: [AlignedBuffer<UnsafeMutablePointer<Float>>]

    fileprivate init(
        session: ReferenceSession, interpreter: ReferenceInterpreter<Float>, training: TrainingConfiguration,
        states: [[AlignedBuffer<Float>]]
    ) {
        self.training = training
        classLabels = AlignedBuffer(count: interpreter.batchSize)
        self.states = interpreter.parameters.indices.map { index in
            let pointers = AlignedBuffer<UnsafeMutablePointer<Float>>(count: states.count)
            for (slot, state) in states.enumerated() { pointers.elements[slot] = state[index].pointer }
            return pointers
        }
        super.init(session: session, interpreter: interpreter)
        interpreter.pass.seed = training.seed
    }

    var labels: UnsafeMutableBufferPointer<Int32> { classLabels.elements }
    var samples: UnsafeMutableBufferPointer<Int32> { interpreter.pass.samples }

    func step(_ step: TrainingStep) throws -> StepResult {
        interpreter.pass.isTraining = true
        interpreter.pass.epoch = step.epoch
        try interpreter.forward()
        let last = interpreter.outputs.count - 1
        let result = training.loss.evaluate(
            logits: interpreter.outputs[last].pointer, labels: classLabels.pointer, samples: batchSize,
            classes: interpreter.graph.outputShape.count, gradient: interpreter.gradients[last].pointer)
        try interpreter.backward()
        for index in interpreter.parameters.indices where interpreter.graph.parameters[index].isTrainable {
            let parameter = interpreter.parameters[index]
            training.optimizer.update(
                weights: parameter.pointer, gradients: interpreter.parameterGradients[index].pointer,
                state: states[index].pointer, range: 0..<parameter.count, learningRate: step.learningRate)
        }
        return result
    }

    func gradient(_ index: Int) -> [Float] {
        let tensor = interpreter.parameterGradients[index]
        return Array(UnsafeBufferPointer(start: tensor.pointer, count: tensor.count))
    }
}
