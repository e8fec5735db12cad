import ArgumentParser
import ConvNetGraph
import ConvNetRuns

extension NetworkSource {
    /// - Parameters:
    ///   - input: `CxHxW`; the network's own where nil.
    ///   - classes: the number of outputs; the network's own where nil.
    /// - Throws: `ValidationError` where the network takes no others.
    func network(input: String?, classes: Int?) throws -> Network {
        for (option, isGiven) in [("--input", input != nil), ("--classes", classes != nil)] where isGiven && isFixed {
            throw ValidationError("\(option) goes with a network's name; a model file has its own")
        }
        return try network(for: input.map { try Self.parseShape($0) }, classes: classes)
    }

    /// - Parameter allowsFeatures: whether a single number will do.
    static func parseShape(_ text: String, allowsFeatures: Bool = false) throws -> Shape {
        guard let sizes = dimensions(text), sizes.count == 3 || allowsFeatures && sizes.count == 1,
            sizes.allSatisfy({ $0 > 0 })
        else {
            throw ValidationError(
                "--input is CxHxW\(allowsFeatures ? ", or a number of features," : "") with sizes of at least 1, e.g. "
                    + "3x224x224, received '\(text)'")
        }
        return Shape(sizes)
    }

    /// What tables call it: its name, or the path of its file.
    var title: String { file?.relativePath ?? name }
}

extension CompletionKind {
    /// Names of networks.
    static let network = CompletionKind.list(NetworkCatalog.all.map(\.name))
}

extension ArgumentHelp {
    /// Of an argument that is a network.
    static let network: ArgumentHelp =
        "A network: a name ('convnet zoo' lists them), a .yaml file of layers, a run's directory or a model file."
}
