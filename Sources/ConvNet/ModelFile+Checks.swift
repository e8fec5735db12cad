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
    /// - Throws: ``ModelError`` for parameters that are missing or not the network's, ``ModelFileError`` for those of
    ///   another shape.
    public func parameters(for network: Network) throws -> [String: [Float]] {
        var parameters: [String: [Float]] = [:]
        for parameter in network.parameters {
            guard let tensor = tensors[parameter.name] else {
                guard parameter.isAuxiliary else { throw ModelError.missingParameter(parameter.name) }
                continue
            }
            guard tensor.shape == parameter.shape else {
                throw ModelFileError(
                    file: name,
                    problem: "\(parameter.name) is \(Shape(tensor.shape)), "
                        + "but the network takes \(Shape(parameter.shape))")
            }
            parameters[parameter.name] = try floats(named: parameter.name)
        }
        // PyTorch's batch norm counts the batches that it has seen, for a momentum of its own kind, which nobody uses.
        let counters = parameters.keys.compactMap { name -> String? in
            let suffix = "running_mean"
            return name.hasSuffix(suffix) ? name.dropLast(suffix.count) + "num_batches_tracked" : nil
        }
        let expected = Set(parameters.keys).union(["images", "logits"]).union(counters)
        if let unknown = names.first(where: { !expected.contains($0) }) {
            throw ModelError.unknownParameter(
                unknown, suggestion: nearestName(to: unknown, in: parameters.keys.sorted()))
        }
        return parameters
    }
}
