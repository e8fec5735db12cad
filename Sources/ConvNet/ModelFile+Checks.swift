import ConvNetCore

extension ModelFile {
    /// Checks that a dataset's classes are those that the model was trained for.
    ///
    /// - Throws: ``ModelMismatch`` naming the first class that differs.
    public func checkClasses(of dataset: any Dataset) throws {
        guard classes != dataset.classes else { return }
        let difference = zip(classes, dataset.classes).first { $0 != $1 }
        throw ModelMismatch(
            description: difference.map { "the model's class \"\($0)\" is \"\($1)\" in \(dataset.name)" }
                ?? "the model has \(classes.count) classes, \(dataset.name) has \(dataset.classes.count)")
    }
}

/// A dataset or a case that is for another model.
public struct ModelMismatch: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

extension SafetensorsFile {
    /// The values of a network's parameters, by name, from a file of weights; tensors `images` and `logits`, a case to
    /// verify with, may stand beside them. Those of auxiliary classifiers may be missing.
    ///
    /// - Throws: ``WeightMismatch`` where the tensors are not the network's parameters, ``SafetensorsError``.
    public func parameters(for network: Network) throws -> [String: [Float]] {
        let shapes = tensors.filter { $0.key != "images" && $0.key != "logits" }.mapValues(\.shape)
        try network.checkWeights(shapes, source: name)
        return Dictionary(
            uniqueKeysWithValues: try network.parameters.filter { shapes[$0.name] != nil }
                .map { ($0.name, try floats(named: $0.name)) })
    }
}
