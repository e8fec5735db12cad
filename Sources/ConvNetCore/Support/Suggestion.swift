/// The name in `names` that is likely meant by a mistyped `name`: the nearest by edit distance, ignoring case, and the
/// first of several that are equally near.
///
/// - Returns: nil where nothing is near: the distance exceeds a third of what was typed (two edits are always
///   allowed), or every letter would have to change.
package func nearestName(to name: String, in names: [String]) -> String? {
    let typed = Array(name.lowercased())
    let limit = max(2, typed.count / 3)
    var nearest: (name: String, distance: Int)?
    for candidate in names {
        let letters = Array(candidate.lowercased())
        let distance = editDistance(from: typed, to: letters)
        guard distance <= limit, distance < max(typed.count, letters.count, 1) else { continue }
        if nearest.map({ distance < $0.distance }) ?? true {
            nearest = (candidate, distance)
        }
    }
    return nearest?.name
}

/// The Levenshtein distance: the least number of insertions, deletions and replacements that turn one into the other.
private func editDistance(from source: [Character], to target: [Character]) -> Int {
    var previous = Array(0...target.count)
    for (row, letter) in source.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(previous.count)
        for (column, other) in target.enumerated() {
            let replaced = previous[column] + (letter == other ? 0 : 1)
            current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
        }
        previous = current
    }
    return previous[target.count]
}
