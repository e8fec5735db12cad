import Testing

/// What the passes of a convolution of stride 1 are by definition, to compare kernels with: plain loops in double precision
/// over row-major arrays.
struct DirectConvolution {
    var samples, inputs, outputs, height, width: Int
    var kernelHeight, kernelWidth: Int
    /// At the top, left, bottom and right.
    var padding: [Int]

    var outputHeight: Int { height + padding[0] + padding[2] - kernelHeight + 1 }
    var outputWidth: Int { width + padding[1] + padding[3] - kernelWidth + 1 }

    func passes(
        input: [Float], gradient: [Float], weights: [Float], bias: [Float]? = nil, outputAddend: [Float]? = nil,
        relu: Bool = false
    ) -> (output: [Double], inputGradient: [Double], weightsGradient: [Double], biasGradient: [Double]) {
        var output = [Double](repeating: 0, count: gradient.count)
        var inputGradient = [Double](repeating: 0, count: input.count)
        var weightsGradient = [Double](repeating: 0, count: weights.count)
        var biasGradient = [Double](repeating: 0, count: outputs)
        var position = 0
        for sample in 0..<samples {
            for o in 0..<outputs {
                for row in 0..<outputHeight {
                    for column in 0..<outputWidth {
                        let pixelGradient = Double(gradient[position])
                        var sum = Double(bias?[o] ?? 0) + Double(outputAddend?[position] ?? 0)
                        for i in 0..<inputs {
                            for h in 0..<kernelHeight {
                                let y = row + h - padding[0]
                                guard (0..<height).contains(y) else { continue }
                                for w in 0..<kernelWidth {
                                    let x = column + w - padding[1]
                                    guard (0..<width).contains(x) else { continue }
                                    let pixel = ((sample * inputs + i) * height + y) * width + x
                                    let weight = ((o * inputs + i) * kernelHeight + h) * kernelWidth + w
                                    sum += Double(input[pixel]) * Double(weights[weight])
                                    inputGradient[pixel] += pixelGradient * Double(weights[weight])
                                    weightsGradient[weight] += pixelGradient * Double(input[pixel])
                                }
                            }
                        }
                        biasGradient[o] += pixelGradient
                        output[position] = relu ? max(sum, 0) : sum
                        position += 1
                    }
                }
            }
        }
        return (output, inputGradient, weightsGradient, biasGradient)
    }
}

/// Expects the largest error to be within `tolerance` of the largest value.
func expect(
    _ values: [Float], near expected: [Double], within tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let largest = expected.map(abs).max()!
    // What is not a number is the largest error.
    let error = zip(values, expected).map { value, expected in
        value.isFinite ? abs(Double(value) - expected) : .infinity
    }.max()!
    #expect(
        error <= tolerance * largest, "error \(error), largest value \(largest)", sourceLocation: sourceLocation)
}
