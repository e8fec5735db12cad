import ArgumentParser
import ConvNet

/// The defaults of an optimizer's settings; nil for those that it does not have.
private struct OptimizerDefaults {
    var learningRate: Double
    var momentum: Double?
    var nesterov: Bool?
    var beta1: Double?
    var beta2: Double?
    var alpha: Double?
    var centered: Bool?
    var epsilon: Double?
    var weightDecay: Double

    static func of(_ kind: String) throws -> OptimizerDefaults {
        let (adam, adamW, rmsProp, adaGrad) = (Adam(), AdamW(), RMSProp(), AdaGrad())
        switch kind {
        case SGD.kind:
            return OptimizerDefaults(learningRate: 0.05, momentum: 0.9, nesterov: false, weightDecay: 0.0005)
        case Adam.kind:
            return OptimizerDefaults(
                learningRate: 0.001, beta1: adam.beta1, beta2: adam.beta2, epsilon: adam.epsilon, weightDecay: 0)
        case AdamW.kind:
            return OptimizerDefaults(
                learningRate: 0.001, beta1: adamW.beta1, beta2: adamW.beta2, epsilon: adamW.epsilon, weightDecay: 0.01)
        case RMSProp.kind:
            return OptimizerDefaults(
                learningRate: 0.001, momentum: 0, alpha: rmsProp.alpha, centered: false, epsilon: rmsProp.epsilon,
                weightDecay: 0)
        case AdaGrad.kind:
            return OptimizerDefaults(learningRate: 0.01, epsilon: adaGrad.epsilon, weightDecay: 0)
        default:
            throw unknownOptimizer(kind)
        }
    }
}

private func unknownOptimizer(_ kind: String) -> ValidationError {
    ValidationError("unknown optimizer '\(kind)'; there are \(OptimizerRegistry.kinds.quotedList)")
}

extension RunConfiguration {
    /// Gives every setting of the optimizer that was left open its default.
    ///
    /// - Throws: `ValidationError` for an unknown optimizer, and for a setting that it does not have.
    func resolved() throws -> RunConfiguration {
        let defaults = try OptimizerDefaults.of(optimizer)
        var result = self
        func resolve<T>(
            _ key: CodingKeys, _ path: WritableKeyPath<RunConfiguration, T?>, _ standard: KeyPath<OptimizerDefaults, T?>
        ) throws {
            if let value = defaults[keyPath: standard] {
                result[keyPath: path] = self[keyPath: path] ?? value
            } else if self[keyPath: path] != nil {
                let owners = try OptimizerRegistry.kinds.filter {
                    try OptimizerDefaults.of($0)[keyPath: standard] != nil
                }
                throw ValidationError(
                    "the optimizer '\(optimizer)' has no \(key.rawValue); it belongs to \(owners.quotedList)")
            }
        }
        result.learningRate = learningRate ?? defaults.learningRate
        result.weightDecay = weightDecay ?? defaults.weightDecay
        try resolve(.momentum, \.momentum, \.momentum)
        try resolve(.nesterov, \.nesterov, \.nesterov)
        try resolve(.beta1, \.beta1, \.beta1)
        try resolve(.beta2, \.beta2, \.beta2)
        try resolve(.alpha, \.alpha, \.alpha)
        try resolve(.centered, \.centered, \.centered)
        try resolve(.epsilon, \.epsilon, \.epsilon)
        return result
    }

    /// Whether the learning rate is far below the optimizer's usual one.
    var isSlow: Bool { usualLearningRate.map { (learningRate ?? $0) < $0 / 10 } ?? false }

    /// A rate to try where the run's own learns nothing: a tenth of it or, where it is far below the usual one, that.
    var otherLearningRate: Double {
        let rate = learningRate ?? usualLearningRate ?? 0
        return isSlow ? usualLearningRate ?? rate : (rate / 10).roundedToTwoDigits
    }

    private var usualLearningRate: Double? { (try? OptimizerDefaults.of(optimizer))?.learningRate }

    mutating func clearOptimizerSettings() {
        (learningRate, momentum, beta1, beta2, alpha, epsilon, weightDecay) = (nil, nil, nil, nil, nil, nil, nil)
        (nesterov, centered) = (nil, nil)
    }

    /// The optimizer, and the base of the schedule.
    func makeOptimizer() throws -> (optimizer: any Optimizer, learningRate: Float) {
        let settings = try resolved()
        func float(_ value: Double?) -> Float { Float(value ?? 0) }
        let decay = float(settings.weightDecay)
        let (beta1, beta2) = (settings.beta1 ?? 0, settings.beta2 ?? 0)
        let (alpha, epsilon) = (settings.alpha ?? 0, settings.epsilon ?? 0)
        let optimizer: any Optimizer =
            switch optimizer {
            case Adam.kind: Adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay)
            case AdamW.kind: AdamW(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay)
            case RMSProp.kind:
                RMSProp(
                    alpha: alpha, epsilon: epsilon, momentum: float(settings.momentum),
                    centered: settings.centered ?? false, weightDecay: decay)
            case AdaGrad.kind: AdaGrad(epsilon: epsilon, weightDecay: decay)
            case SGD.kind:
                SGD(
                    momentum: float(settings.momentum), nesterov: settings.nesterov ?? false, weightDecay: decay)
            default: throw unknownOptimizer(optimizer)
            }
        return (optimizer, float(settings.learningRate))
    }
}
