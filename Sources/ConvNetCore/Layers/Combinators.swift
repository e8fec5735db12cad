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
