import ConvNetFormats
import ConvNetGraph
import ConvNetPages
import ConvNetZoo

/// A network of the catalog that a file's weights are those of.
public struct RecognizedWeights: Sendable {
    /// What the catalog says of it.
    public let entry: NetworkCatalog.Entry
    /// The network, with as many classes as the weights have.
    public let network: Network
    /// Which tensor is which parameter.
    public let match: WeightMatch
}

extension NetworkCatalog {
    /// Finds the network that weights are those of, by names and shapes. Where several have the same, as those have that differ in a
    /// stride, it is the one that such weights were published for.
    ///
    /// - Throws: ``UnrecognizedWeights``, which lists the nearest.
    public static func recognize(_ source: any WeightSource) throws -> RecognizedWeights {
        var found: [RecognizedWeights] = []
        var nearest: [(name: String, fitting: Int, all: Int)] = []
        for entry in all {
            // Some networks have no parameters that a shape alone decides on.
            guard let whole = try? entry.network() else { continue }
            let partial = try whole.match(source, namings: entry.weightNamings, policy: .partial)
            let all = whole.parameters.count
            nearest.append((entry.name, all - partial.missing.count, max(all, source.names.count)))
            if let recognized = try? entry.recognize(source, like: whole, partial) { found.append(recognized) }
        }
        let published = found.filter { $0.entry.publishedPreprocessing != nil }
        let candidates = published.isEmpty ? found : published
        guard let only = candidates.first, candidates.count == 1 else {
            let byFit = nearest.filter { $0.fitting > 0 }.sorted {
                $0.fitting * $1.all > $1.fitting * $0.all
            }
            throw UnrecognizedWeights(
                file: source.name, candidates: candidates.map(\.entry.name),
                nearest: byFit.prefix(3).map { "\($0.name) (\($0.fitting) of \($0.all) tensors)" })
        }
        return only
    }
}

extension NetworkCatalog.Entry {
    /// The network with as many classes as weights have, and which tensor is which of its parameters.
    ///
    /// - Throws: ``WeightMismatch`` where the weights are not the network's, ``NetworkError``.
    public func recognize(_ source: any WeightSource) throws -> RecognizedWeights {
        let whole = try network()
        return try recognize(source, like: whole, whole.match(source, namings: weightNamings, policy: .partial))
    }

    fileprivate func recognize(
        _ source: any WeightSource, like whole: Network, _ partial: WeightMatch
    ) throws -> RecognizedWeights {
        var network = whole
        let head = whole.heads.first.map { $0.dotted + "." } ?? ""
        if let other = partial.misshapen.first(where: { $0.name.hasPrefix(head) }), let classes = other.received.first,
            classes > 0
        {
            network = try self.network(classes: classes)
        }
        return RecognizedWeights(
            entry: self, network: network, match: try network.match(source, namings: weightNamings))
    }
}

/// Weights that are those of no network of the catalog, or of several.
public struct UnrecognizedWeights: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's name.
    public let file: String
    /// The networks that have these weights; empty where none has.
    public let candidates: [String]
    /// What fits best, where nothing fits.
    public let nearest: [String]

    public var description: String {
        if !candidates.isEmpty {
            return
                "the weights in \(printable(file)) may be those of \(candidates.joined(separator: ", ")); say which with --model"
        }
        return "the weights in \(printable(file)) are those of no network that has a name"
            + (nearest.isEmpty ? "" : "; nearest come \(nearest.joined(separator: ", "))")
    }
}
