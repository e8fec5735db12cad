import ConvNet
import Testing

@testable import ConvNetGraph

/// Networks of the catalog with parameters behind their names.
@Suite struct VariedNetworkTests {
    private func parameters(_ text: String) throws -> Int {
        try NetworkCatalog.entry(named: text).network().parameterCount
    }

    /// Counts by the papers' formulas, by torchvision or by Keras, whose 0.5 has as many trainable ones.
    @Test(arguments: [
        ("resnet(depth: 20, width: 16, dropout: 0.3)", 272_474), ("resnet20()", 272_474),
        ("resnet(depth: 18)", 11_689_512),
        ("plain(depth: 20)", 269_722), ("vgg(depth: 16, batchNorm: true)", 138_365_992),
        ("mobilenet-v2(widthMultiplier: 0.5)", 1_968_680), ("mobilenet-v2(widthMultiplier: 1.4)", 6_108_776),
        ("googlenet(auxiliaryClassifiers: false)", 6_624_904),
        ("mlp(hidden: [20, 10])", 785 * 20 + 21 * 10 + 11 * 10), ("mlp(hidden: 20)", 785 * 20 + 21 * 10),
        ("mlp(hidden: [])", 785 * 10),
        // 3×3 convolutions of one channel, 8, 8 and 16, then 7·7·16 features to 32 and 10.
        ("convnet4(width: 8)", 80 + 584 + 1168 + 2320 + 785 * 32 + 33 * 10),
    ])
    func parametersCountAsTheyShould(text: String, count: Int) throws {
        #expect(try parameters(text) == count)
    }

    /// Twice the width, four times the weights of all convolutions but the first.
    @Test func widthScalesEveryStage() throws {
        for name in ["resnet18", "plain18", "resnet50-v2", "resnet20"] {
            let (narrow, wide) = (
                try NetworkCatalog.entry(named: name).network(),
                try NetworkCatalog.entry(named: "\(name)(width: \(name == "resnet20" ? 32 : 128))").network()
            )
            func weights(_ network: Network) -> [Int] {
                network.graph.nodes.filter { $0.operation is Conv2D }.map { node in
                    node.operation.parameters(for: network.graph.inputShapes(of: node))[0].count
                }
            }
            #expect(weights(wide).first == 2 * weights(narrow)[0])
            #expect(weights(wide).dropFirst().elementsEqual(weights(narrow).dropFirst().map { 4 * $0 }), "\(name)")
        }
    }

    /// Dropout has no parameters and takes no name from another layer: weights of one fit the other.
    @Test func dropoutLeavesTheWeightsAsTheyAre() throws {
        for entry in NetworkCatalog.all where entry.parameters.contains("dropout") && entry.name != "mlp" {
            let varied = try NetworkCatalog.entry(named: "\(entry.name)(dropout: 0.125)")
            let (network, other) = (try entry.network(classes: 10), try varied.network(classes: 10))
            #expect(network.parameters == other.parameters, "\(entry.name)")
            let rates = other.graph.nodes.compactMap { ($0.operation as? Dropout)?.rate }
            #expect(rates.contains(0.125), "\(entry.name)")
        }
    }

    /// What varies is another network; what is said as it is anyway is not, but for its name.
    @Test func namesAndAccuracies() throws {
        let varied = try NetworkCatalog.entry(named: "ResNet50( dropout :0.1 )")
        #expect(varied.name == "resnet50(dropout: 0.1)" && varied.accuracies.isEmpty)
        #expect(varied.inputShape == [3, 224, 224] && varied.classes == 1000)
        let same = try NetworkCatalog.entry(named: "resnet(depth: 50)")
        #expect(same.name == "resnet50" && same.accuracies.count == 1)
        #expect(try NetworkCatalog.entry(named: "ResNet_V2(depth: 18)").name == "resnet18-v2")
        #expect(
            try NetworkCatalog.entry(named: "resnet20(width: 16)").network()
                == NetworkCatalog.entry(named: "resnet20").network())
    }

    @Test(arguments: [
        ("resnet(depth: 21)", "resnet has 'depth: 21'; there are 18, 20, 32, 34, 44, 50, 56, 101, 110, 152"),
        ("resnet(width: 3)", "resnet needs 'depth:'; there are 18, 20, 32, 34, 44, 50, 56, 101, 110, 152"),
        ("resnet-v2(depth: 20)", "resnet-v2 has 'depth: 20'; there are 18, 34, 50, 101, 152"),
        ("resnet20(widht: 3)", "resnet20 has no 'widht:'; did you mean 'width:'?"),
        ("resnet20(width: 0)", "resnet20 has 'width: 0'; it is 1 to 4096"),
        ("resnet20(width: 5000)", "resnet20 has 'width: 5000'; it is 1 to 4096"),
        ("resnet20(width: wide)", "resnet20 has 'wide' as width, which is no whole number"),
        ("resnet20(32)", "resnet20 does not take '32' without a label; write it like resnet20(width:, dropout:)"),
        (
            "resnet20(width: 3",
            "'resnet20(width: 3' does not end with ')'; write a network like 'resnet(depth: 20, width: 16)'"
        ),
        ("mobilenet-v2(width_mult: 0.5)", "mobilenet-v2 has no 'width_mult:'; did you mean 'widthMultiplier:'?"),
        ("mobilenet-v2(widthMultiplier: 0)", "mobilenet-v2 has 'widthMultiplier: 0.0'; it is 0.01 to 64.0"),
        ("mobilenet-v2(widthMultiplier: nan)", "mobilenet-v2 has 'widthMultiplier: nan'; it is 0.01 to 64.0"),
        ("lenet5(width: 3)", "lenet5 has no 'width:'; it takes none: write lenet5"),
        ("mlp(hidden: [10, x])", "mlp has 'x' as hidden, which is no whole number"),
    ])
    func mistakesAreNamed(text: String, sentence: String) {
        let error = #expect(throws: NetworkTextError.self) { try NetworkCatalog.entry(named: text) }
        #expect(error?.description == sentence)
    }

    @Test func unknownNamesGetTheNearest() throws {
        let error = #expect(throws: UnknownNetwork.self) { try NetworkCatalog.entry(named: "resnett(depth: 20)") }
        #expect(error?.suggestion == "resnet")
    }

    /// What cannot work is said where the network is built.
    @Test(arguments: [
        "convnet4(dropout: 1.5)", "resnet20(dropout: nan)",
        "mlp(hidden: [0])",
    ])
    func valuesOutOfRange(text: String) throws {
        let entry = try NetworkCatalog.entry(named: text)
        #expect(throws: NetworkError.self) { try entry.network() }
    }

    /// Whatever a layer says of itself makes it again.
    @Test func layersCanBeReadFromTheirDescriptions() throws {
        var texts: [String: any GraphOperation] = [:]
        for entry in NetworkCatalog.all {
            for node in try entry.network().graph.nodes where node.operation is any Layer {
                texts["\(node.operation)"] = node.operation
            }
        }
        #expect(texts.count > 100)
        for (text, operation) in texts where !(operation is Input) {
            let layer = try LayerText.layer(text) as? any GraphOperation
            #expect(layer.map { AnyHashable($0) } == AnyHashable(operation), "\(text)")
        }
    }
}
