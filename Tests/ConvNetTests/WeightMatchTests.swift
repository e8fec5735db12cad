import ConvNet
import ConvNetGraph
import Foundation
import Testing

/// Weights of other programs find their parameters, by other names and in part.
@Suite struct WeightMatchTests {
    private static func network(classes: Int = 3) throws -> Network {
        try Network(input: [1, 4, 4]) {
            Conv2D(2, kernel: 3).named("conv")
            Flatten()
            Dense(classes).named("fc")
        }
    }

    /// A file with tensors that count from 0.
    private static func source(_ shapes: [(String, [Int])]) throws -> SafetensorsFile {
        var writer = SafetensorsWriter()
        for (name, shape) in shapes {
            try writer.append(name, shape: shape, floats: (0..<shape.reduce(1, *)).map { Float($0) })
        }
        let url = FileManager.default.temporaryDirectory.appending(path: "weights-\(UUID()).safetensors")
        defer { try? FileManager.default.removeItem(at: url) }
        try writer.write(to: url)
        return try SafetensorsFile(data: Data(contentsOf: url), name: "weights")
    }

    private static let whole: [(String, [Int])] = [
        ("conv.weight", [2, 1, 3, 3]), ("conv.bias", [2]), ("fc.weight", [3, 8]), ("fc.bias", [3]),
    ]

    @Test(arguments: ["", "model.", "module."])
    func whatStandsBeforeAllNamesIsLeftOut(prefix: String) throws {
        let source = try Self.source(
            Self.whole.map { (prefix + $0.0, $0.1) } + [("criterion.weight", [3])].filter { _ in prefix != "" })
        let match = try Self.network().match(source, policy: .partial)
        #expect(match.tensors.count == 4 && match.missing == [])
        #expect(match.unused == (prefix == "" ? [] : ["criterion.weight"]))
        #expect(try match.values(of: "fc.bias") == [0, 1, 2])
    }

    @Test func aHeadOfAnotherSizeBeginsAnew() throws {
        let source = try Self.source(Self.whole)
        let network = try Self.network(classes: 5)
        let error = try #require(throws: WeightMismatch.self) { try network.match(source) }
        #expect(error.misshapen.map(\.name) == ["fc.weight", "fc.bias"])
        let match = try network.match(source, policy: .newHead)
        #expect(match.missing == ["fc.weight", "fc.bias"] && match.misshapen.count == 2)
        #expect(try match.values(of: "fc.weight") == nil)
        // Below the head everything has to fit.
        let other = try Self.source(Self.whole.dropFirst().map { $0 })
        #expect(throws: WeightMismatch.self) { try network.match(other, policy: .newHead) }
        #expect(try network.match(other, policy: .partial).missing == ["conv.weight", "fc.weight", "fc.bias"])
    }

    /// A dense layer as the convolution that it is, under another program's name.
    @Test func namingsAndShapesOfOtherProgramsAreTaken() throws {
        let naming = WeightNaming("other", beginnings: [("head.", "fc.")])
        let source = try Self.source([
            ("conv.weight", [2, 1, 3, 3]), ("conv.bias", [2]), ("head.weight", [3, 2, 2, 2]), ("head.bias", [3]),
        ])
        let match = try Self.network().match(source, namings: [naming])
        #expect(match.program == "other" && match.tensors["fc.weight"] == "head.weight")
        #expect(try match.values(of: "fc.weight")?.count == 24)
    }

    /// The names of `efficientnet_lite_pytorch`, and timm's.
    @Test func namesOfEfficientNetLite() throws {
        let network = try NetworkCatalog.entry(named: "efficientnet-lite0").network()
        let namings = try NetworkCatalog.entry(named: "efficientnet-lite0").weightNamings
        let norm = ["weight", "bias", "running_mean", "running_var"]
        func norms(_ name: String) -> [String] { norm.map { "\(name).\($0)" } }
        let blocks = [1, 2, 2, 3, 3, 4, 1]
        var (lite, timm) = (
            ["_conv_stem.weight", "_conv_head.weight", "_fc.weight", "_fc.bias"] + norms("_bn0") + norms("_bn1"),
            ["conv_stem.weight", "conv_head.weight", "classifier.weight", "classifier.bias"] + norms("bn1")
                + norms("bn2")
        )
        var number = 0
        for (stage, count) in blocks.enumerated() {
            for block in 0..<count {
                let (first, second) = ("_blocks.\(number)", "blocks.\(stage).\(block)")
                if stage > 0 { lite += ["\(first)._expand_conv.weight"] + norms("\(first)._bn0") }
                lite += ["\(first)._depthwise_conv.weight", "\(first)._project_conv.weight"]
                lite += norms("\(first)._bn1") + norms("\(first)._bn2")
                timm +=
                    ["\(second).conv_dw.weight", "\(second).conv_pw.weight"] + norms("\(second).bn1")
                    + norms("\(second).bn2")
                if stage > 0 { timm += ["\(second).conv_pwl.weight"] + norms("\(second).bn3") }
                number += 1
            }
        }
        let parameters = Set(network.parameters.map(\.name))
        for (naming, names) in zip(namings, [lite, timm]) {
            #expect(Set(names.compactMap(naming.parameter)) == parameters, "\(naming.program)")
            #expect(names.count == parameters.count)
        }
    }

    @Test func networksAreRecognizedByTheirWeights() throws {
        let network = try NetworkCatalog.entry(named: "resnet50").network(classes: 7)
        let source = try Self.source(network.parameters.map { ($0.name, $0.shape) })
        // ResNet-50 of 2015 has the same weights, and was not published with them.
        let recognized = try NetworkCatalog.recognize(source)
        #expect(recognized.entry.name == "resnet50" && recognized.network.outputShape == [7])
        let other = try Self.source(Array(network.parameters.map { ($0.name, $0.shape) }.dropFirst()))
        let error = try #require(throws: UnrecognizedWeights.self) { try NetworkCatalog.recognize(other) }
        #expect(error.nearest.first == "resnet50 (264 of 267 tensors)")
    }
}
