#if CONVNET_ONEDNN
import ConvNetEngine

/// Updates all parameters in one go: their elements, laid end to end, are divided evenly among the threads.
final class OptimizerCall: ParallelCall {
    let threads: Int

    private let updater: ParameterUpdater
    private var phase = ParameterUpdater.Phase.apply
    /// Keeps alive what the updater points to.
    private let memory: [PlanMemory]

    /// A thread with fewer elements than these would be done before the team is awake, which takes some microseconds.
    private static let elementsWorthAThread = 32_768

    /// - Parameters:
    ///   - gradients: by the parameter's index; one without a gradient stays as it is.
    ///   - states: for each of the training's arrays, one buffer a parameter.
    init(
        _ training: TrainingConfiguration, parameters: [PlanMemory], gradients: [Int: PlanMemory],
        states: [[PlanMemory]], threads: Int
    ) {
        let arrays = parameters.enumerated().map { index, weights in
            gradients[index].map { gradient in
                ParameterUpdater.Arrays(
                    weights: weights.floats, gradients: gradient.floats, states: states.map { $0[index].floats },
                    count: weights.bytes / MemoryLayout<Float>.stride)
            }
        }
        updater = ParameterUpdater(training, parameters: arrays, threads: threads)
        self.threads = max(1, min(threads, updater.elementCount / Self.elementsWorthAThread))
        memory = parameters + gradients.values + states.flatMap { $0 }
    }

    /// Weights, gradients and the optimizer's arrays.
    var bytes: Int { memory.reduce(0) { $0 + $1.bytes } }

    /// By parameter, of the last step; empty where nothing is recorded.
    var statistics: [UpdateStatistics] { updater.statistics }

    /// - Parameter weight: what the mean that the gradients belong to was divided by.
    func run(_ step: TrainingStep, weight: Double) {
        updater.begin(step, weight: weight)
        while let phase = updater.nextPhase() {
            self.phase = phase
            run()
        }
    }

    func run() {
        if threads == 1 { run(part: 0, of: 1) } else { runInParallel() }
    }

    func run(part: Int, of parts: Int) { updater.run(phase, part: part, of: parts) }
}
#endif
