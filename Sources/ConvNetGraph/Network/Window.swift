/// How a kernel slides over a feature map, every number known: the one place where output sizes are computed.
///
///     let window = Window(kernel: Size(11), stride: Size(4), padding: .symmetric(2))
///     window.outputSize(for: Size(224))       // 55×55: (224 + 2·2 − 11) / 4 + 1, rounded down
///
/// Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, relationship 15.
public struct Window: Hashable, Sendable {
    /// Height and width, dilation not counted; see ``extent``.
    public var kernel: Size
    /// How far the window moves, in input pixels.
    public var stride: Size
    /// The distance between neighbouring elements of the kernel, in input pixels.
    public var dilation: Size
    /// Pixels of padding on each side.
    public var edges: Edges

    /// - Parameters:
    ///   - ceilMode: whether a last window that hangs over counts too, if it starts inside the input or the padding before
    ///     it; ``edges`` then reach to its end.
    ///   - input: the size that `.same` and ceil mode are worked out for; nothing else depends on it.
    public init(
        kernel: Size, stride: Size = Size(1), dilation: Size = Size(1), padding: Padding = .valid,
        ceilMode: Bool = false, input: Size = Size(1)
    ) {
        self.kernel = kernel
        self.stride = stride
        self.dilation = dilation
        edges = .zero
        switch padding {
        case .valid: break
        case .explicit(let edges): self.edges = edges
        case .same:
            let vertical = Self.samePadding(input.height, extent: extent.height, stride: stride.height)
            let horizontal = Self.samePadding(input.width, extent: extent.width, stride: stride.width)
            edges = Edges(
                top: vertical / 2, bottom: vertical - vertical / 2,
                left: horizontal / 2, right: horizontal - horizontal / 2)
        }
        if ceilMode {
            edges.bottom = Self.ceilPadding(
                input.height, before: edges.top, after: edges.bottom, extent: extent.height, stride: stride.height)
            edges.right = Self.ceilPadding(
                input.width, before: edges.left, after: edges.right, extent: extent.width, stride: stride.width)
        }
    }

    /// What the kernel covers once dilated: dilation·(kernel − 1) + 1.
    public var extent: Size {
        Size(dilation.height * (kernel.height - 1) + 1, dilation.width * (kernel.width - 1) + 1)
    }

    /// The input with its border.
    public func paddedSize(of input: Size) -> Size {
        Size(input.height + edges.top + edges.bottom, input.width + edges.left + edges.right)
    }

    /// The number of places the window fits in, per axis; zero or less where it fits nowhere.
    public func outputSize(for input: Size) -> Size {
        let padded = paddedSize(of: input)
        return Size(
            Self.places(padded.height, extent: extent.height, stride: stride.height),
            Self.places(padded.width, extent: extent.width, stride: stride.width))
    }

    private static func places(_ padded: Int, extent: Int, stride: Int) -> Int {
        padded < extent ? 0 : (padded - extent) / stride + 1
    }

    /// The padding after that makes the last window end with it, the number of places being rounded up.
    private static func ceilPadding(_ input: Int, before: Int, after: Int, extent: Int, stride: Int) -> Int {
        let free = input + before + after - extent
        guard free >= 0 else { return after }
        var last = (free + stride - 1) / stride
        if last * stride >= input + before { last -= 1 }
        return max(0, last * stride + extent - input - before)
    }

    /// The total padding that gives ⌈input / stride⌉ places.
    private static func samePadding(_ input: Int, extent: Int, stride: Int) -> Int {
        max(0, ((input + stride - 1) / stride - 1) * stride + extent - input)
    }
}

extension Window {
    /// Checks the sizes that a layer was given and returns its output shape.
    ///
    /// - Throws: ``ShapeError`` where a size is zero or negative, or the kernel does not fit.
    static func checkedOutput(
        of input: Shape, channels: Int, kernel: Size, stride: Size, dilation: Size, padding: Padding,
        ceilMode: Bool = false
    ) throws(ShapeError) -> Shape {
        guard input.isFeatureMap else { throw .needsFeatureMap(received: input) }
        try require(positive: kernel.height, kernel.width, as: "kernel")
        try require(positive: stride.height, stride.width, as: "stride")
        try require(positive: dilation.height, dilation.width, as: "dilation")
        if case .explicit(let edges) = padding, let negative = edges.all.first(where: { $0 < 0 }) {
            throw .negativePadding(negative)
        }
        // Sizes beyond this overflow somewhere in the arithmetic below, and none of them can work.
        let limit = Graph.maximumElementCount
        for value in [kernel.height, kernel.width, stride.height, stride.width, dilation.height, dilation.width]
            + padding.explicitSides where value > limit
        {
            throw .sizeTooLarge(value)
        }
        let window = Window(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, ceilMode: ceilMode, input: input.size)
        let output = window.outputSize(for: input.size)
        guard output.height > 0, output.width > 0 else {
            throw .kernelDoesNotFit(kernel: kernel, dilation: dilation, input: input.size, padding: window.edges)
        }
        return [channels, output.height, output.width]
    }

    private static func require(positive values: Int..., as name: String) throws(ShapeError) {
        for value in values where value <= 0 { throw .notPositive(name, value) }
    }
}

extension Padding {
    fileprivate var explicitSides: [Int] {
        if case .explicit(let edges) = self { edges.all } else { [] }
    }
}
