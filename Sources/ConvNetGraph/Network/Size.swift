/// Height and width of a window or of a feature map, in pixels.
public struct Size: Hashable, Sendable {
    /// Rows.
    public var height: Int
    /// Columns.
    public var width: Int

    /// Height and width.
    public init(_ height: Int, _ width: Int) {
        self.height = height
        self.width = width
    }

    /// A square.
    public init(_ side: Int) {
        self.init(side, side)
    }
}

extension Size: CustomStringConvertible {
    public var description: String { "\(height)×\(width)" }
}

extension Size: Codable {
    public init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        self.init(try container.decode(Int.self), try container.decode(Int.self))
        guard container.isAtEnd else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a size is a height and a width")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(height)
        try container.encode(width)
    }
}

/// What may be given where a size is asked for: `3` means 3×3, `Size(1, 7)` one row by seven columns.
public protocol SizeConvertible {
    /// The size that the value stands for.
    var size: Size { get }
}

extension Int: SizeConvertible {
    public var size: Size { Size(self) }
}

extension Size: SizeConvertible {
    public var size: Size { self }
}
