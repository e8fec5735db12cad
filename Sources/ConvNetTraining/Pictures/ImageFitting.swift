import ConvNetEngine
import ConvNetGraph

/// How a picture of any size becomes one of the size that a network takes, when it is evaluated or predicted on: a step of
/// ``Preprocessing``.
public struct ImageFitting: Hashable, Sendable {
    /// What happens to a picture of another shape.
    public enum Mode: String, CaseIterable, Codable, Sendable {
        /// The shorter side is resized to `shorterSide`, and the centre is cut out. What is missing is black.
        case crop
        /// Both sides are resized, whatever that does to the shape.
        case squash
        /// The longer side is resized to the network's, and the rest is black.
        case pad
    }

    /// The size of the result.
    public var size: Size
    /// The shorter side, in pixels, before the centre is cut out; only for ``Mode/crop``. A picture whose shorter side has
    /// this length already is not resized.
    public var shorterSide: Int
    /// See ``Mode``.
    public var mode: Mode
    /// How pixels between pixels are found.
    public var interpolation: Interpolation

    /// - Parameter shorterSide: that of `size` where nil.
    public init(
        size: Size, shorterSide: Int? = nil, mode: Mode = .crop, interpolation: Interpolation = .bilinear
    ) {
        self.size = size
        self.shorterSide = shorterSide ?? min(size.height, size.width)
        self.mode = mode
        self.interpolation = interpolation
    }

    /// - Throws: ``ModelError/preprocessing(_:)`` for sizes that no picture has, or that are not those of the network's images.
    func validate(for input: Shape) throws {
        guard input.isFeatureMap, size == input.size else {
            throw ModelError.preprocessing("pictures are brought to \(size) for a network that takes \(input)")
        }
        guard (1...1 << 15).contains(shorterSide) else {
            throw ModelError.preprocessing("pictures cannot be resized to \(shorterSide) and cut to \(size)")
        }
    }
}
