/// Divides images with any number of classes each so that every class has the same share in validation, as far as may be: the rarest
/// class is divided first, its images going where it lacks the most.
///
/// Source: Sechidis, Tsoumakas, Vlahavas, "On the Stratification of Multi-Label Data", 2011, section 3.
struct IterativeStratification {
    /// What stays together: images, or groups of them, in random order.
    private let units: [[Int]]
    /// For each unit, how many of its images have each of its classes.
    private let counts: [[(label: Int, count: Int)]]
    /// What training and validation still lack of each class, and of images.
    private var lack: (training: [Double], validation: [Double])
    private var imageLack: (training: Double, validation: Double)

    /// - Parameter fraction: validation's share of the images, above 0.
    init(_ units: [[Int]], labels: (_ image: Int) -> [Int], classes: Int, fraction: Double) {
        self.units = units
        counts = units.map { images in
            var counts: [Int: Int] = [:]
            for label in images.flatMap(labels) { counts[label, default: 0] += 1 }
            return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
        var sizes = [Int](repeating: 0, count: classes)
        for (label, count) in counts.joined() { sizes[label] += count }
        // At least one image of a class in each part, where it has two.
        let shares = sizes.map { size in
            size > 1 ? min(max((Double(size) * fraction).rounded(), 1), Double(size - 1)) : 0
        }
        lack = (zip(sizes, shares).map { Double($0) - $1 }, shares)
        let images = units.reduce(0) { $0 + $1.count }
        let share = (Double(images) * fraction).rounded()
        imageLack = (Double(images) - share, share)
    }

    /// Whether each unit is for validation.
    mutating func divide() -> [Bool] {
        var isValidation = [Bool?](repeating: nil, count: units.count)
        var left = [Int](repeating: 0, count: lack.training.count)
        for (label, count) in counts.joined() { left[label] += count }
        var unitsByClass = [[Int]](repeating: [], count: left.count)
        for (unit, counts) in counts.enumerated() {
            for (label, _) in counts { unitsByClass[label].append(unit) }
        }
        while let rarest = left.indices.filter({ left[$0] > 0 }).min(by: { left[$0] < left[$1] }) {
            for unit in unitsByClass[rarest] where isValidation[unit] == nil {
                isValidation[unit] = take(unit, for: rarest)
                for (label, count) in counts[unit] { left[label] -= count }
            }
        }
        // Those without a class.
        return isValidation.enumerated().map { unit, known in known ?? take(unit, for: nil) }
    }

    /// Puts a unit where its class lacks the most and, where both lack as much, where images do.
    private mutating func take(_ unit: Int, for label: Int?) -> Bool {
        let ofClass = label.map { lack.validation[$0] - lack.training[$0] } ?? 0
        let ofImages = imageLack.validation - imageLack.training
        let isValidation = ofClass == 0 ? ofImages > 0 : ofClass > 0
        for (label, count) in counts[unit] {
            if isValidation { lack.validation[label] -= Double(count) } else { lack.training[label] -= Double(count) }
        }
        if isValidation {
            imageLack.validation -= Double(units[unit].count)
        } else {
            imageLack.training -= Double(units[unit].count)
        }
        return isValidation
    }
}
