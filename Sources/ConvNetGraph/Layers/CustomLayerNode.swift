/// One custom layer of a graph: calls it, and checks what it returns. What engines use.
public struct CustomLayerNode: Sendable {
    private let layer: any CustomLayer
    private let path: LayerPath
    private let inputShapes: [Shape]
    private let outputShape: Shape
    private let parameters: [Parameter]

    /// The custom layer at a node.
    ///
    /// - Parameter node: a node whose operation is a ``CustomLayer``; nil for any other.
    public init?(_ node: Graph.Node, in graph: Graph) {
        guard let layer = node.operation as? any CustomLayer else { return nil }
        self.init(layer, path: node.path, inputs: graph.inputShapes(of: node), output: node.shape)
    }

    package init(_ layer: any CustomLayer, path: LayerPath, inputs: [Shape], output: Shape) {
        self.layer = layer
        self.path = path
        inputShapes = inputs
        outputShape = output
        parameters = layer.parameters(for: inputs)
    }

    /// What the layer reads, from arrays that lie row-major.
    public func pass(inputs: [[Float]], parameters: [[Float]], isTraining: Bool) -> LayerPass {
        LayerPass(
            inputs: inputs, parameters: parameters, samples: inputs[0].count / inputShapes[0].count,
            inputShapes: inputShapes, outputShape: outputShape, isTraining: isTraining)
    }

    /// The layer's output, checked.
    ///
    /// - Throws: ``CustomLayerError``, and what the layer throws.
    public func forward(_ pass: LayerPass) throws -> [Float] {
        let output = try layer.forward(pass)
        try check(
            output, "forward's output", count: pass.samples * outputShape.count,
            inputIsFinite: (pass.inputs + pass.parameters).allSatisfy { $0.allSatisfy(\.isFinite) })
        return output
    }

    /// The layer's gradients, checked.
    ///
    /// - Throws: ``CustomLayerError``, and what the layer throws.
    public func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) throws -> LayerGradients {
        let gradients = try layer.backward(pass, output: output, outputGradient: outputGradient)
        let inputIsFinite = (pass.parameters + pass.inputs + [outputGradient])
            .allSatisfy { $0.allSatisfy(\.isFinite) }
        guard gradients.inputs.count == inputShapes.count else {
            throw CustomLayerError.wrongInputGradientCount(
                kind: type(of: layer).kind, path: path, expected: inputShapes.count, received: gradients.inputs.count)
        }
        for (index, gradient) in gradients.inputs.enumerated() {
            try check(
                gradient, "backward's gradient of \(inputShapes.count == 1 ? "the input" : "input \(index)")",
                count: pass.inputs[index].count, inputIsFinite: inputIsFinite)
        }
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
