import ConvNetFormats
import ConvNetGraph
import ConvNetTraining
import ConvNetZoo

extension ModelFile {
    /// A model of weights that come without their network, as most programs publish them: the network is found in the catalog, by names
    /// and shapes or by its name, and brings what the weights want done to pictures. Of 1,000 classes the names are ImageNet's;
    /// others are numbered.
    ///
    /// - Parameters:
    ///   - source: the weights.
    ///   - entry: their network; found where nil.
    /// - Throws: ``UnrecognizedWeights``, ``WeightMismatch``, ``ModelFileError`` where values are not finite, and what reading them
    ///   throws.
    public init(_ source: any WeightSource, of entry: NetworkCatalog.Entry? = nil) throws {
        let recognized = try entry.map { try $0.recognize(source) } ?? NetworkCatalog.recognize(source)
        let count = recognized.network.outputShape.count
        var weights: [String: [Float]] = [:]
        for parameter in recognized.network.parameters {
            weights[parameter.name] = try recognized.match.values(of: parameter.name)
        }
        do {
            try recognized.network.checkValues(weights)
        } catch let error as ModelError {
            throw ModelFileError(file: source.name, problem: "\(error)")
        }
        self.init(
            network: recognized.network,
            classes: count == ImageNetClasses.names.count ? ImageNetClasses.names : (0..<count).map { "class \($0)" },
            preprocessing: recognized.entry.preprocessing ?? .identity, weights: weights, verification: nil,
            producer: "weights of \(recognized.entry.name)\(recognized.match.program.map { ", named by \($0)" } ?? "")")
    }
}
