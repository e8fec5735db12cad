import ConvNetGraph

/// What a training step minimises: the loss of the network's output and, each with its weight, those of its auxiliary
/// classifiers.
///
///     total loss = loss of the output + Σ weight · loss of the auxiliary output
///
/// An engine makes one with its training plan and evaluates it between the forward and the backward pass. Source: Szegedy
/// et al., "Going Deeper with Convolutions", 2015, section 5.
public struct TotalLoss<Scalar: BinaryFloatingPoint> {
    /// Logits, samples × classes, and where the gradient of the loss with respect to them goes.
    public struct Arrays {
        var logits: UnsafePointer<Scalar>
        var gradient: UnsafeMutablePointer<Scalar>

        /// Two arrays, row-major, of as many elements.
        public init(logits: UnsafePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>) {
            self.logits = logits
            self.gradient = gradient
        }
    }

    private let output: Arrays
    private let auxiliary: [(weight: Double, arrays: Arrays)]
    private let samples, classes: Int

    /// The total loss of a graph's outputs.
    ///
    /// - Parameter arrays: gives those of a node, which outlive this. Asked once for the last node and for each of the
    ///   graph's ``Graph/auxiliaryOutputs``.
    public init(_ graph: Graph, batchSize: Int, arrays: (_ node: Int) throws -> Arrays) rethrows {
        samples = batchSize
        classes = graph.outputShape.count
        output = try arrays(graph.nodes.count - 1)
        auxiliary = try graph.nodes.enumerated().compactMap { index, node in
            try (node.operation as? AuxiliaryOutput).map { ($0.weight, try arrays(index)) }
        }
    }

    /// Computes the total loss, and the gradient of its mean with respect to all logits. Allocates nothing.
    ///
    /// - Parameter loss: the loss of some logits; writes the gradient of its mean.
    /// - Returns: what the loss makes of the network's output, the weighted sums of the others' losses added.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func evaluate(
        _ loss: (_ logits: UnsafePointer<Scalar>, _ gradient: UnsafeMutablePointer<Scalar>) -> StepResult
    ) -> StepResult {
        var result = loss(output.logits, output.gradient)
        for (weight, arrays) in auxiliary {
            result.lossSum += weight * loss(arrays.logits, arrays.gradient).lossSum
            let factor = Scalar(weight)
            for index in 0..<samples * classes { arrays.gradient[index] *= factor }
        }
        return result
    }
}

extension TotalLoss where Scalar == Float {
    /// Computes the total loss, and the gradient of its mean with respect to all logits. Allocates nothing.
    ///
    /// - Parameters:
    ///   - labels: a class index for each sample.
    ///   - softTargets: samples × classes; nil where the labels are the targets.
    public func evaluate(
        _ loss: any Loss, labels: UnsafePointer<Int32>, softTargets: UnsafePointer<Float>?
    ) -> StepResult {
        evaluate { logits, gradient in
            loss.evaluate(
                logits: logits, labels: labels, softTargets: softTargets, samples: samples, classes: classes,
                gradient: gradient)
        }
    }
}
