/// The name in `names` that is likely meant by a mistyped `name`: the nearest by edit distance, ignoring case, and the
/// first of several that are equally near.
///
/// - Returns: nil where nothing is near: the distance exceeds a third of what was typed (two edits are always
///   allowed), or every letter would have to change; nor for a name that is longer than anybody types.
package func nearestName(to name: String, in names: [String]) -> String? {
    guard let typed = letters(of: name) else { return nil }
    let limit = max(2, typed.count / 3)
    var nearest: (name: String, distance: Int)?
    for candidate in names {
        guard let letters = letters(of: candidate), abs(letters.count - typed.count) <= limit else { continue }
        let most = min(limit, max(typed.count, letters.count, 1) - 1, nearest.map { $0.distance - 1 } ?? .max)
        if let distance = editDistance(from: typed, to: letters, atMost: most) { nearest = (candidate, distance) }
    }
    return nearest?.name
}

/// In lower case; nil where there are so many that comparing them takes long.
private func letters(of name: String) -> [Unicode.Scalar]? {
    let longest = 200
    guard name.utf8.count <= 4 * longest else { return nil }
    let scalars = Array(name.lowercased().unicodeScalars)
    return scalars.count <= longest ? scalars : nil
}

/// The Levenshtein distance: the least number of insertions, deletions and replacements that turn one into the other; nil where it
/// is above `most`.
private func editDistance(from source: [Unicode.Scalar], to target: [Unicode.Scalar], atMost most: Int) -> Int? {
    var previous = Array(0...target.count)
    for (row, letter) in source.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(previous.count)
        for (column, other) in target.enumerated() {
            let replaced = previous[column] + (letter == other ? 0 : 1)
            current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
        }
        // It never becomes less from one row to the next.
        guard current.contains(where: { $0 <= most }) else { return nil }
        previous = current
    }
    return previous[target.count] <= most ? previous[target.count] : nil
}
