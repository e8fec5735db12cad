/// An operation that the reference engine can carry out: plain loops that read like the formulas.
///
/// Implementations carry `@_specialize` for the two kinds of numbers: called through `any ReferenceOperation`, generic
/// loops would otherwise run a hundred times slower.
protocol ReferenceOperation {
    /// Computes `node.output` from `node.inputs` and `node.parameters`.
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) throws

    /// Adds to `node.inputGradients` and `node.parameterGradients` what `node.outputGradient` implies.
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) throws
}

/// The arrays that one node of a graph reads and writes.
struct ReferenceNode<Scalar: ReferenceScalar> {
    var index: Int
    var inputs: [Tensor<Scalar>]
    var output: Tensor<Scalar>
    var parameters: [Tensor<Scalar>]

    /// Gradients of the loss. Those with respect to the images are nil unless asked for.
    var inputGradients: [Tensor<Scalar>?]
    var outputGradient: Tensor<Scalar>
    var parameterGradients: [Tensor<Scalar>]

    /// Whether a batch norm stands still in training.
    var isFrozen: Bool
    var pass: ReferencePass
}

/// What is the same for all nodes of one pass, and set anew for each. Held by reference so that nodes can be made once.
package final class ReferencePass {
    package var isTraining = false
    package var seed: UInt64 = 0
    package var epoch = 0

    /// The position in the dataset of each sample of the batch.
    package let samples: UnsafeMutableBufferPointer<Int32>

    /// As large as the largest that was asked for, so that only the first pass allocates.
    private var scratch = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init(samples: UnsafeMutableBufferPointer<Int32>) {
        self.samples = samples
    }

    deinit { scratch.deallocate() }

    /// Lends memory of any content to an operation.
    @inline(__always)
    func withScratch<Scalar: ReferenceScalar>(_ count: Int, _ body: (UnsafeMutablePointer<Scalar>) -> Void) {
        let bytes = count * MemoryLayout<Scalar>.stride
        if scratch.count < bytes {
            scratch.deallocate()
            scratch = .allocate(byteCount: bytes, alignment: 64)
        }
        scratch.withMemoryRebound(to: Scalar.self) { buffer in
            if let pointer = buffer.baseAddress { body(pointer) }
        }
    }
}
