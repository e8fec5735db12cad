import ConvNetPages

/// Where in a network its memory, parameters and arithmetic are: by layer, or by groups of layers where there are many.
struct LayerProfile {
    struct Part {
        /// The layer's path, or what the paths of a group begin with.
        var label: String
        /// What a single layer is; of a group, how many layers it has.
        var operation: String { layers == 1 ? onlyOperation : "\(layers) layers" }
        var layers = 0
        var activationBytes = 0
        var parameters = 0
        var multiplyAdds = 0
        fileprivate var onlyOperation = ""

        fileprivate mutating func add(_ other: Part) {
            layers += other.layers
            activationBytes = activationBytes.saturatingSum(other.activationBytes)
            parameters = parameters.saturatingSum(other.parameters)
            multiplyAdds = multiplyAdds.saturatingSum(other.multiplyAdds)
        }
    }

    /// In the network's order.
    private(set) var parts: [Part]

    /// Groups layers by as many components of their paths as leave at most `limit` parts: blocks, then stages. A network
    /// without such containers is cut into runs of layers.
    init(_ summary: NetworkSummary, limit: Int = 40) {
        let layers = summary.layers.map { layer in
            Part(
                label: layer.path, layers: 1, activationBytes: layer.activationBytes, parameters: layer.parameterCount,
                multiplyAdds: layer.multiplyAdds, onlyOperation: layer.label)
        }
        let components = summary.layers.map { $0.path.split(separator: ".") }
        parts = layers
        var depth = components.map(\.count).max() ?? 0
        while parts.count > limit, depth > 1 {
            depth -= 1
            parts = Self.grouped(layers, by: components.map { $0.prefix(depth).joined(separator: ".") })
        }
        if parts.count > limit { parts = Self.cut(parts, into: limit) }
    }

    private static func grouped(_ layers: [Part], by labels: [String]) -> [Part] {
        var places: [String: Int] = [:]
        var parts: [Part] = []
        for (layer, label) in zip(layers, labels) {
            if let place = places[label] {
                parts[place].add(layer)
            } else {
                places[label] = parts.count
                var first = layer
                first.label = label
                parts.append(first)
            }
        }
        return parts
    }

    private static func cut(_ parts: [Part], into limit: Int) -> [Part] {
        let length = (parts.count + limit - 1) / limit
        return stride(from: 0, to: parts.count, by: length).map { start in
            let run = parts[start..<min(start + length, parts.count)]
            var sum = Part(
                label: run.count == 1 ? run[start].label : "\(run[start].label) – \(run[run.endIndex - 1].label)")
            for part in run { sum.add(part) }
            return sum
        }
    }
}
