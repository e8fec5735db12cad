/// x where it is positive, weight · x elsewhere, with a weight that is trained. He et al., "Delving Deep into Rectifiers",
/// 2015, section 2.1.
///
/// - Input and output: a feature map C×H×W, or a flat vector (C).
/// - Parameters: `weight` (C), or (1) where all channels share it.
public struct PReLU: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "prelu"

    /// Whether there is one weight for all channels, as in PyTorch unless it is told their number.
    public var isShared: Bool
    /// What the weights start with.
    public var initialWeight: Double

    /// The paper's first weights, one for each channel, unless said otherwise.
    public init(shared: Bool = false, initialWeight: Double = 0.25) {
        isShared = shared
        self.initialWeight = initialWeight
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard Float(initialWeight).isFinite else {
            throw .outOfRange("the initial weight", received: initialWeight, allowed: "finite")
        }
        return try inputs.single()
    }

    public func parameters(for inputs: [Shape]) -> [Parameter] {
        let count = isShared ? 1 : inputs[0].channels
        let initializer = Initializer.constant(Float(initialWeight))
        return [Parameter(name: "weight", shape: [count], initializer: initializer, fanIn: count, fanOut: count)]
    }
}

extension PReLU: CustomStringConvertible {
    public var description: String {
        let options = [
            isShared ? "shared: true" : nil, initialWeight == 0.25 ? nil : "initialWeight: \(initialWeight)",
        ]
        return "PReLU(\(options.compactMap { $0 }.joined(separator: ", ")))"
    }
}
