/// What a ``Schedule/Shape/reduceOnPlateau(factor:patience:threshold:)`` has seen of the validation loss.
///
/// Every epoch counts, those of the warm-up too.
struct Plateau: Hashable, Codable, Sendable {
    private var best: Double?
    /// Since the last improvement or reduction.
    private(set) var epochsWithoutImprovement = 0
    private(set) var reductions = 0

    mutating func observe(loss: Double, patience: Int, threshold: Double) {
        if let best, !(loss < best * (1 - threshold)) {
            epochsWithoutImprovement += 1
        } else {
            best = loss
            epochsWithoutImprovement = 0
        }
        if epochsWithoutImprovement > patience {
            reductions += 1
            epochsWithoutImprovement = 0
        }
    }
}
