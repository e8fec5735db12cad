import ConvNetPages

/// What one layer makes of its input, with the arithmetic that leads there.
public struct LayerArithmetic: Sendable, Encodable {
    /// The layer, as it would be written.
    public let layer: String
    /// C×H×W, or (features).
    public let inputShape: Shape
    /// C×H×W, or (features).
    public let outputShape: Shape
    /// The number of trainable numbers.
    public let parameterCount: Int
    /// Multiplications with an addition each.
    public let multiplyAdds: Int
    /// How the output's height and width come about, e.g. `(32 + 2·2 − 5) / 1 + 1 = 32`; nil where nothing slides.
    public let sizeFormula: String?
    /// How the parameters come about, e.g. `(5·5·3 + 1)·10`; nil where there are none.
    public let parameterFormula: String?

    private enum CodingKeys: String, CodingKey {
        case layer
        case inputShape = "input_shape"
        case outputShape = "output_shape"
        case parameterCount = "parameters"
        case multiplyAdds = "multiply_adds"
        case sizeFormula = "size_formula"
        case parameterFormula = "parameter_formula"
    }

    /// - Throws: ``ShapeError`` where the layer cannot take that input.
    public init(of layer: any Layer, input: Shape) throws {
        let network: Network
        do {
            network = try Network(input: input) { layer }
        } catch let error as NetworkError {
            // There is one layer that it can be about.
            throw error.problem
        }
        let summary = network.summary()
        let node = network.graph.nodes[network.graph.nodes.count - 1]
        self.layer = "\(node.operation)"
        inputShape = input
        outputShape = network.outputShape
        parameterCount = summary.totals.parameterCount
        multiplyAdds = summary.totals.multiplyAdds
        sizeFormula = node.operation.window(for: [input]).map { $0.formula(for: input.size) }
        parameterFormula = node.operation.parameterFormula(input: input, output: network.outputShape)
    }
}

extension Window {
    /// How many places it has, for height and, where that is not the same, for width.
    fileprivate func formula(for input: Size) -> String {
        let output = outputSize(for: input)
        func side(_ input: Int, _ before: Int, _ after: Int, _ extent: Int, _ stride: Int, _ output: Int) -> String {
            let border = before == after ? (before == 0 ? "" : " + 2·\(before)") : " + \(before) + \(after)"
            let isEven = (input + before + after - extent) % stride == 0
            return "(\(input)\(border) − \(extent)) / \(stride) + 1 = \(output)\(isEven ? "" : ", rounded down")"
        }
        let rows = side(input.height, edges.top, edges.bottom, extent.height, stride.height, output.height)
        let columns = side(input.width, edges.left, edges.right, extent.width, stride.width, output.width)
        return rows == columns ? rows : "\(rows); \(columns)"
    }
}

extension GraphOperation {
    /// What the lectures write: (K·K·C + 1)·N for N filters of K×K pixels on C channels.
    fileprivate func parameterFormula(input: Shape, output: Shape) -> String? {
        func product(_ factors: Int...) -> String { factors.map(String.init).joined(separator: "·") }
        func filters(_ inputs: String, bias: Bool, times others: String) -> String {
            bias ? "(\(inputs) + 1)·\(others)" : "\(inputs)·\(others)"
        }
        switch self {
        case let layer as Conv2D:
            return filters(
                product(layer.kernel.height, layer.kernel.width, input.channels / layer.groups), bias: layer.bias,
                times: "\(layer.filters)")
        case let layer as LocallyConnected2D:
            return filters(
                product(layer.kernel.height, layer.kernel.width, input.channels), bias: layer.bias,
                times: product(layer.filters, output.height, output.width))
        case let layer as Dense: return filters("\(input.count)", bias: layer.bias, times: "\(layer.units)")
        case let layer as BatchNorm: return layer.affine ? product(2, input.channels) : nil
        default: return nil
        }
    }
}

extension LayerArithmetic: CustomStringConvertible {
    /// A line for the layer and each of its numbers.
    public var description: String {
        var lines = [
            layer, "input          \(inputShape)",
            "output         \(outputShape)" + (sizeFormula.map { ": \($0)" } ?? ""),
        ]
        let formula = parameterFormula.map { ": \($0) = \(parameterCount.grouped)" } ?? ""
        lines.append("parameters     \(parameterCount.grouped)\(formula)")
        lines.append("multiply-adds  \(multiplyAdds.grouped)")
        return lines.joined(separator: "\n")
    }
}
