import ConvNetGraph

/// Compares a custom layer's backward pass with numeric derivatives of its forward pass, for random input and parameters.
///
///     try checkGradients(of: Square(), input: [3, 5, 5])
///
/// Every array but those that are not trained is checked along random directions: the derivative of Σ forward · r along d, by central differences in two
/// step sizes, against the gradient's product with d. The layer sees what it sees in a network, and what it returns is
/// checked as there.
///
/// - Parameters:
///   - input: the shape of one sample.
///   - samples: of the batch.
///   - tolerance: relative; single precision leaves about 1e-4 of what `forward` computes.
/// - Throws: ``GradientMismatch`` naming the array; `NetworkError` where the layer refuses the shape; `CustomLayerError`,
///   and what the layer throws.
public func checkGradients(
    of layer: some CustomLayer, input: Shape, samples: Int = 3, tolerance: Double = 2e-3, seed: UInt64 = 0
) throws {
    let network = try Network(input: input) { layer }
    let graph = network.graph
    guard let node = CustomLayerNode(graph.nodes[1], in: graph) else { return }
    func random(_ count: Int, _ number: UInt32) -> [Float] {
        RandomStream(seed: seed, purpose: .synthesis, first: number).uniform(count, low: -1, high: 1)
    }
    // Array 0 is the input, the others are the parameters.
    var arrays = [random(samples * input.count, 0)]
    arrays += graph.parameters.map { $0.initializer.values(for: $0, seed: seed) }
    // Parameters that begin as zeros or ones all alike would hide a mistake.
    for index in arrays.indices.dropFirst() {
        arrays[index] = zip(arrays[index], random(arrays[index].count, UInt32(index))).map { $0 + 0.1 * $1 }
    }
    func pass(_ arrays: [[Float]]) -> LayerPass {
        node.pass(input: arrays[0], parameters: Array(arrays.dropFirst()), isTraining: true)
    }
    let output = try node.forward(pass(arrays))
    let outputGradient = random(output.count, 1000)
    let gradients = try node.backward(pass(arrays), output: output, outputGradient: outputGradient)
    let analytic = [gradients.input] + gradients.parameters
    let names = ["the input"] + graph.parameters.map { String($0.name.dropFirst("0.".count)) }

    for (index, array) in arrays.enumerated() where index == 0 || graph.parameters[index - 1].isTrainable {
        for direction in 0..<4 {
            let d = random(array.count, UInt32(2000 + 10 * index + direction))
            func value(_ step: Float) throws -> Double {
                var moved = arrays
                moved[index] = zip(array, d).map { $0 + step * $1 }
                return dot(try node.forward(pass(moved)), outputGradient)
            }
            func difference(_ step: Float) throws -> Double {
                try (value(step) - value(-step)) / (2 * Double(step))
            }
            // Richardson's extrapolation takes away the error of the second order.
            let numeric = try (4 * difference(0.01) - difference(0.02)) / 3
            let expected = dot(analytic[index], d)
            // What rounding and cancellation leave is relative to the sum of the magnitudes.
            let scale = max(abs(numeric), abs(expected), norm(analytic[index]), 1e-3)
            guard abs(numeric - expected) <= tolerance * scale else {
                throw GradientMismatch(
                    kind: type(of: layer).kind, array: names[index], expected: numeric, received: expected)
            }
        }
    }
}

/// A gradient that is not the derivative.
public struct GradientMismatch: Error, Hashable, Sendable, CustomStringConvertible {
    /// The layer's kind.
    public let kind: String
    /// `the input`, or a parameter's name.
    public let array: String
    /// Along some direction: what differences of `forward` say, and what `backward` says.
    public let expected, received: Double

    public var description: String {
        "the custom layer \"\(kind)\": backward's gradient of \(array) gives \(received) along a direction in which "
            + "forward changes by \(expected)"
    }
}

private func dot(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

private func norm(_ a: [Float]) -> Double { dot(a, a).squareRoot() }
