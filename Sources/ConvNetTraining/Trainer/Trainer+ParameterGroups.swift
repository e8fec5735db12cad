import ConvNetEngine
import ConvNetGraph

extension Trainer {
    /// The settings of each of a network's parameters.
    ///
    /// - Throws: ``SettingError`` where a group matches no parameter that is trained, naming the nearest, or
    ///   where nothing is left to train.
    func parameterSettings(for network: Network) throws -> [ParameterSettings] {
        let trainable = network.parameters.filter(\.isTrainable).map(\.name)
        for group in parameterGroups where !trainable.contains(where: group.matches) {
            let nearest = group.nearest(in: trainable).joined(separator: ", ")
            throw SettingError(
                "the parameter group '\(group.pattern)' matches nothing that is trained"
                    + (nearest.isEmpty ? "" : "; the nearest are \(nearest)"))
        }
        let settings = network.parameters.map { parameter in
            let group = parameterGroups.last { $0.matches(parameter.name) }
            let isDecayed = decaysBiasesAndNorms || parameter.shape.count > 1
            return ParameterSettings(
                learningRateFactor: group?.learningRateFactor ?? 1,
                weightDecay: group?.weightDecay ?? (isDecayed ? optimizer.weightDecay : 0))
        }
        if !trainable.isEmpty, !zip(network.parameters, settings).contains(where: { $0.isTrainable && !$1.isFrozen }) {
            throw SettingError("every parameter is frozen; leave one a learning-rate factor above 0")
        }
        return settings
    }
}
