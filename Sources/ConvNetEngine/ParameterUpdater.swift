import ConvNetGraph

/// What happens to the parameters after a backward pass: gradients are accumulated over the parts of a batch and clipped,
/// the optimizer changes the weights, and their average follows. Allocates nothing but in its making.
///
/// The elements of all parameters, laid end to end, are divided evenly among threads. An engine begins a step, then runs
/// each phase on all its threads and waits for them before the next one:
///
///     updater.begin(step, weight: result.weight)
///     while let phase = updater.nextPhase() {
///         for part in 0..<threads { updater.run(phase, part: part, of: threads) }       // in parallel
///     }
public final class ParameterUpdater {
    /// One parameter's arrays, all in the same layout.
    public struct Arrays {
        var weights: UnsafeMutablePointer<Float>
        var gradients: UnsafeMutablePointer<Float>
        /// In the order of ``TrainingConfiguration/stateNames``.
        var states: [UnsafeMutablePointer<Float>]
        var count: Int

        /// The arrays of one parameter, of `count` elements each.
        public init(
            weights: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>,
            states: [UnsafeMutablePointer<Float>], count: Int
        ) {
            self.weights = weights
            self.gradients = gradients
            self.states = states
            self.count = count
        }
    }

    /// What all threads do before any of them goes on.
    public enum Phase {
        /// Adds the gradients to those of the parts before.
        case accumulate
        /// Puts the mean over all parts into the gradients, and sums their squares where a norm is asked for.
        case mean
        /// Clips, updates and averages.
        case apply
    }

    /// The number of elements that are updated.
    public let elementCount: Int

    private let optimizer: any Optimizer
    private let clipping: GradientClipping?
    private let averaging: WeightAveraging?
    private let parameters: [Entry]
    private let recorder: UpdateRecorder?
    /// Sums of squares, one a thread.
    private let squares: AlignedBuffer<Double>

    private var step = TrainingStep(learningRate: 0, epoch: 0)
    private var weight: Float = 0
    private var meanScale: Float = 1
    private var clipScale: Float = 1
    private var keptAverage: Float = 0
    private var takenAverage: Float = 0
    private var phase: Phase?

    private struct Entry {
        var arrays: Arrays
        /// The optimizer's own arrays.
        var states: AlignedBuffer<UnsafeMutablePointer<Float>>
        var average, accumulated: UnsafeMutablePointer<Float>?
        var settings: ParameterSettings
        /// The graph's.
        var index: Int
        /// Where the elements lie when all parameters are laid end to end.
        var range: Range<Int>
    }

    /// The update of a plan's parameters.
    ///
    /// - Parameters:
    ///   - parameters: by the graph's index; nil for one that is not trainable.
    ///   - threads: the most that phases are divided among.
    public init(_ training: TrainingConfiguration, parameters: [Arrays?], threads: Int) {
        var end = 0
        optimizer = training.optimizer
        clipping = training.gradientClipping
        averaging = training.averaging
        let own = training.optimizer.stateNames.count
        self.parameters = parameters.enumerated().compactMap { index, arrays in
            let settings =
                training.parameterSettings.isEmpty
                ? ParameterSettings(weightDecay: training.optimizer.weightDecay) : training.parameterSettings[index]
            guard let arrays, !settings.isFrozen else { return nil }
            let states = AlignedBuffer<UnsafeMutablePointer<Float>>(count: own)
            for slot in 0..<own { states.elements[slot] = arrays.states[slot] }
            let start = end
            end += arrays.count
            return Entry(
                arrays: arrays, states: states, average: training.averaging == nil ? nil : arrays.states[own],
                accumulated: training.accumulatesGradients ? arrays.states.last : nil, settings: settings,
                index: index, range: start..<end)
        }
        elementCount = end
        recorder = training.recordsUpdates ? UpdateRecorder(parameters: parameters.count, threads: threads) : nil
        squares = AlignedBuffer(count: threads)
    }

    /// Starts a step, after its backward pass.
    ///
    /// - Parameter weight: what the mean that the gradients belong to was divided by.
    public func begin(_ step: TrainingStep, weight: Double) {
        self.step = step
        self.weight = Float(weight)
        let total = step.part.weightBefore + weight
        meanScale = total > 0 ? Float(1 / total) : 0
        phase = nil
        if let averaging {
            let decay = averaging.decay(update: step.update)
            (keptAverage, takenAverage) = (Float(decay), Float(1 - decay))
        }
    }

    /// The phase that follows the last one; nil when the step is done.
    public func nextPhase() -> Phase? {
        switch phase {
        case nil: phase = !step.part.isLast ? .accumulate : needsMeanPhase ? .mean : .apply
        case .mean: phase = .apply
        case .accumulate, .apply: return nil
        }
        // Of all threads, also of those that take no part this time.
        if phase == .mean { squares.elements.update(repeating: 0) }
        if phase == .apply { recorder?.clear() }
        if phase == .apply, case .norm(let limit) = clipping {
            let norm = squares.elements.reduce(0, +).squareRoot()
            clipScale = Float(min(1, Double(limit) / (norm + 1e-6)))
        }
        return phase
    }

    private var needsMeanPhase: Bool {
        if case .norm = clipping { return true }
        return !step.part.isFirst
    }

    /// How far the last step has moved each parameter of the graph; empty where that is not recorded.
    public var statistics: [UpdateStatistics] { recorder?.statistics ?? [] }

    /// Does part `part` of `parts` of a phase.
    public func run(_ phase: Phase, part: Int, of parts: Int) {
        let share = elementCount * part / parts..<elementCount * (part + 1) / parts
        precondition(parts <= squares.elements.count, "more parts than the threads that the updater was made for")
        for parameter in parameters where parameter.range.overlaps(share) {
            let own = parameter.range.clamped(to: share)
            let start = parameter.range.lowerBound
            let range = own.lowerBound - start..<own.upperBound - start
            switch phase {
            case .accumulate: accumulate(parameter, range)
            case .mean: squares.elements[part] += mean(parameter, range)
            case .apply: apply(parameter, range, part: part)
            }
        }
    }

    private func accumulate(_ parameter: Entry, _ range: Range<Int>) {
        guard let accumulated = parameter.accumulated else {
            preconditionFailure("this plan computes whole batches only")
        }
        let gradients = parameter.arrays.gradients
        if step.part.isFirst {
            for i in range { accumulated[i] = weight * gradients[i] }
        } else {
            for i in range { accumulated[i] += weight * gradients[i] }
        }
    }

    private func mean(_ parameter: Entry, _ range: Range<Int>) -> Double {
        let gradients = parameter.arrays.gradients
        if !step.part.isFirst, let accumulated = parameter.accumulated {
            for i in range { gradients[i] = (accumulated[i] + weight * gradients[i]) * meanScale }
        }
        guard case .norm = clipping else { return 0 }
        return sumOfSquares(gradients, range)
    }

    private func apply(_ parameter: Entry, _ range: Range<Int>, part: Int) {
        let (weights, gradients) = (parameter.arrays.weights, parameter.arrays.gradients)
        switch clipping {
        case .norm where clipScale != 1:
            for i in range { gradients[i] *= clipScale }
        case .value(let limit):
            // A gradient that is no number stays one, so that the run can say so.
            for i in range where abs(gradients[i]) > limit { gradients[i] = gradients[i] < 0 ? -limit : limit }
        default: break
        }
        let own = OptimizerStep(
            learningRate: step.learningRate * parameter.settings.learningRateFactor,
            weightDecay: parameter.settings.weightDecay, number: step.update)
        func update(_ range: Range<Int>) {
            optimizer.update(
                weights: weights, gradients: gradients, state: parameter.states.pointer, range: range, step: own)
        }
        if let recorder {
            recorder.record(parameter.index, part: part, weights: weights, gradients: gradients, range, update)
        } else {
            update(range)
        }
        guard let average = parameter.average else { return }
        let (kept, taken) = (keptAverage, takenAverage)
        for i in range { average[i] = kept * average[i] + taken * weights[i] }
    }
}
