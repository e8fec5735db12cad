/// Gives the same elements, in row-major order, another shape.
///
///     Dense(7 * 7 * 64)
///     Reshape(64, 7, 7)
///
/// - Input: any shape with as many elements. Output: C×H×W, or a flat vector.
/// - Errors when the network is built: a shape with neither one nor three sizes, or with another number of elements.
public struct Reshape: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "reshape"

    /// C×H×W, or (features).
    public var shape: Shape

    /// - Parameter shape: with as many elements as the input.
    public init(_ shape: Shape) {
        self.shape = shape
    }

    /// The sizes one by one: `Reshape(64, 7, 7)`.
    public init(_ sizes: Int...) {
        self.init(Shape(sizes))
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        for size in shape.dimensions where size <= 0 { throw .notPositive("size", size) }
        guard shape.count(notExceeding: Graph.maximumElementCount) == input.count else {
            throw .cannotReshape(from: input, to: shape)
        }
        return shape
    }
}

extension Reshape: CustomStringConvertible {
    public var description: String {
        "Reshape(\(shape.dimensions.map(String.init).joined(separator: ", ")))"
    }
}

/// Turns a feature map C×H×W into a flat vector of C·H·W features, channel by channel, row by row, as PyTorch does.
public struct Flatten: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "flatten"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        [try inputs.single().count]
    }
}

extension Flatten: CustomStringConvertible {
    public var description: String { "Flatten()" }
}
