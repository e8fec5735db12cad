#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph
import ConvNetEngine

class OneDNNPlan: Plan {
    let compiled: PlanCompiler.Result
    private var weightsVersion = -1
    /// The session's, of the plan's last pass.
    private var turn = 0
    fileprivate var stopwatch: Stopwatch?

    init(_ compiled: PlanCompiler.Result) {
        self.compiled = compiled
    }

    var batchSize: Int { compiled.batchSize }
    var threads: Int { compiled.threads }
    var arenaBytes: Int { compiled.arena.bytes + (compiled.contiguousGradients?.bytes ?? 0) }

    var images: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: compiled.images.floats, count: compiled.images.sizes.reduce(1, *))
    }

    var logits: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: compiled.logits.floats, count: compiled.logits.sizes.reduce(1, *))
    }

    /// Plans of one session take turns, and each has its own number.
    fileprivate func takeThreads() throws(ThreadError) { try Library.use(threads: compiled.threads) }

    fileprivate func begin() {
        compiled.session.turn += 1
        turn = compiled.session.turn
        if poisonsMemory { compiled.arena.poison() }
    }

    /// What the last pass has left lies in memory that all plans of the session share.
    ///
    /// - Throws: ``EngineError/passIsOver``.
    fileprivate final func checkTurn() throws(EngineError) {
        guard turn == compiled.session.turn else { throw .passIsOver }
    }

    private var poisonsMemory: Bool { compiled.session.poisonsMemory }

    /// Where the arena's layout counts entry `index` of the list: images and logits come first, and between the forward and
    /// the backward pass the loss.
    private func layoutIndex(_ index: Int) -> Int {
        let backward = compiled.refresh.count + compiled.forward.count + compiled.auxiliaryForward.count
        return index < backward ? index + 1 : index + 2
    }

    func run() throws { try runForward(isTraining: false) }

    fileprivate final func runForward(isTraining: Bool) throws {
        try takeThreads()
        if weightsVersion != compiled.session.weightsVersion {
            try run(compiled.refresh, from: 0)
            weightsVersion = compiled.session.weightsVersion
        }
        begin()
        compiled.pass.isTraining = isTraining
        try run(compiled.forward, from: compiled.refresh.count)
    }

    /// Runs a part of the list, which begins at entry `first` of it.
    fileprivate final func run(_ calls: [any PlanCall], from first: Int) throws {
        for (index, call) in calls.enumerated() {
            if let stopwatch {
                try stopwatch.measure(first + index) { try call.run() }
            } else {
                try call.run()
            }
            if poisonsMemory { compiled.arena.poison(after: layoutIndex(first + index)) }
        }
    }

    func profile(runs: Int, _ body: () throws -> Void) throws -> [PlanCallProfile] {
        let calls = compiled.refresh + compiled.forward + compiled.auxiliaryForward + compiled.backward
        let stopwatch = Stopwatch(entries: calls.count + 2)
        self.stopwatch = stopwatch
        defer { self.stopwatch = nil }
        for _ in 0..<runs { try body() }
        var profiles = zip(compiled.profiles, calls).enumerated().map { index, entry in
            var profile = entry.0
            profile.implementation = entry.1.implementation
            profile.seconds = stopwatch.seconds[index] / Double(runs)
            return profile
        }
        for (index, var profile) in ownWork.enumerated() {
            profile.seconds = stopwatch.seconds[calls.count + index] / Double(runs)
            profiles.append(profile)
        }
        return profiles
    }

    /// What a plan does besides its calls, in the order of the stopwatch's last entries.
    fileprivate var ownWork: [PlanCallProfile] { [] }
}

/// Adds up the time that each of some entries takes.
final class Stopwatch {
    private(set) var seconds: [Double]
    private let clock = ContinuousClock()

    init(entries: Int) {
        seconds = [Double](repeating: 0, count: entries)
    }

    func measure<T>(_ entry: Int, _ body: () throws -> T) rethrows -> T {
        let start = clock.now
        defer { seconds[entry] += (clock.now - start) / .seconds(1) }
        return try body()
    }
}

final class OneDNNTrainingPlan: OneDNNPlan, TrainingPlan {
    private let loss: any Loss
    private let totalLoss: TotalLoss<Float>
    private let classLabels: AlignedBuffer<Int32>
    private let targets: AlignedBuffer<Float>?
    private let updateCall: OptimizerCall
    private let arrays: RequestArrays

    init(
        _ compiled: PlanCompiler.Result, totalLoss: TotalLoss<Float>, training: TrainingConfiguration,
        _ arrays: RequestArrays
    ) {
        self.arrays = arrays
        let session = compiled.session
        loss = training.loss
        self.totalLoss = totalLoss
        classLabels = AlignedBuffer(count: compiled.batchSize)
        targets =
            training.usesSoftTargets
            ? AlignedBuffer(count: compiled.batchSize * session.graph.outputShape.count) : nil
        updateCall = OptimizerCall(
            training, parameters: session.masters.map(\.memory), gradients: compiled.parameterGradients,
            states: training.stateNames.map(session.state), threads: compiled.threads)
        super.init(compiled)
    }

    var labels: UnsafeMutableBufferPointer<Int32> { classLabels.elements }
    var samples: UnsafeMutableBufferPointer<Int32> { compiled.pass.samples.elements }

    var softTargets: UnsafeMutableBufferPointer<Float> {
        targets?.elements ?? UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    var gradients: UnsafeMutableBufferPointer<Float> {
        compiled.contiguousGradients?.elements ?? UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    var gradientSlices: [GradientSlice] { compiled.contiguousGradients?.slices ?? [] }

    func computeGradients(_ step: TrainingStep) throws -> StepResult {
        try takeThreads()
        begin()
        compiled.pass.isTraining = true
        compiled.pass.epoch = step.epoch
        let auxiliary = compiled.refresh.count + compiled.forward.count
        let backward = auxiliary + compiled.auxiliaryForward.count
        let own = backward + compiled.backward.count
        try run(compiled.forward, from: compiled.refresh.count)
        try run(compiled.auxiliaryForward, from: auxiliary)
        let result = measure(own) {
            totalLoss.evaluate(
                loss, labels: classLabels.pointer, softTargets: targets.map { UnsafePointer($0.pointer) })
        }
        try run(compiled.backward, from: backward)
        return result
    }

    func update(_ step: TrainingStep, weight: Double) throws {
        if compiled.contiguousGradients == nil { try checkTurn() }
        try takeThreads()
        let own =
            compiled.refresh.count + compiled.forward.count + compiled.auxiliaryForward.count + compiled.backward.count
        measure(own + 1) { updateCall.run(step, weight: weight) }
        compiled.session.weightsChanged()
    }

    private func measure<T>(_ entry: Int, _ body: () -> T) -> T { stopwatch?.measure(entry, body) ?? body() }

    override fileprivate var ownWork: [PlanCallProfile] {
        let logits = logits.count * 2 * MemoryLayout<Float>.stride
        return [
            PlanCallProfile(
                purpose: "loss", implementation: "convnet", seconds: 0, operations: 0, bytes: logits),
            PlanCallProfile(
                purpose: "update of the weights", implementation: "convnet", seconds: 0, operations: 0,
                bytes: updateCall.bytes),
        ]
    }

    func gradient(_ index: Int) throws -> [Float] {
        guard let gradient = compiled.parameterGradients[index] else {
            return [Float](repeating: 0, count: compiled.session.graph.parameters[index].count)
        }
        if compiled.contiguousGradients == nil { try checkTurn() }
        return try compiled.session.read(gradient, of: index)
    }

    func output(of node: Int) throws -> [Float] { try values(arrays.outputs, node, "the output of") }

    func gradient(ofNode node: Int) throws -> [Float] {
        try values(arrays.gradients, node, "the gradient with respect to")
    }

    var updateStatistics: [UpdateStatistics] { updateCall.statistics }
}

extension OneDNNPlan {
    /// What is kept of a node, which is all that was asked for.
    fileprivate func values(_ kept: [Int: PlanArray], _ node: Int, _ what: String) throws -> [Float] {
        guard let array = kept[node] else { throw compiled.session.graph.notRequested(node, what) }
        try checkTurn()
        return Array(UnsafeBufferPointer(start: array.floats, count: array.count))
    }
}

final class OneDNNRequestPlan: OneDNNPlan, RequestPlan {
    let request: PlanRequest
    private let arrays: RequestArrays
    /// Of the parameters' gradients: parameters may move to others.
    private let layouts: [Int: Layout]

    init(_ compiled: PlanCompiler.Result, request: PlanRequest, _ arrays: RequestArrays) {
        self.request = request
        self.arrays = arrays
        layouts = compiled.parameterGradients.keys.reduce(into: [:]) { $0[$1] = compiled.session.masters[$1].layout }
        super.init(compiled)
        for array in arrays.givenGradients.values { array.floats.update(repeating: 0, count: array.count) }
    }

    private var graph: Graph { compiled.session.graph }

    var samples: UnsafeMutableBufferPointer<Int32> { compiled.pass.samples.elements }

    var epoch: Int {
        get { compiled.pass.epoch }
        set { compiled.pass.epoch = newValue }
    }

    override func run() throws {
        try runForward(isTraining: request.isTraining)
        // Plans for inference hold what was made of the running statistics before.
        if request.isTraining { compiled.session.weightsChanged() }
    }

    func output(of node: Int) throws -> [Float] {
        try values(arrays.outputs, node, "the output of")
    }

    func setGradient(_ values: [Float], of node: Int) throws {
        try graph.checkRequested(request.sources, node, "a gradient on the output of")
        try graph.checkCount(values, of: node, batchSize: batchSize)
        // One that leads to nothing that was asked for has no array.
        arrays.givenGradients[node]?.floats.update(from: values, count: values.count)
    }

    func backward() throws {
        try checkTurn()
        try takeThreads()
        compiled.pass.isTraining = request.isTraining
        try run(compiled.backward, from: compiled.refresh.count + compiled.forward.count)
    }

    func gradient(ofNode node: Int) throws -> [Float] {
        try values(arrays.gradients, node, "the gradient with respect to")
    }

    func gradient(ofParameter parameter: Int) throws -> [Float] {
        try graph.checkRequested(request.parameterGradients, parameter: parameter)
        guard let gradient = compiled.parameterGradients[parameter] else {
            return [Float](repeating: 0, count: graph.parameters[parameter].count)
        }
        try checkTurn()
        return try compiled.session.read(gradient, of: parameter, layout: layouts[parameter])
    }
}

extension PlanArray {
    /// Of all samples.
    fileprivate var count: Int { sizes.reduce(1, *) }
}
#endif
