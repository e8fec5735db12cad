import ConvNetGraph
import Foundation

/// How the learning rate changes in the course of a run, as a factor of the run's base rate.
///
///     Schedule(.cosine(), warmup: 5)              // linearly up over 5 epochs, then down along a cosine
///     Schedule(.step(every: 30, factor: 0.1))
public struct Schedule: Hashable, Codable, Sendable {
    /// How the factor goes on after the warm-up.
    public var shape: Shape

    /// Epochs over which the rate rises linearly from near 0 to what the shape begins with; may be a fraction.
    public var warmup: Double

    /// The factor as a function of the step.
    public enum Shape: Hashable, Codable, Sendable {
        /// Always 1.
        case constant

        /// Multiplied by `factor` after every so many epochs, counted from the end of the warm-up.
        case step(every: Int, factor: Double = 0.1)

        /// Down from 1 to `final` along half a cosine. Loshchilov and Hutter, "SGDR", 2017, equation 5.
        case cosine(final: Double = 0)

        /// Up from 1 / 25 to 1 in the first 30 % of the steps, then down to 1 / 250,000, both along half cosines, as
        /// PyTorch's `OneCycleLR` has it; momentum stays as it is. Smith and Topin, "Super-Convergence", 2018.
        case oneCycle

        /// Down from 1 to `final` along a line. Bottou, "Stochastic Gradient Descent Tricks", 2012; PyTorch's `LinearLR`
        /// over the whole run.
        case linear(final: Double = 0)

        /// √(warm-up / steps so far), which continues the warm-up, counted in steps too. Vaswani et al., "Attention Is All
        /// You Need", 2017, equation 3.
        case inverseSquareRoot

        /// Multiplied by `factor` whenever the validation loss has not improved for more than `patience` epochs in a row,
        /// as PyTorch's `ReduceLROnPlateau` has it. An epoch improves where its loss is below (1 − threshold) · best.
        case reduceOnPlateau(factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4)
    }

    /// - Parameters:
    ///   - shape: how the factor goes on after the warm-up.
    ///   - warmup: in epochs.
    public init(_ shape: Shape, warmup: Double = 0) {
        self.shape = shape
        self.warmup = warmup
    }

    /// The base rate from beginning to end.
    public static let constant = Schedule(.constant)
    /// ``Shape-swift.enum/oneCycle`` without a warm-up of its own.
    public static let oneCycle = Schedule(.oneCycle)

    /// The factor for one step of a run.
    ///
    /// - Parameters:
    ///   - step: counted from 0 over the whole run.
    ///   - stepsPerEpoch: at least 1.
    ///   - totalSteps: at least 1.
    ///   - reductions: how often the validation loss has come to a plateau.
    public func factor(step: Int, stepsPerEpoch: Int, totalSteps: Int, reductions: Int = 0) -> Double {
        let warmupSteps = (warmup * Double(stepsPerEpoch)).rounded()
        let length = max(1, Double(totalSteps) - warmupSteps)
        let position = Double(step) - warmupSteps
        let factor = shapeFactor(
            position: max(0, position), length: length, warmupSteps: warmupSteps, stepsPerEpoch: stepsPerEpoch,
            reductions: reductions)
        return position < 0 ? (Double(step) + 1) / (warmupSteps + 1) * factor : factor
    }

    /// - Parameter position: steps since the end of the warm-up.
    private func shapeFactor(
        position: Double, length: Double, warmupSteps: Double, stepsPerEpoch: Int, reductions: Int
    ) -> Double {
        switch shape {
        case .constant:
            return 1
        case .step(let every, let factor):
            return pow(factor, (position / (Double(every) * Double(stepsPerEpoch))).rounded(.down))
        case .cosine(let final):
            return Self.anneal(from: 1, to: final, by: min(1, position / length))
        case .oneCycle:
            let first = 1.0 / 25
            let last = first / 1e4
            let peak = 0.3 * length - 1
            if position <= peak { return Self.anneal(from: first, to: 1, by: position / peak) }
            return Self.anneal(from: 1, to: last, by: min(1, (position - peak) / (length - 1 - peak)))
        case .linear(let final):
            return 1 + (final - 1) * min(1, position / length)
        case .inverseSquareRoot:
            let start = max(1, warmupSteps)
            return (start / (start + position)).squareRoot()
        case .reduceOnPlateau(let factor, _, _):
            return pow(factor, Double(reductions))
        }
    }

    /// Half a cosine between two values, by a share from 0 to 1.
    private static func anneal(from start: Double, to end: Double, by share: Double) -> Double {
        end + (start - end) / 2 * (1 + cos(.pi * share))
    }
}
