/// The border that a convolution or a pooling adds to its input.
///
///     Conv2D(32, kernel: 3, padding: 1)                   // one pixel on every side
///     Conv2D(32, kernel: Size(1, 7), padding: .symmetric(Size(0, 3)))
///     Conv2D(32, kernel: 3, stride: 2, padding: .same)    // output = ⌈input / stride⌉
public enum Padding: Hashable, Sendable {
    /// No border: the window stays inside the input.
    case valid

    /// As much as makes the output ⌈input / stride⌉ high and wide. Where the total is odd the extra pixel goes
    /// below and to the right, as in TensorFlow.
    case same

    /// Pixels on each of the four sides.
    case explicit(Edges)

    /// `size.height` pixels above and below, `size.width` on the left and on the right.
    public static func symmetric(_ size: some SizeConvertible) -> Padding {
        let size = size.size
        return .explicit(Edges(top: size.height, bottom: size.height, left: size.width, right: size.width))
    }

    /// Each side on its own.
    public static func asymmetric(top: Int, bottom: Int, left: Int, right: Int) -> Padding {
        .explicit(Edges(top: top, bottom: bottom, left: left, right: right))
    }
}

extension Padding: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) {
        self = .symmetric(value)
    }
}

extension Padding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .valid: ".valid"
        case .same: ".same"
        case .explicit(let edges):
            if edges.isUniform {
                "\(edges.top)"
            } else if edges.top == edges.bottom, edges.left == edges.right {
                ".symmetric(Size(\(edges.top), \(edges.left)))"
            } else {
                ".asymmetric(top: \(edges.top), bottom: \(edges.bottom), left: \(edges.left), right: \(edges.right))"
            }
        }
    }
}

extension Padding: Codable {
    /// `"valid"`, `"same"` or the list [top, bottom, left, right].
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let word = try? container.decode(String.self) else {
            self = .explicit(try container.decode(Edges.self))
            return
        }
        switch word {
        case "valid": self = .valid
        case "same": self = .same
        default:
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "padding is \"valid\", \"same\" or four numbers, not \"\(word)\"")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .valid: try container.encode("valid")
        case .same: try container.encode("same")
        case .explicit(let edges): try container.encode(edges)
        }
    }
}

/// Pixels on the four sides of a feature map.
public struct Edges: Hashable, Sendable {
    /// Pixels on each side; not negative where they pad an input.
    public var top, bottom, left, right: Int

    /// Each side on its own.
    public init(top: Int, bottom: Int, left: Int, right: Int) {
        self.top = top
        self.bottom = bottom
        self.left = left
        self.right = right
    }

    /// No border.
    public static let zero = Edges(top: 0, bottom: 0, left: 0, right: 0)

    var all: [Int] { [top, bottom, left, right] }
    var isUniform: Bool { top == bottom && left == right && top == left }
}

extension Edges: CustomStringConvertible {
    public var description: String {
        isUniform ? "\(top)" : "(top \(top), bottom \(bottom), left \(left), right \(right))"
    }
}

extension Edges: Codable {
    public init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        self.init(
            top: try container.decode(Int.self), bottom: try container.decode(Int.self),
            left: try container.decode(Int.self), right: try container.decode(Int.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for side in all { try container.encode(side) }
    }
}
