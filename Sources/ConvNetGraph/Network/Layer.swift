/// A piece of a network, written as a value.
///
/// A layer either computes something itself (``Conv2D``, ``ReLU``, …) or is made of other layers, listed in its
/// ``body``:
///
///     struct ConvBlock: Layer {
///         var filters: Int
///         var body: some Layer {
///             Conv2D(filters, kernel: 3, padding: 1).named("conv")
///             ReLU()
///         }
///     }
///
/// Channels and sizes of inputs are never written: ``Network`` infers them. `if`, `switch` and `for` work in a body as
/// they do elsewhere.
public protocol Layer: Sendable {
    /// What ``body`` returns: `some Layer`; `Never` for layers that compute something themselves.
    associatedtype Body: Layer

    /// The layers that this one is made of, applied one after the other.
    @LayerBuilder var body: Body { get }
}

extension Layer {
    /// Gives this layer a name, which becomes a component of its parameters' names: `conv1.weight`.
    ///
    /// An unnamed layer is called by its position among the layers of the nearest container, counted from 0 and
    /// counting every layer, as in PyTorch's `Sequential`.
    public func named(_ name: String) -> NamedLayer {
        NamedLayer(name: name, content: self)
    }
}

/// Layers without a body: operations and the combinators of this library.
extension Never: Layer {
    public typealias Body = Never
}

extension Layer where Body == Never {
    /// Not to be called: the layer computes something itself.
    public var body: Never {
        // Reached only by calling `body` by hand on a layer that has none.
        return fatalError("\(Self.self) computes something itself and has no body")
    }
}

/// A layer with a name. Made by ``Layer/named(_:)``.
public struct NamedLayer: Layer {
    public typealias Body = Never

    /// Not empty, and without a dot.
    public let name: String
    /// The layer that has the name.
    public let content: any Layer
}

/// Layers in a row, as a ``LayerBuilder`` collects them. Adds no level to the names of what it holds.
public struct LayerList: Layer {
    public typealias Body = Never

    /// In the order in which they are applied.
    public let layers: [any Layer]

    /// A list made without a builder.
    public init(layers: [any Layer] = []) {
        self.layers = layers
    }
}

/// Collects the layers in a closure or a `body` into a ``LayerList``. `if` with or without `else`, `switch`, `for` and
/// empty bodies mean what they say.
@resultBuilder
public enum LayerBuilder {
    /// A layer by itself.
    public static func buildExpression(_ layer: some Layer) -> LayerList { LayerList(layers: [layer]) }
    /// A layer by itself.
    public static func buildExpression(_ layer: any Layer) -> LayerList { LayerList(layers: [layer]) }
    /// Layers written one under the other.
    public static func buildBlock(_ parts: LayerList...) -> LayerList { buildArray(parts) }
    /// `if` without `else`: no layer, where the condition does not hold.
    public static func buildOptional(_ part: LayerList?) -> LayerList { part ?? LayerList() }
    /// The first branch of `if` or `switch`.
    public static func buildEither(first part: LayerList) -> LayerList { part }
    /// Another branch of `if` or `switch`.
    public static func buildEither(second part: LayerList) -> LayerList { part }
    /// Layers in `if #available`.
    public static func buildLimitedAvailability(_ part: LayerList) -> LayerList { part }

    /// The layers of every turn of a `for`.
    public static func buildArray(_ parts: [LayerList]) -> LayerList {
        LayerList(layers: parts.flatMap(\.layers))
    }
}
