/// The sum of two arrays of one shape: what a ``Residual`` ends with.
public struct Add: GraphOperation {
    public static let kind = "add"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard inputs.count == 2 else { throw .wrongInputCount(expected: 2, received: inputs.count) }
        guard inputs[0] == inputs[1] else { throw .unlikeSummands(body: inputs[0], shortcut: inputs[1]) }
        return try inputs[0].checked()
    }
}

extension Add: CustomStringConvertible {
    public var description: String { "Add()" }
}

/// Feature maps of one size, or flat vectors, one behind the other along the channels: what ``Branches`` end with.
public struct Concatenate: GraphOperation {
    public static let kind = "concatenate"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard let first = inputs.first else { throw .noBranches }
        var channels = 0
        for (index, input) in inputs.enumerated() {
            let input = try input.checked()
            guard input.rank == first.rank, input.dimensions.dropFirst() == first.dimensions.dropFirst() else {
                throw .unlikeBranches(first: first, other: input, index: index)
            }
            channels = channels.saturatingSum(input.channels)
        }
        return Shape([channels] + first.dimensions.dropFirst())
    }
}

extension Concatenate: CustomStringConvertible {
    public var description: String { "Concatenate()" }
}
