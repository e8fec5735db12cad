import ConvNetEngine
import ConvNetGraph

extension Trainer {
    /// The settings of each of a network's parameters.
    ///
    /// - Throws: ``SettingError`` where a group matches no parameter that is trained, naming the nearest, or
    ///   where nothing is left to train.
    func parameterSettings(for network: Network) throws -> [ParameterSettings] {
        let trainable = network.parameters.filter(\.isTrainable).map(\.name)
        let frozen = (self.frozen ?? []).map { ParameterGroup($0) }
        try Self.check(parameterGroups, "parameter group", match: trainable, "nothing that is trained")
        try Self.check(frozen, "pattern of frozen parameters", match: network.parameters.map(\.name), "no parameter")
        let settings = network.parameters.map { parameter in
            let group = parameterGroups.last { $0.matches(parameter.name) }
            let isDecayed = decaysBiasesAndNorms || parameter.shape.count > 1
            return ParameterSettings(
                learningRateFactor: frozen.contains { $0.matches(parameter.name) }
                    ? 0 : group?.learningRateFactor ?? 1,
                weightDecay: group?.weightDecay ?? (isDecayed ? optimizer.weightDecay : 0))
        }
        if !trainable.isEmpty, !zip(network.parameters, settings).contains(where: { $0.isTrainable && !$1.isFrozen }) {
            throw SettingError("every parameter is frozen; leave one a learning-rate factor above 0")
        }
        return settings
    }

    private static func check(
        _ groups: [ParameterGroup], _ what: String, match names: [String], _ nothing: String
    ) throws(SettingError) {
        for group in groups where !names.contains(where: group.matches) {
            let nearest = group.nearest(in: names).joined(separator: ", ")
            throw SettingError(
                "the \(what) '\(group.pattern)' matches \(nothing)"
                    + (nearest.isEmpty ? "" : "; the nearest are \(nearest)"))
        }
    }

    /// The batch norms, by node, that stand still; nil for those of which the graph says so.
    func frozenNorms(of graph: Graph) -> Set<Int>? { frozen.map(graph.norms) }
}
