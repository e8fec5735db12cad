import ArgumentParser
import ConvNet
import ConvNetGraph
import Foundation

/// What a command was told to work on: a network by name, or a model file.
enum NetworkSource {
    case catalog(NetworkCatalog.Entry)
    case file(URL)

    /// Names go first; something with a slash or a dot, or that exists, is a file.
    init(_ text: String) throws {
        do {
            self = .catalog(try NetworkCatalog.entry(named: text))
        } catch {
            guard text.contains("/") || text.contains(".") || FileManager.default.fileExists(atPath: text) else {
                throw error
            }
            self = .file(URL(filePath: text))
        }
    }

    /// - Parameters:
    ///   - input: `CxHxW`, for networks given by name.
    ///   - classes: the number of outputs, for networks given by name; the network's own where nil.
    func network(input: String?, classes: Int?) throws -> Network {
        switch self {
        case .catalog(let entry):
            return try entry.network(
                for: try input.map { try Self.parseShape($0) } ?? entry.inputShape, classes: classes ?? entry.classes)
        case .file(let url):
            for (option, isGiven) in [("--input", input != nil), ("--classes", classes != nil)] where isGiven {
                throw ValidationError("\(option) goes with a network's name; a model file has its own")
            }
            return try ModelFile(contentsOf: url).network
        }
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
}
