import ConvNetEngine
import ConvNetGraph

/// What a layer's output looks like over some images: whether signals die out, explode or saturate on their way.
public struct LayerStatistics: Hashable, Sendable, Encodable {
    /// As in parameters' names, e.g. `layer1.0.conv1`; `images` for what the network reads.
    public let layer: String
    /// The operation's kind, e.g. `conv2d`.
    public let kind: String
    /// C×H×W or (features), of one image.
    public let shape: Shape
    /// Over all elements of all images.
    public let mean: Double
    /// Over all elements of all images.
    public let standardDeviation: Double
    /// The share of elements that are exactly zero: behind a ReLU those that pass nothing on.
    public let zeroShare: Double
    /// The largest magnitude.
    public let largest: Double
    /// Whether all elements are numbers, and finite; the others count in nothing else.
    public let isFinite: Bool

    private enum CodingKeys: String, CodingKey {
        case layer, kind, shape, mean
        case standardDeviation = "standard_deviation"
        case zeroShare = "zero_share"
        case largest
        case isFinite = "is_finite"
    }
}

/// What a parameter's values look like.
public struct ParameterStatistics: Hashable, Sendable, Encodable {
    /// E.g. `conv1.weight`.
    public let name: String
    /// The root of the sum of all squares.
    public let norm: Double
    /// Of all values.
    public let mean: Double
    /// Of all values.
    public let standardDeviation: Double
    /// What the last training step has changed, in relation to the norm; nil where ``Trainer/recordsUpdates`` did not ask for it.
    public let updateRatio: Double?

    private enum CodingKeys: String, CodingKey {
        case name, norm, mean
        case standardDeviation = "standard_deviation"
        case updateRatio = "update_ratio"
    }
}

extension Model {
    /// What every layer makes of images, as in evaluation, in one pass over them.
    ///
    /// - Parameter images: N×C×H×W, row-major, as the dataset has them: they are preprocessed here.
    /// - Returns: in the order of the graph's nodes, the images first; auxiliary classifiers are left out.
    /// - Throws: ``ModelError/imageSize(expected:received:)``, ``EngineError``.
    public func layerStatistics(_ images: [Float]) throws -> [LayerStatistics] {
        let graph = network.graph
        let nodes = zip(graph.nodes.indices, graph.isAuxiliary).filter { !$1 }.map(\.0)
        var moments = nodes.map { _ in Moments() }
        try compiled.forEachPart(of: preprocessed(images), PlanRequest(outputs: Set(nodes))) { plan, _ in
            for (index, node) in nodes.enumerated() { moments[index].add(try plan.output(of: node)) }
        }
        return zip(nodes, moments).map { node, moments in
            let node = graph.nodes[node]
            return LayerStatistics(
                layer: node.path.components.isEmpty ? "images" : node.path.dotted,
                kind: type(of: node.operation).kind, shape: node.shape, mean: moments.mean,
                standardDeviation: moments.standardDeviation, zeroShare: moments.zeroShare, largest: moments.largest,
                isFinite: moments.isFinite)
        }
    }

    /// What every parameter looks like, in the network's order.
    public func parameterStatistics() throws -> [ParameterStatistics] {
        let updates = compiled.lastUpdates
        return try network.parameters.enumerated().map { index, parameter in
            var moments = Moments()
            moments.add(try compiled.parameter(index))
            return ParameterStatistics(
                name: parameter.name, norm: moments.squares.squareRoot(), mean: moments.mean,
                standardDeviation: moments.standardDeviation,
                updateRatio: updates.isEmpty ? nil : updates[index].ratio)
        }
    }
}

/// Sums over many numbers, in double precision: a part at a time, the variance by way of each part's own mean, so that numbers far
/// from zero keep theirs.
private struct Moments {
    private var count = 0.0
    private(set) var mean = 0.0
    /// Σ (x − mean)².
    private var deviations = 0.0
    private(set) var squares = 0.0
    private(set) var largest = 0.0
    private(set) var isFinite = true
    private var zeros = 0.0

    var standardDeviation: Double { count == 0 ? 0 : (deviations / count).squareRoot() }
    var zeroShare: Double { count == 0 ? 0 : zeros / count }

    /// Chan, Golub and LeVeque, "Algorithms for Computing the Sample Variance", 1983, equation 2.1.
    mutating func add(_ values: [Float]) {
        var (own, sum, squares, zeros, largest) = (0.0, 0.0, 0.0, 0.0, Float(0))
        for value in values {
            guard value.isFinite else {
                isFinite = false
                continue
            }
            own += 1
            sum += Double(value)
            squares += Double(value) * Double(value)
            if value == 0 { zeros += 1 }
            largest = max(largest, abs(value))
        }
        guard own > 0 else { return }
        let ownMean = sum / own
        let ownDeviations = values.reduce(0.0) { sum, value in
            value.isFinite ? sum + (Double(value) - ownMean) * (Double(value) - ownMean) : sum
        }
        let difference = ownMean - mean
        deviations += ownDeviations + difference * difference * count * own / (count + own)
        mean += difference * own / (count + own)
        count += own
        self.squares += squares
        self.zeros += zeros
        self.largest = max(self.largest, Double(largest))
    }
}
