import ConvNetEngine
import ConvNetGraph
import Foundation

/// What a run leaves to go on from, and what it comes from; weights as they are saved.
extension TrainingRun {
    /// All that is needed to go on from here and come to the same end.
    ///
    /// - Throws: ``TrainingError/weightsNotFinite(parameter:epoch:)``: a checkpoint with such weights would take the place
    ///   of a good one.
    public func checkpoint() throws -> TrainingCheckpoint {
        try checkpoint(
            parameters: network.parameters.indices.map { try finiteParameter($0) },
            optimizerStates: configuration.checkpointedStateNames.map { ($0, try model.optimizerState($0)) })
    }

    /// Writes ``checkpoint()`` to a file, without a second copy of all weights.
    ///
    /// - Parameter file: where the best weights are; see ``TrainingCheckpoint/write(to:bestIn:)``.
    /// - Throws: as ``checkpoint()``, and ``FileWriteError``; the file then holds what it held before.
    package func writeCheckpoint(to url: URL, bestIn file: TrainingCheckpoint.ModelReference?) throws {
        let states = configuration.checkpointedStateNames.map { ($0, [[Float]]()) }
        try checkpoint(parameters: [], optimizerStates: states).write(to: url, bestIn: file) { state, index in
            try state.map { try model.optimizerState($0, of: index) } ?? finiteParameter(index)
        }
    }

    private func checkpoint(parameters: [[Float]], optimizerStates: [(String, [[Float]])]) throws -> TrainingCheckpoint
    {
        TrainingCheckpoint(
            settings: try TrainingCheckpoint.Settings(trainer, imageCount: training.dataset.count), data: data,
            engine: model.engine.version, instructions: model.engine.instructions,
            arithmetic: ArithmeticVersion.current, threads: model.engine.threads,
            precision: model.engine.precision,
            algorithms: model.algorithms, finishedEpochs: finishedEpochs, stepsInEpoch: stepsInEpoch, sums: sums,
            best: best, validationHistory: history, trouble: troubleWatch.state,
            graphText: String(decoding: try JSONEncoder.sorted.encode(model.network.graph), as: UTF8.self),
            parameterNames: model.network.parameters.map(\.name),
            parameterShapes: model.network.parameters.map(\.shape), parameters: parameters,
            optimizerStates: Dictionary(uniqueKeysWithValues: optimizerStates), bestParameters: bestValues)
    }

    private func finiteParameter(_ index: Int) throws -> [Float] {
        // The best weights may be those of this moment, and need not be read again.
        let isBest = stepsInEpoch == 0 && best?.epoch == finishedEpochs && trainer.averaging == nil
        let values = try isBest ? bestValues?[index] ?? model.parameter(index) : model.parameter(index)
        // Those of a whole epoch have been checked.
        if stepsInEpoch > 0 { try checkFinite(values, of: index, epoch: finishedEpochs) }
        return values
    }

    private func checkFinite(_ values: [Float], of index: Int, epoch: Int) throws {
        guard values.firstNotFinite == nil else {
            throw TrainingError.weightsNotFinite(parameter: network.parameters[index].name, epoch: epoch)
        }
    }

    /// The loss may be finite where a weight is not: behind a ReLU, say, that makes 0 of what is no number.
    func checkWeights(epoch: Int) throws {
        for index in network.parameters.indices { try checkFinite(model.parameter(index), of: index, epoch: epoch) }
    }

    func restore(_ checkpoint: TrainingCheckpoint) throws {
        let states = try configuration.checkpointedStateNames.map { name in
            guard let state = checkpoint.optimizerStates[name] else {
                throw TrainingError.checkpointMismatch("it has no optimizer state \"\(name)\"")
            }
            return (name, state)
        }
        try model.setWeights(checkpoint.parameters)
        for (name, state) in states { try model.setOptimizerState(name, to: state) }
        finishedEpochs = checkpoint.finishedEpochs
        stepsInEpoch = checkpoint.stepsInEpoch
        sums = checkpoint.sums
        best = checkpoint.best
        bestValues = checkpoint.bestParameters
        history = checkpoint.validationHistory
        if steps > 0 { lastLearningRate = learningRate(step: steps - 1) }
    }

    /// Forgets what the model's last run has left, above all numbers that are not finite.
    func clearStates() throws {
        let zeros = model.network.parameters.map { [Float](repeating: 0, count: $0.count) }
        for name in trainer.optimizer.stateNames { try model.setOptimizerState(name, to: zeros) }
        if trainer.averaging != nil { try model.setOptimizerState(WeightAveraging.stateName, to: model.weights()) }
    }

    // MARK: Averages

    /// What is validated and saved: averages of what the optimizer changes, where the run averages, and the rest as it is.
    func averagedWeights() throws -> [[Float]] {
        var values = try model.weights()
        guard trainer.averaging != nil else { return values }
        let averages = try model.optimizerState(WeightAveraging.stateName)
        for (index, parameter) in model.network.parameters.enumerated() where parameter.isTrainable {
            values[index] = averages[index]
        }
        return values
    }

    /// Does something with the averages in the place of the weights, where the run averages.
    func withAverages<T>(_ body: () throws -> T) throws -> T {
        guard trainer.averaging != nil else { return try body() }
        let weights = try model.weights()
        try model.setWeights(averagedWeights())
        let result = Result(catching: body)
        try model.setWeights(weights)
        return try result.get()
    }

    func named(_ values: [[Float]]) -> [String: [Float]] {
        Dictionary(uniqueKeysWithValues: zip(model.network.parameters.map(\.name), values))
    }
}
