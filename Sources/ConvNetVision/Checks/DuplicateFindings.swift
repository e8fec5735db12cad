import ConvNetPages

/// What pictures that are the same, or nearly, mean for training.
struct DuplicateFindings {
    private let pictures: FindingPictures
    private let mostExamples: Int
    private var tallies: [Key: Tally] = [:]

    /// What a finding is about; positions of parts, the same twice where it is about one.
    private struct Key: Hashable {
        var kind: DatasetCheck.Kind
        var earlier: Int
        var later: Int
    }

    private struct Tally {
        var count = 0
        var examples: [DatasetCheck.Example] = []
    }

    init(_ pictures: FindingPictures, _ search: DuplicateSearch, mostExamples: Int) {
        self.pictures = pictures
        self.mostExamples = mostExamples
        let groups = search.equalGroups
        for group in groups { addEqual(group) }
        addNear(search, groups)
    }

    private func label(_ position: Int) -> Int32 { pictures.checked[position].labels }

    /// - Parameters:
    ///   - count: how many pictures it is about.
    ///   - same: pictures that are the same, of which the first ones are named.
    private mutating func add(_ kind: DatasetCheck.Kind, _ earlier: Int, _ later: Int, count: Int, same: [Int]) {
        var tally = tallies.removeValue(forKey: Key(kind: kind, earlier: earlier, later: later)) ?? Tally()
        tally.count += count
        if tally.examples.count < mostExamples { tally.examples.append(pictures.example(same)) }
        tallies[Key(kind: kind, earlier: earlier, later: later)] = tally
    }

    // MARK: Equal pixels

    private mutating func addEqual(_ group: [Int]) {
        let firsts = firstOfEach(group, label)
        if firsts.count > 1 {
            // One of each label goes first, or the few that are named might all have the same.
            let others = Set(group).subtracting(firsts).sorted()
            add(.conflictingLabels, 0, 0, count: group.count, same: firsts + others)
        }
        let byPart = Dictionary(grouping: group, by: pictures.part).sorted { $0.key < $1.key }
        for (place, (later, members)) in byPart.enumerated() {
            for (earlier, others) in byPart[..<place] {
                add(.leak, earlier, later, count: members.count, same: [members[0], others[0]])
            }
            if members.count > 1, Set(members.map(label)).count == 1 {
                add(.duplicates, later, later, count: members.count - 1, same: members)
            }
        }
    }

    private func firstOfEach<Key: Hashable>(_ group: [Int], _ key: (Int) -> Key) -> [Int] {
        var seen: Set<Key> = []
        return group.filter { seen.insert(key($0)).inserted }
    }

    // MARK: Nearly the same

    /// Of pictures with the same pixels one of each part and label is enough here: the others have been named.
    private mutating func addNear(_ search: DuplicateSearch, _ groups: [[Int]]) {
        var copies: Set<Int> = []
        var variants: [Int: [Int]] = [:]
        for group in groups {
            copies.formUnion(group.dropFirst())
            variants[group[0]] = firstOfEach(group) { [pictures.part($0), Int(label($0))] }
        }
        // Of each picture the first one that it is nearly the same as.
        var partners: [Key: [Int: Int]] = [:]
        func add(_ kind: DatasetCheck.Kind, _ parts: (Int, Int), _ earlier: Int, _ later: Int) {
            let key = Key(kind: kind, earlier: parts.0, later: parts.1)
            let known = partners[key]?[later] ?? earlier
            partners[key, default: [:]][later] = min(earlier, known)
        }
        let compared = search.pictures.indices.filter { !copies.contains($0) }
        search.nearPairs(among: compared) { one, other in
            for a in variants[one] ?? [one] {
                for b in variants[other] ?? [other] {
                    let (earlier, later) = (min(a, b), max(a, b))
                    let parts = (pictures.part(earlier), pictures.part(later))
                    let differs = label(a) != label(b)
                    if differs { add(.nearConflictingLabels, (0, 0), earlier, later) }
                    if parts.0 != parts.1 {
                        add(.nearLeak, parts, earlier, later)
                    } else if !differs {
                        add(.nearDuplicates, parts, earlier, later)
                    }
                }
            }
        }
        for (key, partners) in partners {
            let first = partners.keys.sorted().prefix(mostExamples)
            tallies[key] = Tally(
                count: partners.count,
                examples: first.map { pictures.example([$0, partners[$0] ?? $0]) })
        }
    }

    // MARK: Sentences

    /// In the order of the parts.
    var findings: [DatasetCheck.Finding] {
        tallies.sorted { ($0.key.earlier, $0.key.later) < ($1.key.earlier, $1.key.later) }.map { key, tally in
            let spread = [.conflictingLabels, .nearConflictingLabels].contains(key.kind)
            let (earlier, later) = (pictures.parts[key.earlier], pictures.parts[key.later])
            let (headline, advice) = sentences(key.kind, tally.count, earlier, later)
            return DatasetCheck.Finding(
                key.kind, spread ? pictures.parts : earlier == later ? [later] : [earlier, later], count: tally.count,
                headline, advice, tally.examples)
        }
    }

    private func sentences(
        _ kind: DatasetCheck.Kind, _ count: Int, _ earlier: DatasetPart, _ later: DatasetPart
    ) -> (headline: String, advice: String) {
        let what = count.counted("picture")
        let (isAre, hasHave) = count == 1 ? ("is", "has") : ("are", "have")
        switch kind {
        case .conflictingLabels:
            return (
                "\(what) \(hasHave) the same pixels as one with another label",
                "At most one of the labels is right. Keep the picture where it belongs and remove the others."
            )
        case .nearConflictingLabels:
            return (
                "\(what) \(isAre) nearly the same as one with another label",
                "Look at them: either a label is wrong, or the classes differ in less than is to be seen."
            )
        case .leak:
            return (
                "\(what) of \(later) \(isAre) in \(earlier), too",
                "The network is measured on what it has seen. Remove \(count == 1 ? "it" : "them") from \(later)."
            )
        case .nearLeak:
            return (
                "\(what) of \(later) \(isAre) nearly the same as one of \(earlier)",
                "Look at them: pictures of one scene belong in one part. Move them, or let 'train --group-by' divide."
            )
        case .nearDuplicates:
            return (
                "\(what) of \(later) \(isAre) nearly the same as an earlier one",
                later == .train
                    ? "A scene that comes twice counts more than others, and a split would put it on both sides. Keep one of "
                        + "each, or divide with 'train --group-by'."
                    : "A scene that comes twice counts more than others in what is measured. Keep one of each."
            )
        default:
            return (
                "\(what) of \(later) \(isAre) \(count == 1 ? "a copy" : "copies") of an earlier one",
                later == .train
                    ? "A picture with copies counts more than others, and a split would put it on both sides. Remove the copies."
                    : "A picture with copies counts more than others in what is measured. Remove the copies."
            )
        }
    }
}
