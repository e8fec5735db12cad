import ConvNet
import ConvNetTesting
import Foundation
import Testing

/// One training step of every network, in the fastest engine: the loss and each parameter's gradient agree with the textbook
/// formulas in double precision.
@Suite(.serialized) struct ZooTrainingTests {
    @Test(arguments: NetworkCatalog.all.map(\.name))
    func stepAgrees(name: String) throws {
        let entry = try NetworkCatalog.entry(named: name)
        let network = try entry.network(input: Self.smallInput(of: entry), classes: 10)
        let start = ContinuousClock.now
        defer { FileHandle.standardError.write(Data("TIMING \(name) \(ContinuousClock.now - start)\n".utf8)) }
        try ConformanceCheck.trainingStep(of: network, batchSize: 2).run(Engines.makeDefault())
    }

    /// The smallest images, or nearly so, at which batch norm has several values for each channel.
    private static func smallInput(of entry: NetworkCatalog.Entry) -> Shape {
        switch entry.name {
        case _ where entry.inputShape.height <= 32: entry.inputShape
        case _ where entry.name.hasPrefix("vgg"): entry.name.hasSuffix("-bn") ? [3, 64, 64] : [3, 32, 32]
        case "alexnet-2012": [3, 67, 67]
        case "zfnet", "nin", "googlenet-2014": [3, 80, 80]
        default: [3, 64, 64]
        }
    }
}
