import ConvNetEngine
import ConvNetGraph

extension Dataset {
    /// Divides a dataset into images to train on and images to validate with.
    ///
    /// The same share of each class goes to validation (at least one image, where a class has two or more), chosen by
    /// `seed` alone; within each part the images keep their order. Where images have several classes, or none, shares are met
    /// as nearly as whole images allow (Sechidis et al., "On the Stratification of Multi-Label Data", 2011).
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
        if targetKind == .labels {
            let units = group.map { groups(order, by: $0) } ?? order.map { [$0] }
            let isTaken = LabelStratification(self, units: units, fraction: validationFraction).isTaken
            return parts(isTaken)
        }
        var sizes = classCounts
        var quota = sizes.map { splitQuota(of: $0, validationFraction) }
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
        let indices = 0..<count
        return (
            DatasetSubset(of: self, indices: indices.filter { !isValidation[$0] }, name: "\(name), training"),
            DatasetSubset(of: self, indices: indices.filter { isValidation[$0] }, name: "\(name), validation")
        )
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

/// How many of a class's images a part gets that takes `fraction` of them: of two or more at least one, and not all.
func splitQuota(of size: Int, _ fraction: Double) -> Int {
    let share = Int((Double(size) * fraction).rounded())
    return fraction > 0 && size > 1 ? min(max(share, 1), size - 1) : 0
}
