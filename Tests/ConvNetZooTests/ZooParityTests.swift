#if CONVNET_ONEDNN
import ConvNet
import ConvNetGraph
import TestSupport
import Testing

/// Torchvision's networks, with the weights of `Scripts/record_zoo.py`, give torchvision's logits. One after the other,
/// since a network may have 140 million weights.
@Suite(.serialized) struct ZooParityTests {
    private static let names = [
        "alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "vgg16-bn", "googlenet", "resnet18", "resnet34", "resnet50",
        "resnet101", "resnet152", "squeezenet", "mobilenet-v2", "shufflenet-v2", "mobilenet-v3-small",
        "mobilenet-v3-large", "efficientnet-b0", "regnet-y-400mf", "densenet121", "resnext50", "wide-resnet50",
    ]

    @Test(arguments: names)
    func logitsAreTorchvisions(name: String) async throws {
        let recorded = try Fixtures.tensors("zoo")
        let cases = recorded.names.filter { $0.hasPrefix("\(name) ") }
        #expect(cases.count == 2)
        for key in cases {
            let size = try #require(Int(key.dropFirst(name.count + 1)))
            let network = try NetworkCatalog.entry(named: name).network(input: [3, size, size], classes: 10)
            let weights = network.parameters.map { ($0.name, Self.values(of: $0)) }
            let model = try Model(network, weights: Dictionary(uniqueKeysWithValues: weights))
            let logits = try await model.logits(Self.numbers("images", count: network.inputShape.count))
            let expected = try recorded.floats(named: key)
            #expect(relativeError(logits, expected) < 1e-5, "\(key)")
        }
    }

    /// With respect to images, in evaluation and in training: at most three times as far from PyTorch's in double precision as
    /// PyTorch's own in single precision. On both sides smooth functions stand in the place of those with kinks, on whose sides
    /// rounding would decide; and algorithms are exact, since whether Winograd's, which lose more, are the faster ones differs
    /// from machine to machine.
    @Test(arguments: [
        ("resnet18", true), ("densenet121", true), ("regnet-y-400mf", true), ("shufflenet-v2", true),
        ("googlenet", false), ("squeezenet", false), ("mobilenet-v3-small", false), ("efficientnet-b0", false),
    ])
    func gradientsAreTorchvisions(name: String, trains: Bool) throws {
        let recorded = try Fixtures.tensors("zoo-gradients")
        let network = try NetworkCatalog.entry(named: name).network(input: [3, 64, 64], classes: 10)
            .withoutAuxiliaryClassifiers().mapOperations { Self.smooth($0.operation) }
        let last = network.graph.nodes.count - 1
        for mode in trains ? ["evaluation", "training"] : ["evaluation"] {
            let engine = try Engines.makeDefault(threads: 2, algorithms: .exact)
            let session = try engine.makeSession(for: network.graph)
            for (index, parameter) in network.parameters.enumerated() {
                try session.setParameter(index, to: Self.values(of: parameter))
            }
            var request = PlanRequest(sources: [last], gradients: [0])
            if mode == "training" { request.mode = .training(seed: 1) }
            let plan = try session.makePlan(batchSize: 2, request: request)
            _ = plan.images.update(fromContentsOf: Self.numbers("images", count: 2 * network.inputShape.count))
            // The logit 3 of the first image, and 7 of the second.
            try plan.setGradient((0..<20).map { $0 == 3 || $0 == 17 ? 1 : 0 }, of: last)
            try plan.run()
            try plan.backward()
            let loss = Double(try recorded.floats(named: "\(name) \(mode) loss")[0])
            let error = try relativeError(plan.gradient(ofNode: 0), recorded.floats(named: "\(name) \(mode)"))
            #expect(error < 3 * loss, "\(name), \(mode): PyTorch loses \(loss)")
        }
    }

    private static func smooth(_ operation: any GraphOperation) -> any GraphOperation {
        switch operation {
        case is ReLU, is ReLU6: ELU()
        case is HardSwish: SiLU()
        case is HardSigmoid: Sigmoid()
        case let pool as MaxPool2D:
            AveragePool2D(pool.kernel, stride: pool.stride, padding: pool.padding, ceilMode: pool.ceilMode)
        default: operation
        }
    }

    /// He's uniform weights, norms that shrink a little, small biases.
    private static func values(of parameter: Parameter) -> [Float] {
        let numbers = numbers(parameter.name, count: parameter.count)
        if parameter.shape.count > 1 {
            let bound = Float((6 / Double(parameter.shape.dropFirst().reduce(1, *))).squareRoot())
            return numbers.map { $0 * bound }
        }
        let isScale = parameter.name.hasSuffix(".weight") || parameter.name.hasSuffix(".running_var")
        return isScale ? numbers.map { 0.5 + 0.25 * $0 } : numbers.map { 0.125 * $0 }
    }

    /// Numbers in −1 ..< 1: SplitMix64 started from the name's CRC-32.
    private static func numbers(_ name: String, count: Int) -> [Float] {
        var generator = SplitMix64(seed: UInt64(crc32(name)) << 32)
        return (0..<count).map { _ in Float(generator.next() >> 40) * 0x1p-23 - 1 }
    }

    private static func crc32(_ text: String) -> UInt32 {
        var sum = CRC32()
        Array(text.utf8).withUnsafeBytes { sum.append($0) }
        return sum.value
    }
}
#endif
