#if CONVNET_ONEDNN
import ConvNet
import ConvNetTesting
import Foundation
import Testing

/// One training step of every network, in the fastest engine, agrees with the textbook formulas in double precision: loss
/// and each parameter's gradient. No more than two at a time, since a network may have 140 million weights.
///
/// Networks of more than 40 million weights, which have no kind of layer that the others have not, are left out unless the
/// environment has `CONVNET_WHOLE_ZOO`: in double precision they take 8 GB and many minutes.
@Suite struct ZooTrainingTests {
    @Suite(.serialized) struct ResNets {
        @Test(arguments: ZooTrainingTests.names(areResNets: true))
        func stepAgrees(name: String) throws { try ZooTrainingTests.checkStep(of: name) }
    }

    @Suite(.serialized) struct Others {
        @Test(arguments: ZooTrainingTests.names(areResNets: false))
        func stepAgrees(name: String) throws { try ZooTrainingTests.checkStep(of: name) }
    }

    /// Half of the time goes to the ResNets.
    private static func names(areResNets: Bool) -> [String] {
        NetworkCatalog.all.map(\.name).filter { $0.hasPrefix("resnet") == areResNets }
    }

    private static let isWhole = ProcessInfo.processInfo.environment["CONVNET_WHOLE_ZOO"] != nil

    private static func checkStep(of name: String) throws {
        let entry = try NetworkCatalog.entry(named: name)
        let network = try entry.network(input: smallInput(of: entry), classes: 10)
        guard isWhole || network.parameterCount <= 40_000_000 else { return }
        // Where algorithms are timed, it depends on what else the machine does how much is rounded. The engine's own ones are
        // tried on networks of the zoo in `WinogradZooTests`.
        let engine = try Engines.makeDefault(algorithms: .exact)
        guard network.graph.nodes.contains(where: { $0.operation is BatchNorm }) else {
            try ConformanceCheck.trainingStep(of: network, batchSize: 2).run(engine)
            return
        }
        // Behind batch norms, rounding decides which ReLUs let gradients through: see `trainingStep`.
        try ConformanceCheck.trainingStep(of: network, batchSize: 2, gradients: false).run(engine)
        try ConformanceCheck.trainingStep(of: try network.withSmoothActivations(), batchSize: 2).run(engine)
    }

    /// The smallest images, or nearly so, at which batch norm has several values for each channel.
    private static func smallInput(of entry: NetworkCatalog.Entry) -> Shape {
        switch entry.name {
        case _ where entry.inputShape.height <= 32: entry.inputShape
        case _ where entry.name.hasPrefix("vgg"): [3, 32, 32]
        case "alexnet-2012": [3, 67, 67]
        case "zfnet", "nin", "googlenet-2014": [3, 80, 80]
        default: [3, 64, 64]
        }
    }
}

extension Network {
    /// The same with ELUs for ReLUs.
    fileprivate func withSmoothActivations() throws -> Network {
        let nodes = graph.nodes.map { node in
            let isKinked = node.operation is ReLU || node.operation is ReLU6
            return Graph.Node(
                path: node.path, operation: isKinked ? ELU() : node.operation, inputs: node.inputs, shape: node.shape)
        }
        return Network(graph: try Graph(nodes: nodes))
    }
}
#endif
