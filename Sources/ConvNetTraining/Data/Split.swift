import ConvNetEngine
import ConvNetGraph

extension Dataset {
    /// Divides a dataset into images to train on and images to validate with.
    ///
    /// The same share of each class goes to validation (at least one image, where a class has two or more), chosen by
    /// `seed` alone; within each part the images keep their order. Where images have any number of classes, that is done as far as it
    /// can be: Sechidis et al., "On the Stratification of Multi-Label Data", 2011.
    ///
    /// - Parameters:
    ///   - validationFraction: 0 ..< 1. At least one image of each class stays for training.
    ///   - seed: any number; the same one always gives the same split.
    ///   - group: what images have in common that may not be in both parts, e.g. the patient or the video that they are
    ///     from; nil where they have nothing in common. Shares are then met as well as whole groups allow.
    /// - Throws: ``SettingError`` for a fraction out of its range.
    public func split(
        validationFraction: Double, seed: UInt64, group: ((_ index: Int) -> String)? = nil
    ) throws -> (training: DatasetSubset, validation: DatasetSubset) {
        guard validationFraction >= 0, validationFraction < 1 else {
            throw SettingError(
                "the validation share must be at least 0 and below 1, received \(validationFraction)")
        }
        let order = RandomStream(seed: seed, purpose: .splitting).permutation(count)
        guard targetKind != .labels || validationFraction == 0 else {
            let units = group.map { groups(order, by: $0) } ?? order.map { [$0] }
            var stratification = IterativeStratification(
                units, labels: { target(at: $0).classes }, classes: classes.count, fraction: validationFraction)
            var isValidation = [Bool](repeating: false, count: count)
            for (unit, isForValidation) in zip(units, stratification.divide()) {
                for index in unit { isValidation[index] = isForValidation }
            }
            return parts(isValidation)
        }
        var sizes = [Int](repeating: 0, count: classes.count)
        for index in 0..<count { sizes[label(at: index)] += 1 }
        var quota = sizes.map { size in
            let share = Int((Double(size) * validationFraction).rounded())
            return validationFraction > 0 && size > 1 ? min(max(share, 1), size - 1) : 0
        }
        var isValidation = [Bool](repeating: false, count: count)
        if let group {
            for members in groups(order, by: group) where take(members, quota: &quota, left: &sizes) {
                for index in members { isValidation[index] = true }
            }
        } else {
            for index in order where quota[label(at: index)] > 0 {
                quota[label(at: index)] -= 1
                isValidation[index] = true
            }
        }
        return parts(isValidation)
    }

    private func parts(_ isValidation: [Bool]) -> (training: DatasetSubset, validation: DatasetSubset) {
        (
            DatasetSubset(
                of: self, indices: isValidation.indices.filter { !isValidation[$0] }, name: "\(name), training"),
            DatasetSubset(
                of: self, indices: isValidation.indices.filter { isValidation[$0] }, name: "\(name), validation")
        )
    }

    /// Some of the images, with the same share of each class as far as may be, in the dataset's order.
    ///
    /// - Parameters:
    ///   - count: how many; all, where there are fewer.
    ///   - seed: what they are drawn from; the same one always gives the same.
    public func sample(_ count: Int, seed: UInt64) -> DatasetSubset {
        let order = RandomStream(seed: seed, purpose: .splitting, first: 1).permutation(self.count)
        // Images with the same classes, at equal distances between 0 and 1: any beginning has the same share of each.
        var sizes: [Target: Int] = [:]
        for index in order { sizes[stratum(of: index), default: 0] += 1 }
        var ranks: [Target: Int] = [:]
        let places = order.map { index in
            let stratum = stratum(of: index)
            let rank = ranks[stratum, default: 0]
            ranks[stratum] = rank + 1
            return (place: (Double(rank) + 0.5) / Double(sizes[stratum] ?? 1), index: index)
        }
        // Of equal places those come first that were drawn first.
        let drawn = places.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
            .prefix(count).map(\.element.index)
        return DatasetSubset(of: self, indices: drawn.sorted(), name: name)
    }

    private func stratum(of index: Int) -> Target {
        targetKind == .labels ? target(at: index) : .label(label(at: index))
    }

    /// The groups in the order in which their first images come.
    private func groups(_ order: [Int], by group: (Int) -> String) -> [[Int]] {
        var numbers: [String: Int] = [:]
        var groups: [[Int]] = []
        for index in order {
            let name = group(index)
            let number = numbers[name, default: groups.count]
            if number == groups.count {
                numbers[name] = number
                groups.append([])
            }
            groups[number].append(index)
        }
        return groups
    }

    /// Whether a group brings validation nearer to its quota without taking all that is left of a class.
    private func take(_ members: [Int], quota: inout [Int], left: inout [Int]) -> Bool {
        var counts = [Int](repeating: 0, count: quota.count)
        for index in members { counts[label(at: index)] += 1 }
        let gain = zip(counts, quota).reduce(0) { $0 + min($1.0, max($1.1, 0)) - max($1.0 - max($1.1, 0), 0) }
        guard gain > 0, zip(counts, left).allSatisfy({ $0 == 0 || $0 < $1 }) else { return false }
        for (label, count) in counts.enumerated() {
            quota[label] -= count
            left[label] -= count
        }
        return true
    }
}
