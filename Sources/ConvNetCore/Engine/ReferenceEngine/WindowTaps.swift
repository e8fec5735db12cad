/// Which input pixel an output pixel and a kernel element meet at.
struct WindowTaps {
    private let window: Window
    private let height, width: Int

    init(_ window: Window, input: Size) {
        self.window = window
        (height, width) = (input.height, input.width)
    }

    /// The input row; nil where it lies in the padding.
    @inline(__always)
    func row(_ y: Int, _ ky: Int) -> Int? {
        let row = y * window.stride.height + ky * window.dilation.height - window.edges.top
        return row >= 0 && row < height ? row : nil
    }

    /// The input column; nil where it lies in the padding.
    @inline(__always)
    func column(_ x: Int, _ kx: Int) -> Int? {
        let column = x * window.stride.width + kx * window.dilation.width - window.edges.left
        return column >= 0 && column < width ? column : nil
    }
}
