import ConvNetPages

/// How the places of a window fit a feature map: whether (W − F + 2P) / S is whole, and what is left out where it is not.
struct WindowFit: Hashable {
    var rows, columns: Axis

    init(_ window: Window, input: Size) {
        rows = Axis(
            input: input.height, kernel: window.kernel.height, dilation: window.dilation.height,
            stride: window.stride.height, before: window.edges.top, after: window.edges.bottom)
        columns = Axis(
            input: input.width, kernel: window.kernel.width, dilation: window.dilation.width,
            stride: window.stride.width, before: window.edges.left, after: window.edges.right)
    }

    /// One direction in which the window moves.
    struct Axis: Hashable {
        var input, kernel, dilation, stride, before, after: Int

        /// F: what the kernel covers once dilated.
        private var extent: Int { dilation * (kernel - 1) + 1 }

        /// W − F + 2P: how far the window could move.
        private var free: Int { input + before + after - extent }

        /// The pixels behind the last window, padding included.
        private var remainder: Int { free % stride }

        /// The pixels of the input itself behind the last window.
        var unseen: Int { min(max(0, remainder - after), input) }

        /// Whether there are pixels between the windows, border or not.
        var skips: Bool { stride > extent }

        /// What falls behind the last window; nil where nothing does, or where as much falls between any two.
        var loss: Loss? {
            guard !skips, remainder > 0 else { return nil }
            return unseen > 0 ? .pixels(unseen) : .padding(remainder)
        }

        enum Loss: Hashable {
            case pixels(Int)
            case padding(Int)
        }

        /// `(224 − 11 + 2·0) / 4 = 53.25`
        var arithmetic: String {
            let extent = dilation == 1 ? "\(kernel)" : "(\(dilation)·(\(kernel) − 1) + 1)"
            let padding = before == after ? "2·\(before)" : "\(before) + \(after)"
            return "(\(input) − \(extent) + \(padding)) / \(stride) \(quotient)"
        }

        private var quotient: String {
            // Three digits are exact for strides such as 2, 4, 5 and 8; what is not whole must not be rounded to it.
            let thousandths = min(max((remainder * 1000 + stride / 2) / stride, 1), 999)
            var digits = String(String(thousandths + 1000).dropFirst())
            while digits.hasSuffix("0") { digits.removeLast() }
            return "\(thousandths * stride == remainder * 1000 ? "=" : "≈") \(free / stride).\(digits)"
        }

        var skipping: String {
            "the stride of \(stride) exceeds the kernel of \(extent): pixels between windows are never seen"
        }
    }

    /// What there is to say of a window that does not fit; nil where it does.
    var note: String? {
        let notes =
            rows == columns ? [bothAxes] : [oneAxis(rows, "height", "row"), oneAxis(columns, "width", "column")]
        let sentences = notes.compactMap { $0 }
        return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
    }

    private var bothAxes: String? {
        if rows.skips { return rows.skipping }
        guard let loss = rows.loss else { return nil }
        let what =
            switch loss {
            case .pixels(1): "the last row and column are never seen"
            case .pixels(let count): "the last \(count) rows and columns are never seen"
            case .padding(1): "only a row and a column of padding are left out"
            case .padding(let count): "only \(count) rows and columns of padding are left out"
            }
        return "\(rows.arithmetic) is not whole: \(what)"
    }

    private func oneAxis(_ axis: Axis, _ direction: String, _ line: String) -> String? {
        if axis.skips { return "\(direction): \(axis.skipping)" }
        guard let loss = axis.loss else { return nil }
        let what =
            switch loss {
            case .pixels(1): "the last \(line) is never seen"
            case .pixels(let count): "the last \(count) \(line)s are never seen"
            case .padding(1): "only a \(line) of padding is left out"
            case .padding(let count): "only \(count) \(line)s of padding are left out"
            }
        return "\(direction): \(axis.arithmetic) is not whole: \(what)"
    }
}

extension Graph {
    /// How a node's window fits its input; nil for nodes without one.
    func windowFit(of node: Node) -> WindowFit? {
        // Adaptive pooling chooses its windows so that they fit; what a custom layer does with its window is not known here.
        guard !(node.operation is AdaptiveAveragePool2D), !(node.operation is any CustomLayer) else { return nil }
        let inputs = inputShapes(of: node)
        return node.operation.window(for: inputs).map { WindowFit($0, input: inputs[0].size) }
    }
}
