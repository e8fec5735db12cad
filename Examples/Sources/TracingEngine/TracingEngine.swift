import ConvNet

/// An engine outside the package: it counts what is asked of it, and leaves the work to another. All that an engine has to be
/// is here, and nothing that is not public.
struct TracingEngine: Engine {
    let base: any Engine
    let trace: Trace

    var name: String { "tracing" }
    var version: String { base.version }
    var instructions: String { base.instructions }
    var threads: Int { base.threads }
    var precision: Precision { base.precision }
    var warnings: [String] { base.warnings }

    func makeSession(for graph: Graph) throws -> any EngineSession {
        try graph.checkOperations(for: self) { _ in true }
        trace.count("session")
        return TracingSession(base: try base.makeSession(for: graph), trace: trace)
    }
}

/// What was called how often.
final class Trace: @unchecked Sendable {
    private(set) var counts: [String: Int] = [:]

    func count(_ call: String) { counts[call, default: 0] += 1 }
}

/// One model's parameters.
final class TracingSession: EngineSession {
    private let base: any EngineSession
    private let trace: Trace

    init(base: any EngineSession, trace: Trace) {
        self.base = base
        self.trace = trace
    }

    var layoutGeneration: Int { base.layoutGeneration }
    var algorithms: [String: String] {
        get { base.algorithms }
        set { base.algorithms = newValue }
    }

    func makeInferencePlan(batchSize: Int) throws -> any Plan {
        trace.count("inference plan")
        return TracingPlan(base: try base.makeInferencePlan(batchSize: batchSize), trace: trace)
    }

    func makeTrainingPlan(batchSize: Int, training: TrainingConfiguration) throws -> any TrainingPlan {
        trace.count("training plan")
        return TracingTrainingPlan(
            base: try base.makeTrainingPlan(batchSize: batchSize, training: training), trace: trace)
    }

    func makePlan(batchSize: Int, request: PlanRequest) throws -> any RequestPlan {
        trace.count("plan for a request")
        return TracingRequestPlan(base: try base.makePlan(batchSize: batchSize, request: request), trace: trace)
    }

    func planBytes(batchSize: Int, training: TrainingConfiguration?) throws -> Int? {
        try base.planBytes(batchSize: batchSize, training: training)
    }

    func planThreads(batchSize: Int, training: TrainingConfiguration?) -> Int? {
        base.planThreads(batchSize: batchSize, training: training)
    }

    func parameter(_ index: Int) throws -> [Float] { try base.parameter(index) }
    func setParameter(_ index: Int, to values: [Float]) throws { try base.setParameter(index, to: values) }
    func measureLimits() -> MachineLimits? { base.measureLimits() }

    func optimizerState(_ name: String, of index: Int) throws -> [Float] {
        try base.optimizerState(name, of: index)
    }

    func setOptimizerState(_ name: String, of index: Int, to values: [Float]) throws {
        try base.setOptimizerState(name, of: index, to: values)
    }
}

/// A graph compiled for one batch size.
class TracingPlan: Plan {
    private let base: any Plan
    fileprivate let trace: Trace

    init(base: any Plan, trace: Trace) {
        self.base = base
        self.trace = trace
    }

    var batchSize: Int { base.batchSize }
    var threads: Int { base.threads }
    var arenaBytes: Int { base.arenaBytes }
    var images: UnsafeMutableBufferPointer<Float> { base.images }
    var logits: UnsafeBufferPointer<Float> { base.logits }

    func run() throws {
        trace.count("run")
        try base.run()
    }

    func profile(runs: Int, _ body: () throws -> Void) throws -> [PlanCallProfile] {
        try base.profile(runs: runs, body)
    }
}

/// One that trains.
final class TracingTrainingPlan: TracingPlan, TrainingPlan {
    private let base: any TrainingPlan

    init(base: any TrainingPlan, trace: Trace) {
        self.base = base
        super.init(base: base, trace: trace)
    }

    var labels: UnsafeMutableBufferPointer<Int32> { base.labels }
    var samples: UnsafeMutableBufferPointer<Int32> { base.samples }
    var softTargets: UnsafeMutableBufferPointer<Float> { base.softTargets }

    var gradients: UnsafeMutableBufferPointer<Float> { base.gradients }
    var gradientSlices: [GradientSlice] { base.gradientSlices }

    func computeGradients(_ step: TrainingStep) throws -> StepResult {
        trace.count("step")
        return try base.computeGradients(step)
    }

    func update(_ step: TrainingStep, weight: Double) throws { try base.update(step, weight: weight) }

    func gradient(_ index: Int) throws -> [Float] { try base.gradient(index) }
    func output(of node: Int) throws -> [Float] { try base.output(of: node) }
    func gradient(ofNode node: Int) throws -> [Float] { try base.gradient(ofNode: node) }
    var updateStatistics: [UpdateStatistics] { base.updateStatistics }
}

/// One that answers a request.
final class TracingRequestPlan: TracingPlan, RequestPlan {
    private let base: any RequestPlan

    init(base: any RequestPlan, trace: Trace) {
        self.base = base
        super.init(base: base, trace: trace)
    }

    var request: PlanRequest { base.request }
    var samples: UnsafeMutableBufferPointer<Int32> { base.samples }
    var epoch: Int {
        get { base.epoch }
        set { base.epoch = newValue }
    }

    func backward() throws {
        trace.count("backward")
        try base.backward()
    }

    func output(of node: Int) throws -> [Float] { try base.output(of: node) }
    func setGradient(_ values: [Float], of node: Int) throws { try base.setGradient(values, of: node) }
    func gradient(ofNode node: Int) throws -> [Float] { try base.gradient(ofNode: node) }
    func gradient(ofParameter parameter: Int) throws -> [Float] { try base.gradient(ofParameter: parameter) }
}
