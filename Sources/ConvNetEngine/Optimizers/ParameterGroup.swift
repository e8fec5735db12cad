import ConvNetGraph

/// Parameters that are trained at a rate, or with a weight decay, of their own.
///
///     ParameterGroup("features.*", learningRateFactor: 0)        // frozen
///     ParameterGroup("*.bias", weightDecay: 0)
///
/// Where several groups match a parameter, the last of them alone decides.
public struct ParameterGroup: Hashable, Codable, Sendable {
    /// A parameter's name; `*` stands for any characters, dots included, or for none.
    public var pattern: String

    /// What the run's learning rate is multiplied by. Parameters with 0 are frozen: they do not change at all, and their
    /// gradients do not count in clipping.
    public var learningRateFactor: Float

    /// nil leaves the parameters with the weight decay that they would have without the group.
    public var weightDecay: Float?

    /// - Parameter pattern: a parameter's name, in which `*` stands for any characters.
    public init(_ pattern: String, learningRateFactor: Float = 1, weightDecay: Float? = nil) {
        self.pattern = pattern
        self.learningRateFactor = learningRateFactor
        self.weightDecay = weightDecay
    }

    package func matches(_ name: String) -> Bool { distance(to: name) == 0 }

    package func validate() throws {
        guard learningRateFactor >= 0, learningRateFactor.isFinite else {
            throw SettingError(
                "the learning-rate factor of '\(pattern)' must be 0 or more, received \(learningRateFactor)")
        }
        if let weightDecay, !(weightDecay >= 0 && weightDecay.isFinite) {
            throw SettingError("the weight decay of '\(pattern)' must be 0 or more, received \(weightDecay)")
        }
    }

    /// The Levenshtein distance from the pattern to a name, in which a `*` becomes any characters for nothing.
    private func distance(to name: String) -> Int {
        let letters = Array(name)
        var previous = Array(0...letters.count)
        for letter in pattern {
            var current = [letter == "*" ? previous[0] : previous[0] + 1]
            current.reserveCapacity(previous.count)
            for (column, other) in letters.enumerated() {
                if letter == "*" {
                    current.append(min(previous[column + 1], current[column]))
                } else {
                    let replaced = previous[column] + (letter == other ? 0 : 1)
                    current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
                }
            }
            previous = current
        }
        return previous[letters.count]
    }

    /// The names nearest to a pattern that matches none, the nearest first.
    package func nearest(in names: [String]) -> [String] {
        let ranked = names.map { (name: $0, distance: distance(to: $0)) }
        return ranked.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
            .prefix(3).map(\.element.name)
    }
}

extension ParameterGroup: CustomStringConvertible {
    public var description: String {
        "\(pattern) at rate × \(learningRateFactor)" + (weightDecay.map { " with decay \($0)" } ?? "")
    }
}

/// How one parameter is updated, as compared with the others.
public struct ParameterSettings: Hashable, Sendable {
    /// What the step's learning rate is multiplied by; 0 freezes the parameter.
    public var learningRateFactor: Float
    /// The parameter's own weight decay, 0 or more.
    public var weightDecay: Float

    /// The step's own rate, unless said otherwise.
    public init(learningRateFactor: Float = 1, weightDecay: Float) {
        self.learningRateFactor = learningRateFactor
        self.weightDecay = weightDecay
    }

    package var isFrozen: Bool { learningRateFactor == 0 }
}

extension TrainingConfiguration {
    /// Whether parameter `index` of the graph changes by its gradient: it is trainable, and not frozen.
    public func trains(_ index: Int, of graph: Graph) -> Bool {
        graph.parameters[index].isTrainable && (parameterSettings.isEmpty || !parameterSettings[index].isFrozen)
    }
}
