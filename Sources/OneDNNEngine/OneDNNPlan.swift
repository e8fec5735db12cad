#if CONVNET_ONEDNN
import ConvNetCore

class OneDNNPlan: Plan {
    fileprivate let compiled: PlanCompiler.Result
    private var weightsVersion = -1

    init(_ compiled: PlanCompiler.Result) {
        self.compiled = compiled
    }

    var batchSize: Int { compiled.batchSize }
    var arenaBytes: Int { compiled.arena.bytes }

    var images: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: compiled.images.floats, count: compiled.images.sizes.reduce(1, *))
    }

    var logits: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: compiled.logits.floats, count: compiled.logits.sizes.reduce(1, *))
    }

    fileprivate func begin() {
        if compiled.session.poisonsMemory { compiled.arena.poison() }
    }

    func run() throws {
        if weightsVersion != compiled.session.weightsVersion {
            for call in compiled.refresh { try call.run() }
            weightsVersion = compiled.session.weightsVersion
        }
        begin()
        compiled.pass.isTraining = false
        for call in compiled.forward { try call.run() }
    }
}

final class OneDNNTrainingPlan: OneDNNPlan, TrainingPlan {
    private let loss: any Loss
    private let totalLoss: TotalLoss<Float>
    private let classLabels: AlignedBuffer<Int32>
    private let targets: AlignedBuffer<Float>?
    private let update: OptimizerCall

    init(_ compiled: PlanCompiler.Result, totalLoss: TotalLoss<Float>, training: TrainingConfiguration) {
        let session = compiled.session
        loss = training.loss
        self.totalLoss = totalLoss
        classLabels = AlignedBuffer(count: compiled.batchSize)
        targets =
            training.usesSoftTargets
            ? AlignedBuffer(count: compiled.batchSize * session.graph.outputShape.count) : nil
        update = OptimizerCall(
            training, parameters: session.masters.map(\.memory), gradients: compiled.parameterGradients,
            states: training.stateNames.map(session.state), threads: session.threads)
        super.init(compiled)
    }

    var labels: UnsafeMutableBufferPointer<Int32> { classLabels.elements }
    var samples: UnsafeMutableBufferPointer<Int32> { compiled.pass.samples.elements }

    var softTargets: UnsafeMutableBufferPointer<Float> {
        targets?.elements ?? UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    func step(_ step: TrainingStep) throws -> StepResult {
        begin()
        compiled.pass.isTraining = true
        compiled.pass.epoch = step.epoch
        for call in compiled.forward { try call.run() }
        for call in compiled.auxiliaryForward { try call.run() }
        let result = totalLoss.evaluate(
            loss, labels: classLabels.pointer, softTargets: targets.map { UnsafePointer($0.pointer) })
        for call in compiled.backward { try call.run() }
        update.run(step, weight: result.weight)
        compiled.session.weightsChanged()
        return result
    }

    func gradient(_ index: Int) throws -> [Float] {
        guard let gradient = compiled.parameterGradients[index] else {
            return [Float](repeating: 0, count: compiled.session.graph.parameters[index].count)
        }
        return try compiled.session.read(gradient, of: index)
    }
}
#endif
