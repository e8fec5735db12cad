/// A border of zeros around a feature map, for where a layer's own padding will not do.
///
///     ZeroPadding2D(3)
///     ZeroPadding2D(Edges(top: 0, bottom: 1, left: 0, right: 1))
///
/// - Input: a feature map C×H×W. Output: C × (H + top + bottom) × (W + left + right).
/// - Errors when the network is built: a negative side.
public struct ZeroPadding2D: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "zero_padding2d"

    /// Pixels on each side.
    public var edges: Edges

    /// - Parameter edges: pixels on each side.
    public init(_ edges: Edges) {
        self.edges = edges
    }

    /// - Parameter side: pixels on each of the four sides.
    public init(_ side: Int) {
        self.init(Edges(top: side, bottom: side, left: side, right: side))
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        guard input.isFeatureMap else { throw .needsFeatureMap(received: input) }
        for side in edges.all {
            guard side >= 0 else { throw .negativePadding(side) }
            guard side <= Graph.maximumElementCount else { throw .sizeTooLarge(side) }
        }
        return [
            input.channels, input.height + edges.top + edges.bottom, input.width + edges.left + edges.right,
        ]
    }

    /// A window of one pixel: what an output sees is where it was, moved by the border.
    public func window(for inputs: [Shape]) -> Window? {
        Window(kernel: Size(1), padding: .explicit(edges), input: inputs[0].size)
    }
}

extension ZeroPadding2D: CustomStringConvertible {
    public var description: String {
        edges.isUniform
            ? "ZeroPadding2D(\(edges.top))"
            : "ZeroPadding2D(Edges(top: \(edges.top), bottom: \(edges.bottom), left: \(edges.left), "
                + "right: \(edges.right)))"
    }
}
