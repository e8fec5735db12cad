/// The mean of each channel over the whole feature map. Lin, Chen and Yan, "Network In Network", 2014, section 3.2.
///
///     GlobalAveragePool2D()
///     Dense(10)
///
/// - Input: a feature map C×H×W. Output: a flat vector (C).
public struct GlobalAveragePool2D: Layer, AveragePooling {
    public typealias Body = Never
    public static let kind = "global_average_pool2d"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        [try inputs.singleFeatureMap().channels]
    }

    public var seesWholeInput: Bool { true }

    package func averagingWindows(for input: Size) -> AveragingWindows {
        AveragingWindows(
            rows: .adaptive(input: input.height, output: 1), columns: .adaptive(input: input.width, output: 1))
    }
}

/// The largest value of each channel.
///
/// - Input: a feature map C×H×W. Output: a flat vector (C).
public struct GlobalMaxPool2D: Layer, MaxPooling {
    public typealias Body = Never
    public static let kind = "global_max_pool2d"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        [try inputs.singleFeatureMap().channels]
    }

    public var seesWholeInput: Bool { true }

    package func poolingWindow(for input: Size) -> Window { Window(kernel: input) }
}

/// Means of as many rectangles as the output has pixels, whatever the input's size: what lets networks with dense layers
/// take images of any size.
///
///     AdaptiveAveragePool2D(7)                // VGG, before its dense layers
///
/// Output row y is the mean of input rows ⌊y·H / H′⌋ ..< ⌈(y+1)·H / H′⌉, as in PyTorch: rectangles may overlap.
///
/// - Input: a feature map C×H×W. Output: C × H′ × W′, the size given.
/// - Errors when the network is built: a size below 1.
public struct AdaptiveAveragePool2D: Layer, AveragePooling {
    public typealias Body = Never
    public static let kind = "adaptive_average_pool2d"

    /// Height and width of the output.
    public var size: Size

    /// - Parameter size: `7`, or `Size(7, 5)`.
    public init(_ size: some SizeConvertible) {
        self.size = size.size
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.singleFeatureMap()
        for side in [size.height, size.width] {
            guard side > 0 else { throw .notPositive("size", side) }
            guard side <= Graph.maximumElementCount else { throw .sizeTooLarge(side) }
        }
        return [input.channels, size.height, size.width]
    }

    /// The largest rectangle as a window; where they differ, the others are a pixel smaller, or overlap by one.
    public func window(for inputs: [Shape]) -> Window? {
        let input = inputs[0].size
        let stride = Size(max(1, input.height / size.height), max(1, input.width / size.width))
        return Window(
            kernel: Size(largestSpan(input.height, size.height), largestSpan(input.width, size.width)), stride: stride)
    }

    /// The most pixels that ⌊y·input / output⌋ ..< ⌈(y+1)·input / output⌉ has for any y: the remainder of y·input by output
    /// is at most output − their greatest common divisor.
    private func largestSpan(_ input: Int, _ output: Int) -> Int {
        var (divisor, rest) = (output, input % output)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        return (input + output - divisor + output - 1) / output
    }

    package func averagingWindows(for input: Size) -> AveragingWindows {
        AveragingWindows(
            rows: .adaptive(input: input.height, output: size.height),
            columns: .adaptive(input: input.width, output: size.width))
    }
}

extension GlobalAveragePool2D: CustomStringConvertible {
    public var description: String { "GlobalAveragePool2D()" }
}

extension GlobalMaxPool2D: CustomStringConvertible {
    public var description: String { "GlobalMaxPool2D()" }
}

extension AdaptiveAveragePool2D: CustomStringConvertible {
    public var description: String { "AdaptiveAveragePool2D(\(size.code))" }
}
