import ConvNetGraph

/// Finds pictures that are the same, or nearly: compressed again, resized, with a little noise. Mirrored pictures, crops,
/// and grey copies of pictures with colours are others.
struct DuplicateSearch {
    let pictures: [CheckedPicture]
    /// `Thumbnail.bytes` for each picture.
    let thumbnails: [UInt8]

    /// Pictures with less contrast, in levels of 255, are compared by their pixels only: what is nearly of one colour is nearly
    /// the same as anything else that is.
    static let leastDeviation: Float = 4

    /// How far thumbnails may be from one another (root of the mean square, in levels of 255).
    ///
    /// Measured on 28 photographs and scans of scikit-image and scikit-learn: 0 to 1.5 where they are compressed again (JPEG,
    /// quality 90 to 20), 0 to 1 at half the size, 0.6 to 4.2 with noise of 12 levels; 1 to 11 where a hundredth is cut off
    /// each side. Where there is little contrast, less makes another picture.
    static func limit(ofContrast deviation: Float) -> Float { min(4, 0.06 * deviation + 0.5) }

    /// A picture that is nearly the same as so many others is not compared with others of which that is true as well: in a
    /// film of 10,000 frames that all look alike there are 50 million pairs, and the first ones say enough.
    private static let mostLinks = 32

    // MARK: Equal pixels

    /// Groups of two or more pictures with the same pixels: positions in ascending order.
    var equalGroups: [[Int]] {
        Dictionary(grouping: pictures.indices) { pictures[$0].digest }.values.filter { $0.count > 1 }
            .sorted { $0[0] < $1[0] }
    }

    // MARK: Nearly the same

    /// Calls `body` with pairs of pictures that are nearly the same, the earlier one first, each pair once.
    ///
    /// - Parameter positions: the pictures that are compared, in ascending order.
    func nearPairs(among positions: [Int], _ body: (_ earlier: Int, _ later: Int) -> Void) {
        let compared = positions.filter { pictures[$0].deviation >= Self.leastDeviation }
        var links = [UInt8](repeating: 0, count: pictures.count)
        for band in 0..<PerceptualHash.bands {
            let order = compared.map { position in
                let picture = pictures[position]
                return Candidate(
                    key: picture.hash.band(band), mean: picture.mean, hash: picture.hash, position: Int32(position))
            }.sorted { ($0.key, $0.mean, $0.position) < ($1.key, $1.mean, $1.position) }
            var start = 0
            while start < order.count {
                var end = start + 1
                while end < order.count, order[end].key == order[start].key { end += 1 }
                compare(order[start..<end], band: band, links: &links, body)
                start = end
            }
        }
    }

    private struct Candidate {
        var key: UInt16
        var mean: Float
        var hash: PerceptualHash
        var position: Int32
    }

    private func compare(
        _ candidates: ArraySlice<Candidate>, band: Int, links: inout [UInt8], _ body: (Int, Int) -> Void
    ) {
        // Thumbnails differ by at least as much as their means, by which candidates are sorted.
        let mostApart = Self.limit(ofContrast: .infinity)
        candidates.withUnsafeBufferPointer { candidates in
            for i in candidates.indices {
                let one = candidates[i]
                for j in i + 1..<max(i + 1, candidates.count) {
                    let other = candidates[j]
                    if other.mean - one.mean > mostApart { break }
                    guard one.hash.distance(to: other.hash) <= PerceptualHash.mostDifferentBits,
                        // An earlier band had them side by side.
                        !(0..<band).contains(where: { one.hash.band($0) == other.hash.band($0) })
                    else { continue }
                    let (a, b) = (Int(min(one.position, other.position)), Int(max(one.position, other.position)))
                    guard links[a] < Self.mostLinks || links[b] < Self.mostLinks, areAlike(a, b) else { continue }
                    links[a] = min(links[a] + 1, UInt8(Self.mostLinks))
                    links[b] = min(links[b] + 1, UInt8(Self.mostLinks))
                    body(a, b)
                }
            }
        }
    }

    private func areAlike(_ one: Int, _ other: Int) -> Bool {
        let limit = Self.limit(ofContrast: min(pictures[one].deviation, pictures[other].deviation))
        return thumbnails.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return false }
            return Thumbnail.areAlike(start + one * Thumbnail.bytes, start + other * Thumbnail.bytes, limit: limit)
        }
    }
}
