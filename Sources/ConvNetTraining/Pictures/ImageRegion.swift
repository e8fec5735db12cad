import ConvNetGraph

/// A rectangle of pixels.
public struct ImageRegion: Hashable, Sendable {
    /// The first row, counted from 0.
    public var top: Int
    /// The first column, counted from 0.
    public var left: Int
    /// Rows.
    public var height: Int
    /// Columns.
    public var width: Int

    /// So many rows from `top` on, and so many columns from `left` on.
    public init(top: Int, left: Int, height: Int, width: Int) {
        self.top = top
        self.left = left
        self.height = height
        self.width = width
    }

    /// All of an image.
    public init(all size: Size) {
        self.init(top: 0, left: 0, height: size.height, width: size.width)
    }
}
