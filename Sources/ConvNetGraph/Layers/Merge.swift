/// The sum of arrays of one shape: what a ``Residual`` ends with.
public struct Add: GraphOperation {
    public static let kind = "add"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard inputs.count >= 2 else { throw .tooFewInputs(expected: 2, received: inputs.count) }
        for (index, input) in inputs.enumerated() where input != inputs[0] {
            guard inputs.count > 2 else { throw .unlikeSummands(body: inputs[0], shortcut: input) }
            throw .unlikeBranches(first: inputs[0], other: input, index: index, operation: Self.kind)
        }
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
                throw .unlikeBranches(first: first, other: input, index: index, operation: Self.kind)
            }
            channels = channels.saturatingSum(input.channels)
        }
        return Shape([channels] + first.dimensions.dropFirst())
    }
}

extension Concatenate: CustomStringConvertible {
    public var description: String { "Concatenate()" }
}

/// The product of two arrays of one shape, or of a feature map and C×1×1: then every pixel is multiplied by its channel's
/// number, which is what a ``Gate`` does.
///
/// Source: Hu, Shen and Sun, "Squeeze-and-Excitation Networks", 2018, equation 4.
public struct Multiply: GraphOperation {
    public static let kind = "multiply"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard inputs.count == 2 else { throw .wrongInputCount(expected: 2, received: inputs.count) }
        let (first, second) = (try inputs[0].checked(), try inputs[1].checked())
        if first == second || second.isGate(of: first) { return first }
        guard first.isGate(of: second) else { throw .unlikeFactors(first, second) }
        return second
    }

    /// Which of two inputs has one number for all pixels of a channel; nil where they are of one shape.
    package static func gateIndex(among inputs: [Shape]) -> Int? {
        inputs[0] == inputs[1] ? nil : inputs[1].isGate(of: inputs[0]) ? 1 : 0
    }
}

extension Multiply: CustomStringConvertible {
    public var description: String { "Multiply()" }
}

extension Shape {
    fileprivate func isGate(of map: Shape) -> Bool {
        isFeatureMap && map.isFeatureMap && size == Size(1) && channels == map.channels
    }
}
