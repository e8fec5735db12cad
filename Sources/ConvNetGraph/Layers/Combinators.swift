/// Layers applied one after the other, as a container of their own: unnamed parts are called by their position.
///
///     Sequential {
///         Conv2D(64, kernel: 3, padding: 1)           // features.0.weight
///         ReLU()
///         Conv2D(64, kernel: 3, padding: 1)           // features.2.weight
///     }
///     .named("features")
public struct Sequential: Layer {
    public typealias Body = Never

    let content: LayerList

    /// - Parameter content: the layers, applied one after the other.
    public init(@LayerBuilder _ content: () -> LayerList) {
        self.content = content()
    }
}

/// Layers that depend on the shape that reaches them. Adds no level to the names of what it holds.
///
///     WithShape { input in
///         if input.channels != filters {
///             Conv2D(filters, kernel: 1, bias: false).named("projection")
///         }
///     }
public struct WithShape: Layer {
    public typealias Body = Never

    let content: @Sendable (Shape) -> LayerList

    /// - Parameter content: called once, with the shape C×H×W or (features) of one sample.
    public init(@LayerBuilder _ content: @escaping @Sendable (Shape) -> LayerList) {
        self.content = content
    }
}

/// body(x) + shortcut(x): layers learn what to add to their input. The shortcut is the input itself unless it is given.
///
///     Residual {
///         Conv2D(64, kernel: 3, padding: 1, bias: false).named("conv1")
///         BatchNorm().named("bn1")
///     } shortcut: {
///         Conv2D(64, kernel: 1, bias: false).named("downsample")
///     }
///
/// Adds no level to the names of what it holds, unless it is named itself.
///
/// - Errors when the network is built: body and shortcut of unlike shapes.
///
/// Source: He et al., "Deep Residual Learning for Image Recognition", 2016, section 3.2.
public struct Residual: Layer {
    public typealias Body = Never

    let content: LayerList
    let shortcut: LayerList

    /// - Parameter shortcut: layers for the other way; the input as it is, where there are none.
    public init(@LayerBuilder _ body: () -> LayerList, @LayerBuilder shortcut: () -> LayerList = { LayerList() }) {
        content = body()
        self.shortcut = shortcut()
    }
}

/// Several ways from one input, whose outputs are put one behind the other along the channels. Each layer in the closure
/// is a branch; an empty ``Sequential`` passes the input on.
///
///     Branches {
///         Conv2D(64, kernel: 1).named("branch1")
///         Sequential {
///             Conv2D(96, kernel: 1)
///             Conv2D(128, kernel: 3, padding: 1)
///         }
///         .named("branch2")
///     }
///
/// Adds no level to the names of what it holds, unless it is named itself.
///
/// - Errors when the network is built: branches whose height and width differ; no branch at all.
///
/// Source: Szegedy et al., "Going Deeper with Convolutions", 2015, section 4.
public struct Branches: Layer {
    public typealias Body = Never

    let branches: LayerList

    /// - Parameter branches: layers that each read the same input.
    public init(@LayerBuilder _ branches: () -> LayerList) {
        self.branches = branches()
    }
}
