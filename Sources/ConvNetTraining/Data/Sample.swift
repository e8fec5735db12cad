import ConvNetEngine
import ConvNetGraph

extension Dataset {
    /// Some of the images, chosen by `seed` alone, in their order; all of them where there are no more.
    ///
    /// Each class keeps its share, and at least one image where so many are chosen. Images of several classes keep the shares
    /// as nearly as whole images allow.
    ///
    /// - Parameters:
    ///   - limit: how many images, 1 or more.
    ///   - seed: any number; the same one always gives the same images.
    /// - Throws: ``SettingError`` for a limit below 1.
    public func sample(_ limit: Int, seed: UInt64) throws(SettingError) -> DatasetSubset {
        guard limit >= 1 else { throw SettingError("the limit must be 1 image or more, received \(limit)") }
        guard limit < count else { return DatasetSubset(of: self, indices: Array(0..<count), name: name) }
        // Another stream than the split's, which divides what is chosen.
        let order = RandomStream(seed: seed, purpose: .splitting, first: 1).permutation(count)
        let chosen = targetKind == .labels ? sampleOfSets(limit, order) : sampleOfLabels(limit, order)
        return DatasetSubset(of: self, indices: (0..<count).filter { chosen[$0] }, name: name)
    }

    private func sampleOfLabels(_ limit: Int, _ order: [Int]) -> [Bool] {
        var quotas = Self.quotas(of: classCounts, in: limit)
        var isChosen = [Bool](repeating: false, count: count)
        for index in order where quotas[label(at: index)] > 0 {
            quotas[label(at: index)] -= 1
            isChosen[index] = true
        }
        return isChosen
    }

    /// By class, `limit` images in all: the whole part of each share, at least one where there are enough for all classes, and
    /// what is left over to the largest remainders.
    private static func quotas(of sizes: [Int], in limit: Int) -> [Int] {
        let all = Double(sizes.reduce(0, +))
        let shares = sizes.map { Double($0) * Double(limit) / all }
        let least = sizes.count { $0 > 0 } <= limit ? 1 : 0
        var quotas = zip(sizes, shares).map { min($0, max(Int($1), least)) }
        while true {
            let lack = limit - quotas.reduce(0, +)
            // The first of equal ones.
            func furthest(_ candidates: [Int], _ distance: (Int) -> Double) -> Int? {
                candidates.max { (distance($0), -$0) < (distance($1), -$1) }
            }
            if lack > 0,
                let label = furthest(
                    sizes.indices.filter { quotas[$0] < sizes[$0] }, { shares[$0] - Double(quotas[$0]) })
            {
                quotas[label] += 1
            } else if lack < 0,
                let label = furthest(sizes.indices.filter { quotas[$0] > least }, { Double(quotas[$0]) - shares[$0] })
            {
                quotas[label] -= 1
            } else {
                return quotas
            }
        }
    }

    private func sampleOfSets(_ limit: Int, _ order: [Int]) -> [Bool] {
        let share = Double(limit) / Double(count)
        let left = LabelStratification(self, units: order.map { [$0] }, fraction: 1 - share)
        var isChosen = left.isTaken.map { !$0 }
        // Shares of classes do not add up to a number of images. What is too many or too few is made up for by those images that
        // keep the shares best.
        let none = classes.count
        let labels = (0..<count).map { index in
            let labels = target(at: index).classes
            return labels.isEmpty ? [none] : labels
        }
        var (sizes, chosen) = ([Int](repeating: 0, count: none + 1), [Int](repeating: 0, count: none + 1))
        for index in 0..<count {
            for label in labels[index] {
                sizes[label] += 1
                if isChosen[index] { chosen[label] += 1 }
            }
        }
        var excess = isChosen.count { $0 } - limit
        while excess != 0 {
            let step = excess > 0 ? -1 : 1
            /// How much further from their shares an image's classes are with it, or without it.
            func cost(_ index: Int) -> Double {
                labels[index].reduce(0) { sum, label in
                    let distance = Double(chosen[label]) - Double(sizes[label]) * share
                    let isLast = step < 0 && chosen[label] == 1
                    return sum + 2 * Double(step) * distance + 1 + (isLast ? Double(count) : 0)
                }
            }
            let candidates = order.lazy.filter { isChosen[$0] == (step < 0) }.map { (index: $0, cost: cost($0)) }
            guard let best = candidates.min(by: { $0.cost < $1.cost }) else { break }
            isChosen[best.index].toggle()
            for label in labels[best.index] { chosen[label] += step }
            excess += step
        }
        return isChosen
    }
}
