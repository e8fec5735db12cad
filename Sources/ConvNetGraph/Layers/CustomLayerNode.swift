/// One custom layer of a graph: calls it, and checks what it returns. What engines use.
public struct CustomLayerNode: Sendable {
    private let layer: any CustomLayer
    private let path: LayerPath
    private let inputShape, outputShape: Shape
    private let parameters: [Parameter]

    /// The custom layer at a node.
    ///
    /// - Parameter node: a node whose operation is a ``CustomLayer``; nil for any other.
    public init?(_ node: Graph.Node, in graph: Graph) {
        guard let layer = node.operation as? any CustomLayer else { return nil }
        self.layer = layer
        path = node.path
        inputShape = graph.inputShapes(of: node)[0]
        outputShape = node.shape
        parameters = layer.parameters(for: inputShape)
    }

    /// What the layer reads, from arrays that lie row-major.
    public func pass(input: [Float], parameters: [[Float]], isTraining: Bool) -> LayerPass {
        LayerPass(
            input: input, parameters: parameters, samples: input.count / inputShape.count, inputShape: inputShape,
            outputShape: outputShape, isTraining: isTraining)
    }

    /// The layer's output, checked.
    ///
    /// - Throws: ``CustomLayerError``, and what the layer throws.
    public func forward(_ pass: LayerPass) throws -> [Float] {
        let output = try layer.forward(pass)
        try check(
            output, "forward's output", count: pass.samples * outputShape.count,
            inputIsFinite: pass.input.allSatisfy(\.isFinite) && pass.parameters.allSatisfy { $0.allSatisfy(\.isFinite) }
        )
        return output
    }

    /// The layer's gradients, checked.
    ///
    /// - Throws: ``CustomLayerError``, and what the layer throws.
    public func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) throws -> LayerGradients {
        let gradients = try layer.backward(pass, output: output, outputGradient: outputGradient)
        let inputIsFinite = (pass.parameters + [pass.input, outputGradient]).allSatisfy { $0.allSatisfy(\.isFinite) }
        try check(
            gradients.input, "backward's gradient of the input", count: pass.input.count, inputIsFinite: inputIsFinite)
        guard gradients.parameters.count == parameters.count else {
            throw CustomLayerError.wrongGradientCount(
                kind: type(of: layer).kind, path: path, expected: parameters.count,
                received: gradients.parameters.count)
        }
        for (parameter, gradient) in zip(parameters, gradients.parameters) {
            try check(
                gradient, "backward's gradient of \(parameter.name)", count: parameter.count,
                inputIsFinite: inputIsFinite)
        }
        return gradients
    }

    /// Values that are not finite are the layer's fault only where what it was given was finite.
    private func check(_ values: [Float], _ what: String, count: Int, inputIsFinite: Bool) throws(CustomLayerError) {
        let kind = type(of: layer).kind
        guard values.count == count else {
            throw .wrongCount(kind: kind, path: path, what: what, expected: count, received: values.count)
        }
        if inputIsFinite, let index = values.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(kind: kind, path: path, what: what, index: index)
        }
    }
}
