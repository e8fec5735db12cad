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
///   - input: the shape of one sample, here and below.
///   - samples: of the batch.
///   - tolerance: relative; single precision leaves about 1e-4 of what `forward` computes.
/// - Throws: ``GradientMismatch`` naming the array; `NetworkError` where the layer refuses the shape; `CustomLayerError`,
///   and what the layer throws.
public func checkGradients(
    of layer: some CustomLayer, input: Shape, samples: Int = 3, tolerance: Double = 2e-3, seed: UInt64 = 0
) throws {
    try checkGradients(of: layer, inputs: [input], samples: samples, tolerance: tolerance, seed: seed)
}

/// The same of a layer that reads several others: see ``checkGradients(of:input:samples:tolerance:seed:)``.
public func checkGradients(
    of layer: some CustomLayer, inputs: [Shape], samples: Int = 3, tolerance: Double = 2e-3, seed: UInt64 = 0
) throws {
    let path = LayerPath(["0"])
    let output: Shape
    do throws(ShapeError) {
        output = try layer.checkedOutputShape(for: inputs)
    } catch {
        throw NetworkError(path: path, problem: error)
    }
    let node = CustomLayerNode(layer, path: path, inputs: inputs, output: output)
    let parameters = layer.parameters(for: inputs)
    func random(_ count: Int, _ number: UInt32) -> [Float] {
        RandomStream(seed: seed, purpose: .synthesis, first: number).uniform(count, low: -1, high: 1)
    }
    // The inputs come first, then the parameters.
    var arrays = inputs.enumerated().map { random(samples * $1.count, UInt32(100 * $0)) }
    arrays += parameters.map { $0.initializer.values(for: $0, seed: seed) }
    // Parameters that begin as zeros or ones all alike would hide a mistake.
    for index in arrays.indices.dropFirst(inputs.count) {
        arrays[index] = zip(arrays[index], random(arrays[index].count, UInt32(index))).map { $0 + 0.1 * $1 }
    }
    func pass(_ arrays: [[Float]]) -> LayerPass {
        node.pass(
            inputs: Array(arrays.prefix(inputs.count)), parameters: Array(arrays.dropFirst(inputs.count)),
            isTraining: true)
    }
    let values = try node.forward(pass(arrays))
    let outputGradient = random(values.count, 1000)
    let gradients = try node.backward(pass(arrays), output: values, outputGradient: outputGradient)
    let analytic = gradients.inputs + gradients.parameters
    let names = (inputs.count == 1 ? ["the input"] : inputs.indices.map { "input \($0)" }) + parameters.map(\.name)
    let isChecked = inputs.map { _ in true } + parameters.map(\.isTrainable)

    for (index, array) in arrays.enumerated() where isChecked[index] {
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
