/// One array of numbers that a layer owns: its name, shape and first values.
public struct Parameter: Hashable, Sendable {
    /// Unique in the network: the layer's path and the parameter's own name, e.g. `features.0.weight`.
    public var name: String

    /// PyTorch's layout: (O, I / groups, kH, kW) for a convolution's weight, (out, in) for a dense layer's.
    public var shape: [Int]

    /// What the parameter starts with.
    public var initializer: Initializer

    /// The inputs that one output of the layer sees, which initialisers scale by. A bias carries the number of its weight.
    public var fanIn: Int

    /// The outputs that one input reaches, which initialisers scale by. A bias carries the number of its weight.
    public var fanOut: Int

    /// Whether an optimizer changes it. What the layer itself keeps count of in training, such as a ``BatchNorm``'s
    /// running mean, is saved and loaded with the rest, but has no gradient.
    public var isTrainable: Bool

    /// Whether it belongs to an ``AuxiliaryClassifier``: it is trained and saved with the rest, but evaluation does not use
    /// it. The graph says so of its parameters.
    public internal(set) var isAuxiliary = false

    /// - Parameter name: relative to its layer, where a layer tells of it: `weight`.
    public init(
        name: String, shape: [Int], initializer: Initializer, fanIn: Int, fanOut: Int, isTrainable: Bool = true
    ) {
        self.name = name
        self.shape = shape
        self.initializer = initializer
        self.fanIn = fanIn
        self.fanOut = fanOut
        self.isTrainable = isTrainable
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
}
