import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import ConvNetVision

extension ModelFile {
    /// Checks that a dataset's classes are those that the model was trained for.
    ///
    /// - Throws: ``ModelMismatch`` naming the classes that differ.
    public func checkClasses(of dataset: any Dataset) throws {
        try checkClasses(dataset.classes, of: dataset.name)
    }

    /// Checks classes before any image of theirs is read.
    ///
    /// - Parameter inAnyOrder: whether the order may be another, as ``EvaluationData`` takes it.
    /// - Throws: ``ModelMismatch`` naming the classes that differ.
    public func checkClasses(_ others: [String], of dataset: String, inAnyOrder: Bool = false) throws {
        guard classes != others else { return }
        if ClassOrder(others, in: classes) != nil {
            if inAnyOrder { return }
            let first = zip(classes, others).enumerated().first { $0.element.0 != $0.element.1 }
            throw ModelMismatch(
                description: "\(dataset) has the model's classes in another order: class \(first?.offset ?? 0) is "
                    + "\"\(printable(first?.element.0 ?? ""))\" in the model and \"\(printable(first?.element.1 ?? ""))\" there"
            )
        }
        if classes.count == others.count, let difference = zip(classes, others).first(where: { $0 != $1 }) {
            throw ModelMismatch(
                description: "the model's class \"\(difference.0)\" is \"\(difference.1)\" in \(dataset)")
        }
        func names(_ names: [String]) -> String {
            let listed = names.prefix(10).map { "\"\(printable($0))\"" }.joined(separator: ", ")
            return names.count > 10 ? "\(listed) and \(names.count - 10) more" : listed
        }
        let missing = classes.filter { !others.contains($0) }
        let strange = others.filter { !classes.contains($0) }
        let parts = [
            missing.isEmpty ? nil : "only the model has \(names(missing))",
            strange.isEmpty ? nil : "only \(dataset) has \(names(strange))",
        ].compactMap { $0 }
        throw ModelMismatch(
            description: "the model has \(classes.count) classes, \(dataset) has \(others.count)"
                + (parts.isEmpty ? "" : ": " + parts.joined(separator: "; ")))
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
    /// - Throws: ``WeightMismatch`` where the tensors are not the network's parameters, ``ModelFileError`` where their values are
    ///   not finite or a variance is negative, ``SafetensorsError``.
    public func weights(for network: Network) throws -> [String: [Float]] {
        let shapes = tensors.filter { $0.key != "images" && $0.key != "logits" }.mapValues(\.shape)
        try network.checkWeights(shapes, source: name)
        let values = Dictionary(
            uniqueKeysWithValues: try network.parameters.filter { shapes[$0.name] != nil }
                .map { ($0.name, try floats(named: $0.name)) })
        do {
            try network.checkValues(values)
        } catch let error as ModelError {
            throw ModelFileError(file: name, problem: "\(error)")
        }
        return values
    }
}
