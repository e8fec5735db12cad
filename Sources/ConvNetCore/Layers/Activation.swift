/// max(0, x), element by element. Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010.
public struct ReLU: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "relu"
    public init() {}
    public var description: String { "ReLU()" }
}

/// The hyperbolic tangent, element by element: LeNet-5's activation.
public struct Tanh: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "tanh"
    public init() {}
    public var description: String { "Tanh()" }
}

/// 1 / (1 + e⁻ˣ), element by element.
public struct Sigmoid: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "sigmoid"
    public init() {}
    public var description: String { "Sigmoid()" }
}

/// A function applied to each element, whose derivative can be told from its result: engines may then keep the result
/// only, and apply it where the input was made.
package protocol ActivationOperation: Operation, CustomStringConvertible {}

extension ActivationOperation {
    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape { try inputs.single() }
}
