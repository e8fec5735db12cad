/// For each class, the threshold that gives the best F1 on the images, and the mean of these F1.
///
/// A threshold lies half-way between two probabilities that occur, so that it does not depend on the last digits of either; of several
/// equally good ones the largest is taken. A class without images keeps 0.5.
struct FittedThresholds: Metric {
    let name = "fitted_thresholds", title = "fitted thresholds"
    let unit = MetricUnit.share, direction = MetricDirection.higherIsBetter

    func fits(_ kind: TargetKind) -> Bool { kind == .labels }

    func makeAccumulator(classes: Int) -> Accumulator { Accumulator(table: ScoreTable(classes: classes)) }

    struct Accumulator: MetricAccumulator {
        fileprivate var table: ScoreTable

        mutating func add(_ predictions: Predictions) { table.add(predictions) }

        /// The thresholds are the values for each class.
        var value: MetricValue {
            let fits = table.forEachClass(bestThreshold)
            let scores = fits.compactMap(\.f1)
            return MetricValue(
                scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count),
                perClass: fits.map { Double($0.threshold) })
        }
    }
}

/// - Parameters:
///   - scores: one for each image.
///   - positives: the positions of those that should reach the threshold, in ascending order.
/// - Returns: a threshold between 0 and 1; with nil where there are no positives.
func bestThreshold(_ scores: [Float], _ positives: [Int]) -> (threshold: Float, f1: Double?) {
    var isPositive = [Bool](repeating: false, count: scores.count)
    for position in positives { isPositive[position] = true }
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var best: (threshold: Float, f1: Double)?
    var right = 0
    for (place, index) in order.enumerated() {
        right += isPositive[index] ? 1 : 0
        let next = place + 1 < order.count ? scores[order[place + 1]] : 0
        guard scores[index] > next else { continue }
        let f1 = Double(2 * right) / Double(positives.count + place + 1)
        if right > 0, f1 > best?.f1 ?? 0 { best = ((scores[index] + next) / 2, f1) }
    }
    guard let best else { return (0.5, positives.isEmpty ? nil : 0) }
    // Single precision may round to an end, which is no threshold.
    return (min(max(best.threshold, .leastNormalMagnitude), Float(1).nextDown), best.f1)
}
