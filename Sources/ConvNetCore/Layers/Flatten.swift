/// Turns a feature map C×H×W into a flat vector of C·H·W features, channel by channel, row by row, as PyTorch does.
public struct Flatten: Layer, Operation {
    public typealias Body = Never
    public static let kind = "flatten"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        guard let count = input.count(notExceeding: Graph.maximumElementCount) else {
            throw .tooManyElements(what: "the input", input)
        }
        return [count]
    }
}

extension Flatten: CustomStringConvertible {
    public var description: String { "Flatten()" }
}
