/// What a ``Schedule/Shape/reduceOnPlateau(factor:patience:threshold:)`` has seen in validation.
///
/// Every epoch counts, those of the warm-up too.
struct Plateau: Hashable, Codable, Sendable {
    private var best: Double?
    /// Since the last improvement or reduction.
    private(set) var epochsWithoutImprovement = 0
    private(set) var reductions = 0

    /// - Parameter threshold: the share of the best value by which another must be better, as PyTorch's `ReduceLROnPlateau` has it.
    mutating func observe(_ value: Double?, _ direction: MetricDirection, patience: Int, threshold: Double) {
        let factor = direction == .higherIsBetter ? 1 + threshold : 1 - threshold
        if let best, !(value.map { direction.isBetter($0, than: best * factor) } ?? false) {
            epochsWithoutImprovement += 1
        } else {
            best = value
            epochsWithoutImprovement = 0
        }
        if epochsWithoutImprovement > patience {
            reductions += 1
            epochsWithoutImprovement = 0
        }
    }
}
