/// A fully connected layer: output = weight · input + bias.
///
///     Flatten()
///     Dense(120)
///
/// - Input: a flat vector; a feature map must go through ``Flatten`` first, so that nobody flattens by accident.
/// - Output: a flat vector of `units` features.
/// - Parameters: `weight` (units, inputs); `bias` (units) unless `bias: false`.
public struct Dense: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "dense"

    /// The number of output features.
    public var units: Int
    /// Whether a number is added to each output.
    public var bias: Bool
    /// What the weight starts with.
    public var weightInitializer: Initializer
    /// What the bias starts with.
    public var biasInitializer: Initializer

    /// - Parameter units: the number of output features.
    public init(
        _ units: Int, bias: Bool = true, weightInitializer: Initializer = .pyTorchDefault,
        biasInitializer: Initializer = .pyTorchDefault
    ) {
        self.units = units
        self.bias = bias
        self.weightInitializer = weightInitializer
        self.biasInitializer = biasInitializer
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        guard input.rank == 1 else { throw .needsFlatInput(received: input) }
        guard units > 0 else { throw .notPositive("units", units) }
        return [units]
    }

    public func parameters(for inputs: [Shape]) -> [Parameter] {
        let features = inputs[0].channels
        return Parameter.weightAndBias(
            weight: [units, features], weightInitializer, bias: bias ? biasInitializer : nil,
            fanIn: features, fanOut: units)
    }

    public var seesWholeInput: Bool { true }

    public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
        inputs[0].count * units
    }
}

extension Dense: CustomStringConvertible {
    public var description: String {
        "Dense(\(units)" + (bias ? "" : ", bias: false")
            + Initializer.code(weight: weightInitializer, bias: biasInitializer) + ")"
    }
}
