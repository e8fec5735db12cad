import ConvNetGraph

/// Which input pixel an output pixel and a kernel element meet at: one outside the input lies in its padding.
struct WindowTaps {
    private let window: Window
    private let input: Size

    init(_ window: Window, input: Size) {
        self.window = window
        self.input = input
    }

    /// The input row that output row `y` sees through kernel row `ky`.
    @inline(__always)
    func row(_ y: Int, _ ky: Int) -> Int { y * window.stride.height + ky * window.dilation.height - window.edges.top }

    /// The input column that output column `x` sees through kernel column `kx`.
    @inline(__always)
    func column(_ x: Int, _ kx: Int) -> Int { x * window.stride.width + kx * window.dilation.width - window.edges.left }

    /// Of so many output rows, those that see a pixel through kernel row `ky`.
    func rows(_ ky: Int, of count: Int) -> Range<Int> {
        Self.places(from: row(0, ky), stride: window.stride.height, input: input.height, count: count)
    }

    /// Of so many output columns, those that see a pixel through kernel column `kx`.
    func columns(_ kx: Int, of count: Int) -> Range<Int> {
        Self.places(from: column(0, kx), stride: window.stride.width, input: input.width, count: count)
    }

    /// Of the numbers below `count`, those whose multiples of `stride`, counted from `first`, lie in 0 ..< `input`.
    private static func places(from first: Int, stride: Int, input: Int, count: Int) -> Range<Int> {
        let start = min(max(0, (stride - 1 - first) / stride), count)
        let end = first < input ? min((input - 1 - first) / stride + 1, count) : 0
        return start..<max(start, end)
    }
}
