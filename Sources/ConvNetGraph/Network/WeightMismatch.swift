import ConvNetPages
import Foundation

/// Weights whose names or shapes are not those of a network's parameters. Nothing was loaded.
///
/// `description` has several lines: how many parameters are missing, unexpected or of another shape, and at most ten names
/// of each.
public struct WeightMismatch: Error, Hashable, Sendable {
    /// What messages call the file that the weights are in; nil where they come from memory.
    public let source: String?
    /// The number of parameters that the network has.
    public let parameterCount: Int
    /// Parameters without weights, in the network's order.
    public let missing: [String]
    /// Weights that no parameter has the name of, in alphabetical order.
    public let unexpected: [String]
    /// Weights of a shape that is not their parameter's, in the network's order.
    public let misshapen: [Misshapen]

    /// A parameter that came in another shape.
    public struct Misshapen: Hashable, Sendable {
        /// The parameter's name.
        public let name: String
        /// The parameter's shape.
        public let expected: [Int]
        /// The shape of the weights; a single size where only their number is known.
        public let received: [Int]

        package init(name: String, expected: [Int], received: [Int]) {
            self.name = name
            self.expected = expected
            self.received = received
        }
    }
}

extension Network {
    /// Checks that there are weights for each parameter, and no others. Those of the auxiliary classifiers may be missing
    /// together, since evaluation does without. PyTorch's batch norm counts the batches that it has
    /// seen, for a momentum of its own kind, which nobody uses: `num_batches_tracked` beside a `running_mean` is no matter.
    package func checkWeights(_ shapes: [String: [Int]], source: String? = nil) throws(WeightMismatch) {
        var missing: [String] = []
        var misshapen: [WeightMismatch.Misshapen] = []
        var known: Set<String> = []
        let hasAuxiliary = parameters.contains { $0.isAuxiliary && shapes[$0.name] != nil }
        for parameter in parameters {
            known.insert(parameter.name)
            if let mean = parameter.name.range(of: "running_mean", options: [.anchored, .backwards]) {
                known.insert(parameter.name.replacingCharacters(in: mean, with: "num_batches_tracked"))
            }
            guard let shape = shapes[parameter.name] else {
                if !parameter.isAuxiliary || hasAuxiliary { missing.append(parameter.name) }
                continue
            }
            if shape != parameter.shape {
                misshapen.append(
                    WeightMismatch.Misshapen(name: parameter.name, expected: parameter.shape, received: shape))
            }
        }
        let unexpected = shapes.keys.filter { !known.contains($0) }.sorted()
        guard missing.isEmpty, misshapen.isEmpty, unexpected.isEmpty else {
            throw WeightMismatch(
                source: source, parameterCount: parameters.count, missing: missing, unexpected: unexpected,
                misshapen: misshapen)
        }
    }

    /// Checks weights whose number is all that is known of their shape.
    package func checkWeights(_ values: [String: [Float]]) throws(WeightMismatch) {
        var shapes = values.mapValues { [$0.count] }
        for parameter in parameters where shapes[parameter.name] == [parameter.count] {
            shapes[parameter.name] = parameter.shape
        }
        try checkWeights(shapes)
    }
}

extension WeightMismatch: CustomStringConvertible, ErrorInLines {
    public var description: String { lines.joined(separator: "\n") }

    package var lines: [String] {
        let sections = [
            section("missing", of: missing, total: " of \(parameterCount)") { shortened($0) },
            section("unexpected", of: unexpected) { name in
                shortened(name)
                    + (nearestName(to: name, in: missing).map { ", perhaps the missing \(shortened($0))" } ?? "")
            },
            section("of another shape", of: misshapen) {
                "\(shortened($0.name)): \(Shape($0.received)), expected \(Shape($0.expected))"
            },
        ]
        let what = source.map { "the weights in \(printable($0))" } ?? "the weights"
        return ["\(what) do not fit the network, nothing was loaded"] + sections.joined()
    }

    private func section<Item>(
        _ title: String, of items: [Item], total: String = "", line: (Item) -> String
    ) -> [String] {
        guard !items.isEmpty else { return [] }
        let limit = 10
        let rest = items.count > limit ? ["and \(items.count - limit) more"] : []
        return ["  \(title), \(items.count)\(total):"] + (items.prefix(limit).map(line) + rest).map { "    \($0)" }
    }
}
