import ConvNetEngine
import ConvNetPages
import ConvNetTraining

/// What tells apart the images that may not come into different parts: the text in their names that a pattern matches.
public struct ImageGroups: Hashable, Sendable, CustomStringConvertible {
    /// The number of images.
    public let imageCount: Int
    /// The number of groups that the matching images are in.
    public let groupCount: Int
    /// How many images the pattern does not match: each is alone.
    public let unmatchedCount: Int
    /// By image; nil where nothing matches.
    private let keys: [String?]

    /// - Parameter pattern: a regular expression; what its first group matches counts or, where it has none, the whole.
    /// - Throws: ``SettingError`` where it is none, matches no image's name, or the same text in all of them.
    init(_ pattern: String, of dataset: any Dataset) throws {
        let regex = try Self.regex(pattern)
        keys = (0..<dataset.count).map { index in
            guard let match = try? regex.firstMatch(in: dataset.imageName(at: index)) else { return nil }
            return (match.output.count > 1 ? match.output[1].substring : match.output[0].substring).map(String.init)
        }
        imageCount = keys.count
        unmatchedCount = keys.count { $0 == nil }
        groupCount = Set(keys.compactMap { $0 }).count
        guard imageCount > 0 else { return }
        let shown = printable(pattern)
        if unmatchedCount == imageCount {
            throw SettingError(
                "the grouping '\(shown)' matches no image's name, such as '\(printable(dataset.imageName(at: 0)))'; upper and "
                    + "lower case count")
        }
        if groupCount == 1, unmatchedCount == 0 {
            throw SettingError(
                "the grouping '\(shown)' matches the same text, '\(printable(keys[0] ?? ""))', in the names of all images, so "
                    + "that they cannot be divided; put what tells them apart into (…)")
        }
    }

    /// The group of an image, as a split takes it.
    func key(at index: Int) -> String {
        // A text cannot be that of another image's group.
        keys[index].map { "=" + $0 } ?? "#\(index)"
    }

    private static func regex(_ pattern: String) throws -> Regex<AnyRegexOutput> {
        do {
            return try Regex(pattern)
        } catch {
            throw SettingError("'\(printable(pattern))' is not a regular expression: \(error)")
        }
    }

    /// A line: `80 images in 10 groups; 0 match nothing`.
    public var description: String {
        "\(imageCount.counted("image")) in \(groupCount.counted("group")); \(unmatchedCount.grouped) match\(unmatchedCount == 1 ? "es" : "") nothing"
    }
}
