import ConvNet
import Testing

@Suite struct NetworkCatalogTests {
    @Test func names() {
        #expect(NetworkCatalog.all.map(\.name) == ["lenet5", "convnet4", "resnet20"])
        #expect(NetworkCatalog.all.allSatisfy { !$0.summary.isEmpty && !$0.summary.contains("\n") })
    }

    @Test(arguments: [("lenet5", "lenet5"), ("LeNet5", "lenet5"), ("CONVNET4", "convnet4"), ("lenet_5", "lenet5")])
    func capitalsAndUnderscoresAreForgiven(name: String, found: String) throws {
        #expect(try NetworkCatalog.entry(named: name).name == found)
    }

    @Test(arguments: [
        ("lenet-5", "Unknown network 'lenet-5'. Did you mean 'lenet5'?"),
        ("convnet", "Unknown network 'convnet'. Did you mean 'convnet4'?"),
        ("transformer", "Unknown network 'transformer'. There are 'lenet5', 'convnet4', 'resnet20'."),
        ("", "Unknown network ''. There are 'lenet5', 'convnet4', 'resnet20'."),
    ])
    func unknownNames(name: String, sentence: String) throws {
        let error = try #require(throws: UnknownNetwork.self) { try NetworkCatalog.entry(named: name) }
        #expect("\(error)" == sentence)
    }

    @Test(arguments: NetworkCatalog.all.map(\.name), [2, 10, 100])
    func everyEntryTakesOtherImagesAndClasses(name: String, classes: Int) throws {
        let entry = try NetworkCatalog.entry(named: name)
        for input in [nil, [3, 32, 32], [1, 40, 30]] as [Shape?] {
            let network = try entry.network(input: input, classes: classes)
            #expect(network.inputShape == input ?? entry.inputShape)
            #expect(network.outputShape == [classes])
        }
    }

    @Test func imagesThatAreTooSmall() throws {
        let error = try #require(throws: NetworkError.self) {
            try NetworkCatalog.entry(named: "lenet5").network(input: [1, 8, 8])
        }
        #expect("\(error)" == "3: a 5×5 kernel does not fit a 4×4 input with padding 0")
    }

    // MARK: What the networks are

    /// Those of `torch.nn.Sequential` of the same layers.
    @Test func namesOfLeNet5() throws {
        #expect(
            try NetworkCatalog.entry(named: "lenet5").network().parameters.map { "\($0.name) \($0.shape)" } == [
                "0.weight [6, 1, 5, 5]", "0.bias [6]", "3.weight [16, 6, 5, 5]", "3.bias [16]",
                "7.weight [120, 400]", "7.bias [120]", "9.weight [84, 120]", "9.bias [84]", "11.weight [10, 84]",
                "11.bias [10]",
            ])
    }

    @Test func namesOfConvNet4() throws {
        #expect(
            try NetworkCatalog.entry(named: "convnet4").network().parameters.map { "\($0.name) \($0.shape)" } == [
                "0.weight [32, 1, 3, 3]", "0.bias [32]", "2.weight [32, 32, 3, 3]", "2.bias [32]",
                "5.weight [64, 32, 3, 3]", "5.bias [64]", "7.weight [64, 64, 3, 3]", "7.bias [64]",
                "11.weight [128, 3136]", "11.bias [128]", "14.weight [10, 128]", "14.bias [10]",
            ])
    }

    @Test func costsOfLeNet5() throws {
        let totals = try NetworkCatalog.entry(named: "lenet5").network().summary().totals
        #expect(totals.parameters == 61_706)
        // Outputs times what each sees: two convolutions, three dense layers.
        let convolutions = 6 * 28 * 28 * 25 + 16 * 10 * 10 * 6 * 25
        #expect(totals.multiplyAdds == convolutions + 400 * 120 + 120 * 84 + 84 * 10)
        #expect(totals.parameterBytes == 4 * 61_706)
    }

    @Test func costsOfConvNet4() throws {
        let totals = try NetworkCatalog.entry(named: "convnet4").network().summary().totals
        #expect(totals.parameters == 467_818)
        let first = 32 * 28 * 28 * 9 + 32 * 28 * 28 * 32 * 9
        let second = 64 * 14 * 14 * 32 * 9 + 64 * 14 * 14 * 64 * 9
        #expect(totals.multiplyAdds == first + second + 3136 * 128 + 128 * 10)
    }

    /// A convolution widens the field by its kernel less one, times the distance that its inputs are apart.
    @Test func receptiveFields() throws {
        func fields(_ name: String) throws -> [Size] {
            try NetworkCatalog.entry(named: name).network().summary().layers
                .filter { $0.kind == "conv2d" || $0.kind.hasSuffix("pool2d") || $0.kind == "dense" }
                .map(\.receptiveField)
        }
        #expect(try fields("lenet5") == [5, 6, 14, 16, 28, 28, 28].map { Size($0) })
        #expect(try fields("convnet4") == [3, 5, 6, 10, 14, 16, 28, 28].map { Size($0) })
    }
}
