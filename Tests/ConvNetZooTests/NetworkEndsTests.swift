import ConvNet
import Testing

/// What begins and what ends each network: the parameters whose shapes depend on the images' channels and on the classes.
@Suite struct NetworkEndsTests {
    private static func changed(_ one: Network, _ other: Network) -> Set<String> {
        let shapes = Dictionary(uniqueKeysWithValues: other.parameters.map { ($0.name, $0.shape) })
        return Set(
            one.parameters.filter { $0.isTrainable && shapes[$0.name] != $0.shape }
                .map { $0.name.split(separator: ".").dropLast().joined(separator: ".") })
    }

    @Test(arguments: NetworkCatalog.all.map(\.name))
    func headsAreWhatDependsOnTheClasses(name: String) throws {
        let entry = try NetworkCatalog.entry(named: name)
        let (network, other) = (try entry.network(classes: 10), try entry.network(classes: 7))
        #expect(Self.changed(network, other) == Set(network.heads.map { $0.components.joined(separator: ".") }))
        // But for initial weights, which may depend on the number too.
        let own = try network.withClasses(7)
        #expect(own.outputShape == other.outputShape)
        #expect(own.parameters.map(\.name) == other.parameters.map(\.name))
        #expect(own.parameters.map(\.shape) == other.parameters.map(\.shape))
        #expect(own.graph.nodes.map(\.shape) == other.graph.nodes.map(\.shape))
    }

    @Test(arguments: NetworkCatalog.all.map(\.name))
    func stemsAreWhatDependsOnTheChannels(name: String) throws {
        let entry = try NetworkCatalog.entry(named: name)
        let channels = entry.inputShape.channels == 1 ? 2 : 4
        let input: Shape = [channels, entry.inputShape.height, entry.inputShape.width]
        let (network, other) = (try entry.network(), try entry.network(input: input))
        #expect(Self.changed(network, other) == Set(network.stem.map { $0.components.joined(separator: ".") }))
        #expect(network.stem.count == 1)
    }

    @Test func auxiliaryClassifiersHaveHeadsOfTheirOwn() throws {
        let network = try NetworkCatalog.entry(named: "googlenet").network()
        #expect(network.heads.map { "\($0)" } == ["aux1 › fc2", "aux2 › fc2", "fc"])
        #expect(try network.withoutAuxiliaryClassifiers().heads.map { "\($0)" } == ["fc"])
        #expect(try NetworkCatalog.entry(named: "squeezenet").network().heads.map { "\($0)" } == ["classifier › 1"])
    }

    @Test func otherHeadsCannotBeChanged() throws {
        let network = try Network(input: [3, 4, 4]) {
            Conv2D(4, kernel: 1)
            BatchNorm().named("norm")
            Flatten()
        }
        let error = try #require(throws: NetworkError.self) { try network.withClasses(3) }
        #expect("\(error)" == "norm: is no layer whose number of outputs can be another one")
        let branches = try Network(input: [3]) { Residual { Dense(3) } }
        #expect(branches.heads == [] && branches.stem == [LayerPath(["0"])])
        let second = try #require(throws: NetworkError.self) { try branches.withClasses(3) }
        #expect(
            "\(second)"
                == "add: makes logits that are not those of one layer with weights, whose number could be another one")
        let wide = try Network(input: [3, 2, 2]) {
            Conv2D(10, kernel: 1)
            Flatten()
        }
        let third = try #require(throws: NetworkError.self) { try wide.withClasses(5) }
        #expect("\(third)" == "1: makes 20 of a head with 5 outputs")
    }

    @Test func preprocessingIsTorchvisions() throws {
        func preprocessing(_ name: String) throws -> Preprocessing? {
            try NetworkCatalog.entry(named: name).preprocessing
        }
        let usual = try #require(try preprocessing("resnet50"))
        #expect(usual.mean == [0.485, 0.456, 0.406] && usual.standardDeviation == [0.229, 0.224, 0.225])
        #expect(
            usual.fitting
                == ImageFitting(
                    size: Size(224), shorterSide: 256, mode: .crop, interpolation: .bilinear))
        #expect(!usual.obeysOrientation)
        #expect(try preprocessing("googlenet")?.mean == [0.5, 0.5, 0.5])
        #expect(try preprocessing("efficientnet-b0")?.fitting?.interpolation == .bicubic)
        let lite = try #require(try preprocessing("efficientnet-lite0"))
        #expect(lite.mean == [Float](repeating: 127.0 / 255, count: 3) && lite.fitting?.interpolation == .bicubic)
        #expect(try preprocessing("lenet5") == nil && preprocessing("resnet50-2015") == nil)
        #expect(try preprocessing("resnet(depth: 50, width: 32)") == nil)
        for entry in NetworkCatalog.all {
            guard let preprocessing = entry.preprocessing else { continue }
            #expect(preprocessing.fitting?.size == entry.inputShape.size, "\(entry.name)")
            #expect(preprocessing.mean.count == entry.inputShape.channels, "\(entry.name)")
        }
    }
}
