import ConvNetGraph

/// How far a step has moved a parameter, for whoever wants to know whether the learning rate suits it. All zeros for one that is not
/// trained.
public struct UpdateStatistics: Hashable, Sendable {
    /// Of the weights before the step: √Σw².
    public var weightNorm: Double
    /// Of the gradient that the optimizer was given: of the whole batch, clipped.
    public var gradientNorm: Double
    /// Of the difference that the step has made.
    public var updateNorm: Double

    /// The update's norm over that of the weights; 0 where the weights were all 0. About 0.001 is usual. Karpathy, CS231n, "Ratio of
    /// weights:updates".
    public var ratio: Double { weightNorm > 0 ? updateNorm / weightNorm : 0 }

    /// Nothing has moved, unless said otherwise.
    public init(weightNorm: Double = 0, gradientNorm: Double = 0, updateNorm: Double = 0) {
        self.weightNorm = weightNorm
        self.gradientNorm = gradientNorm
        self.updateNorm = updateNorm
    }
}

/// Sums what a ``ParameterUpdater`` sees in passing: each thread its own, so that none waits for another.
final class UpdateRecorder {
    /// As many elements as are updated at a time, so that the weights before can be kept.
    static let chunk = 1024

    private let parameters: Int
    private let threads: Int
    private let sums: AlignedBuffer<Double>
    private let before: AlignedBuffer<Float>

    init(parameters: Int, threads: Int) {
        self.parameters = parameters
        self.threads = threads
        sums = AlignedBuffer(count: parameters * threads * 3)
        before = AlignedBuffer(count: threads * Self.chunk)
    }

    func clear() { sums.elements.update(repeating: 0) }

    /// Updates some elements of a parameter, a chunk at a time, by `update`.
    func record(
        _ parameter: Int, part: Int, weights: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>,
        _ range: Range<Int>, _ update: (Range<Int>) -> Void
    ) {
        let before = before.pointer + part * Self.chunk
        let sums = sums.pointer + (part * parameters + parameter) * 3
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.chunk) {
            let own = start..<min(start + Self.chunk, range.upperBound)
            before.update(from: weights + start, count: own.count)
            sums[1] += sumOfSquares(gradients, own)
            update(own)
            sums[0] += sumOfSquares(before, 0..<own.count)
            for i in 0..<own.count { before[i] = weights[start + i] - before[i] }
            sums[2] += sumOfSquares(before, 0..<own.count)
        }
    }

    /// By parameter.
    var statistics: [UpdateStatistics] {
        (0..<parameters).map { parameter in
            func norm(_ index: Int) -> Double {
                (0..<threads).reduce(0) { $0 + sums.elements[($1 * parameters + parameter) * 3 + index] }.squareRoot()
            }
            return UpdateStatistics(weightNorm: norm(0), gradientNorm: norm(1), updateNorm: norm(2))
        }
    }
}
