/// What the validations of a run have led to, as far as its later epochs depend on it.
struct ValidationHistory: Hashable, Codable, Sendable {
    var plateau = Plateau()
    var earlyStopping = EarlyStopping.State()

    mutating func observe(_ evaluation: Evaluation, in trainer: Trainer) {
        if case .reduceOnPlateau(_, let patience, let threshold) = trainer.schedule.shape {
            let watched = trainer.objective ?? MeanLoss()
            plateau.observe(evaluation[watched.name], watched.direction, patience: patience, threshold: threshold)
        }
        if let rule = trainer.earlyStopping {
            earlyStopping.observe(evaluation, rule, objective: trainer.objective ?? Accuracy())
        }
    }

    /// Whether the run has come to its end before its last epoch.
    func isOver(in trainer: Trainer) -> Bool { trainer.earlyStopping.map(earlyStopping.isOver) ?? false }

    /// Whether so many epochs can lead to these counts.
    func isPossible(afterEpochs epochs: Int) -> Bool {
        let range = 0...max(epochs, 0)
        return range.contains(plateau.epochsWithoutImprovement) && range.contains(plateau.reductions)
            && range.contains(earlyStopping.epochsWithoutImprovement)
    }
}
