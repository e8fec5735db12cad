/// Divides images of several classes each, so that every class has nearly the same share in the part that is taken.
///
/// Iterative stratification (Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label Data", 2011, section 4)
/// into two parts: the class with the fewest images that are still to be placed comes first, and each of its images goes where
/// more of that class are wanted. Images without any class count as a class of their own.
///
/// Where the authors leave classes out by chance, one image of each class always stays, and of two or more one is taken as far
/// as that leaves the others theirs.
struct LabelStratification {
    /// By image.
    private(set) var isTaken: [Bool]

    /// Images that stay together.
    private let units: [[Int]]
    /// Of each unit, how many of its images have each of their classes.
    private let contents: [[(label: Int, count: Int)]]
    /// By class.
    private let sizes: [Int]
    private let quotas: [Int]
    /// By unit; nil where it is still to be placed.
    private var taken: [Bool?]
    /// By class, how many are still wanted in the part that is taken, and in what stays; below 0 where there are too many.
    private var wanted: (taken: [Int], staying: [Int])
    /// The same of all images.
    private var room: (taken: Double, staying: Double)
    /// By class, how many images are placed or still to be placed outside the part that is taken.
    private var notTaken: [Int]

    /// - Parameters:
    ///   - units: images that stay together, all of them in the order in which they are looked at.
    ///   - fraction: 0 ..< 1, what is taken.
    init(_ dataset: any Dataset, units: [[Int]], fraction: Double) {
        let none = dataset.classes.count
        var sizes = [Int](repeating: 0, count: none + 1)
        contents = units.map { unit in
            var counts: [Int: Int] = [:]
            for index in unit {
                let labels = dataset.target(at: index).classes
                for label in labels.isEmpty ? [none] : labels { counts[label, default: 0] += 1 }
            }
            for (label, count) in counts { sizes[label] += count }
            return counts.sorted { $0.key < $1.key }.map { (label: $0.key, count: $0.value) }
        }
        self.units = units
        self.sizes = sizes
        quotas = sizes.map { splitQuota(of: $0, fraction) }
        taken = [Bool?](repeating: nil, count: units.count)
        wanted = (quotas, zip(sizes, quotas).map { $0 - $1 })
        let count = Double(dataset.count)
        room = (count * fraction, count - count * fraction)
        notTaken = sizes
        isTaken = [Bool](repeating: false, count: dataset.count)
        placeAll()
        if fraction > 0 { takeWhatIsMissing() }
        for (unit, indices) in units.enumerated() where taken[unit] == true {
            for index in indices { isTaken[index] = true }
        }
    }

    private mutating func placeAll() {
        var unitsByLabel = [[Int]](repeating: [], count: sizes.count)
        for (unit, content) in contents.enumerated() {
            for (label, _) in content { unitsByLabel[label].append(unit) }
        }
        var left = sizes
        while let rarest = left.indices.filter({ left[$0] > 0 }).min(by: { (left[$0], $0) < (left[$1], $1) }) {
            for unit in unitsByLabel[rarest] where taken[unit] == nil {
                place(unit, taking: isWanted(unit, for: rarest))
                for (label, count) in contents[unit] { left[label] -= count }
            }
        }
    }

    /// Whether the part that is taken wants a unit more, for one of its classes, than what stays does.
    private func isWanted(_ unit: Int, for label: Int) -> Bool {
        guard leavesSome(unit) else { return false }
        let (here, there) = (wanted.taken[label], wanted.staying[label])
        return here == there ? room.taken > room.staying : here > there
    }

    /// Whether all of a unit's classes have images elsewhere that are not taken.
    private func leavesSome(_ unit: Int) -> Bool {
        contents[unit].allSatisfy { $0.count < notTaken[$0.label] }
    }

    private mutating func place(_ unit: Int, taking isTaken: Bool) {
        taken[unit] = isTaken
        let count = Double(units[unit].count)
        if isTaken { room.taken -= count } else { room.staying -= count }
        for (label, count) in contents[unit] {
            if isTaken {
                wanted.taken[label] -= count
                notTaken[label] -= count
            } else {
                wanted.staying[label] -= count
            }
        }
    }

    /// Takes an image of each class of which none is, though there are two or more: rarer classes may have kept all of them.
    private mutating func takeWhatIsMissing() {
        for label in sizes.indices where quotas[label] > 0 && notTaken[label] == sizes[label] {
            let candidates = units.indices.filter { unit in
                taken[unit] == false && contents[unit].contains { $0.label == label } && leavesSome(unit)
            }
            // Of equal ones the first, which chance has put there.
            guard let best = candidates.max(by: { (gain($0), -$0) < (gain($1), -$1) }),
                // A group that is more than the share is not taken for one image in it.
                units[best].count == 1 || gain(best) > 0
            else { continue }
            let count = Double(units[best].count)
            room.staying += count
            for (label, count) in contents[best] { wanted.staying[label] += count }
            place(best, taking: true)
        }
    }

    /// How many images of a unit's classes are wanted, less those that are too many.
    private func gain(_ unit: Int) -> Int {
        contents[unit].reduce(0) { sum, content in
            let wanted = max(wanted.taken[content.label], 0)
            return sum + min(content.count, wanted) - max(content.count - wanted, 0)
        }
    }
}
