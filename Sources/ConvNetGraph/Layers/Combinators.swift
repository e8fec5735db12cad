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
public struct Residual: Layer, JoiningLayer {
    public typealias Body = Never

    let content: LayerList
    let shortcut: LayerList

    /// - Parameter shortcut: layers for the other way; the input as it is, where there are none.
    public init(@LayerBuilder _ body: () -> LayerList, @LayerBuilder shortcut: () -> LayerList = { LayerList() }) {
        content = body()
        self.shortcut = shortcut()
    }

    var operation: any GraphOperation { Add() }
    var ways: [LayerList] { [content, shortcut] }
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
public struct Branches: Layer, JoiningLayer {
    public typealias Body = Never

    let branches: LayerList

    /// - Parameter branches: layers that each read the same input.
    public init(@LayerBuilder _ branches: () -> LayerList) {
        self.branches = branches()
    }

    var operation: any GraphOperation { Concatenate() }
    var ways: [LayerList] { branches.layers.map { LayerList(layers: [$0]) } }
}

/// x · content(x): layers tell how much of their input passes, of each number or, where they end in C×1×1, of each channel.
///
///     Gate {
///         AdaptiveAveragePool2D(1)
///         Conv2D(16, kernel: 1).named("fc1")
///         ReLU()
///         Conv2D(64, kernel: 1).named("fc2")
///         Sigmoid()
///     }
///
/// Adds no level to the names of what it holds, unless it is named itself.
///
/// - Errors when the network is built: layers that end in another shape than these.
///
/// Source: Hu, Shen and Sun, "Squeeze-and-Excitation Networks", 2018, section 3.
public struct Gate: Layer, JoiningLayer {
    public typealias Body = Never

    let content: LayerList

    /// - Parameter content: what makes the factors of the input.
    public init(@LayerBuilder _ content: () -> LayerList) {
        self.content = content()
    }

    var operation: any GraphOperation { Multiply() }
    var ways: [LayerList] { [LayerList(), content] }
}

/// Several ways from one input, joined by an operation that reads all of them: what ``Residual``, ``Branches`` and ``Gate`` are made
/// of. Each layer in the closure is a way; an empty ``Sequential`` passes the input on.
///
///     Join(by: Add()) {
///         Conv2D(64, kernel: 1)
///         Conv2D(64, kernel: 3, padding: 1)
///         Conv2D(64, kernel: 5, padding: 2)
///     }
///
/// Adds no level to the names of what it holds, unless it is named itself.
///
/// - Errors when the network is built: what the operation says of the shapes that reach it; no way at all.
public struct Join: Layer, JoiningLayer {
    public typealias Body = Never

    /// ``Add``, ``Concatenate``, ``Multiply`` or a ``CustomJoin`` of one's own.
    public let operation: any GraphOperation
    let ways: [LayerList]

    /// - Parameters:
    ///   - operation: reads what the ways make, in their order.
    ///   - ways: layers that each read the same input.
    public init(by operation: any GraphOperation, @LayerBuilder _ ways: () -> LayerList) {
        self.operation = operation
        self.ways = ways().layers.map { LayerList(layers: [$0]) }
    }
}

/// A layer that is several ways from one input, and an operation behind them. It adds no level to the names of what it holds.
protocol JoiningLayer: Layer {
    var operation: any GraphOperation { get }
    var ways: [LayerList] { get }
}
