#if CONVNET_ONEDNN
import ConvNetGraph

/// How many threads a plan, and some of its calls, compute with.
///
/// The numbers follow from the graph, the batch size, the engine's threads and the library, never from timing, so that the same
/// plan gives the same bits wherever it is compiled. A library that cannot be told how many to take keeps the engine's number.
///
/// A plan that predicts takes one where its layers have so little work that a second thread gains nothing: it would be
/// waited for longer than it works.
enum ThreadRule {
    /// The multiply-adds of a layer, in the mean, from which on a second thread gains something.
    ///
    /// Measured on two cores of an AMD EPYC (Zen 5), as times faster than with one thread. Below: LeNet-5, batch 1
    /// (83,000 a layer) 0.83; the dense network of its size, batches 1 to 4 (21,000 to 83,000) 1.00. Above: LeNet-5,
    /// batch 2 (167,000) 1.06, batch 4 1.28, batch 8 1.46; the dense network, batch 8 (165,000) 1.00, batch 16 1.10;
    /// ResNet-20, batch 1 (1,500,000) 1.37.
    ///
    /// Training steps are no case for it: the smallest, LeNet-5 and the dense network in batches of 2, gain 1.00 and 1.13.
    static let worthwhileMultiplyAdds = 131_072

    /// The largest weight, in elements, whose gradient is computed for parts of the batch and then added up: what each
    /// thread has fits its own cache, and the sum takes little beside the gradient.
    static let largestDividedWeight = 1 << 18

    /// How many parts of the batch the gradient of a weight is computed for, each by one thread; 1 where it is left to oneDNN
    /// how to divide the work.
    ///
    /// Another answer makes training give other bits: it raises ``ArithmeticVersion/current``.
    static func parts(weightCount: Int, samples: Int, of planThreads: Int) -> Int {
        weightCount <= largestDividedWeight && Library.hasTeam ? min(samples, planThreads) : 1
    }

    /// The threads of a plan; training takes all that the engine has.
    static func threads(for graph: Graph, batchSize: Int, isTraining: Bool, of engineThreads: Int) -> Int {
        guard !isTraining, Library.hasTeam else { return engineThreads }
        var layers = 0
        var multiplyAdds = 0.0
        for (node, isAuxiliary) in zip(graph.nodes, graph.isAuxiliary) where !isAuxiliary {
            let own = node.operation.multiplyAdds(inputs: node.inputs.map { graph.nodes[$0].shape }, output: node.shape)
            guard own > 0 else { continue }
            layers += 1
            multiplyAdds += Double(own) * Double(batchSize)
        }
        // Without any there is nothing to go by.
        guard layers > 0 else { return engineThreads }
        return multiplyAdds < Double(layers * worthwhileMultiplyAdds) ? 1 : engineThreads
    }
}
#endif
