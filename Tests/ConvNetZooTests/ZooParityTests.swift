#if CONVNET_ONEDNN
import ConvNet
import TestSupport
import Testing

/// Torchvision's networks, with the weights of `Scripts/record_zoo.py`, give torchvision's logits. One after the other,
/// since a network may have 140 million weights.
@Suite(.serialized) struct ZooParityTests {
    private static let names = [
        "alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "vgg16-bn", "googlenet", "resnet18", "resnet34", "resnet50",
        "resnet101", "resnet152", "squeezenet", "mobilenet-v2", "densenet121", "resnext50", "wide-resnet50",
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
        ~text.utf8.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
    }
}
#endif
