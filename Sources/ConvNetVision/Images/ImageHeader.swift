import ConvNetGraph

/// What an image file says of itself in front of its pixels.
public struct ImageHeader: Hashable, Sendable {
    /// By the file's content, not its name.
    public var format: ImageFormat
    /// The rows that are stored; upright, they may be columns.
    public var storedHeight: Int
    /// The columns that are stored.
    public var storedWidth: Int
    /// How the image has to be turned.
    public var orientation: Orientation
    /// Whether it is grey, and not coloured.
    public var isGrey: Bool
    /// Whether the colours are those of four inks.
    public var isCMYK = false
    /// Whether pixels can be transparent.
    public var hasAlpha = false
    /// Bits of a sample: 1 to 16.
    public var bitDepth = 8
    /// What decoding the whole image takes, in bytes, the decoder's own memory included.
    public var decodedBytes: Int

    /// Height and width of the upright image.
    public var size: Size { size(obeying: true) }

    /// Channels, 1 for grey and 3 otherwise, and the size of the upright image: C×H×W.
    var shape: Shape { [isGrey ? 1 : 3, size.height, size.width] }

    /// - Parameter orientation: whether the image is turned as the file says.
    func size(obeying orientation: Bool) -> Size {
        orientation && self.orientation.transposes
            ? Size(storedWidth, storedHeight) : Size(storedHeight, storedWidth)
    }
}
