import ConvNet
import Testing

@Suite struct NetworkCatalogTests {
    @Test func names() {
        #expect(
            NetworkCatalog.all.map(\.name) == [
                "lenet5", "mlp", "convnet4", "alexnet-2012", "alexnet", "zfnet", "vgg11", "vgg13", "vgg16-c", "vgg16",
                "vgg19", "vgg11-bn", "vgg13-bn", "vgg16-bn", "vgg19-bn", "nin", "googlenet-2014", "googlenet",
                "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet50-2015", "resnet101-2015",
                "resnet152-2015", "plain18", "plain34", "resnet18-v2", "resnet34-v2", "resnet50-v2", "resnet101-v2",
                "resnet152-v2", "resnet20", "resnet32", "resnet44", "resnet56", "resnet110", "plain20", "plain32",
                "plain44", "plain56", "plain110", "squeezenet", "mobilenet-v2", "shufflenet-v2",
                "mobilenet-v3-small", "mobilenet-v3-large", "efficientnet-b0", "efficientnet-lite0", "regnet-y-400mf",
                "densenet121",
                "resnext50", "wide-resnet50",
            ])
        #expect(NetworkCatalog.all.allSatisfy { !$0.summary.isEmpty && !$0.summary.contains("\n") })
    }

    @Test(arguments: [
        ("lenet5", "lenet5"), ("LeNet5", "lenet5"), ("CONVNET4", "convnet4"), ("lenet_5", "lenet5"),
        ("vgg16_bn", "vgg16-bn"), ("MobileNet_V2", "mobilenet-v2"), ("ResNet50_2015", "resnet50-2015"),
        ("Wide_ResNet50", "wide-resnet50"),
    ])
    func capitalsAndUnderscoresAreForgiven(name: String, found: String) throws {
        #expect(try NetworkCatalog.entry(named: name).name == found)
    }

    @Test(arguments: [
        ("lenet-5", "Unknown network 'lenet-5'. Did you mean 'lenet5'?"),
        ("convnet", "Unknown network 'convnet'. Did you mean 'convnet4'?"),
        ("resnet-50", "Unknown network 'resnet-50'. Did you mean 'resnet50'?"),
        ("mobilenetv2", "Unknown network 'mobilenetv2'. Did you mean 'mobilenet-v2'?"),
        ("transformer", "Unknown network 'transformer'. 'convnet zoo' lists what there is."),
        ("", "Unknown network ''. 'convnet zoo' lists what there is."),
    ])
    func unknownNames(name: String, sentence: String) throws {
        let error = try #require(throws: UnknownNetwork.self) { try NetworkCatalog.entry(named: name) }
        #expect("\(error)" == sentence)
    }

    @Test(arguments: NetworkCatalog.all.map(\.name))
    func everyEntryTakesOtherImagesAndClasses(name: String) throws {
        let entry = try NetworkCatalog.entry(named: name)
        let larger: Shape = [1, entry.inputShape.height + 40, entry.inputShape.width + 13]
        for (input, classes) in [(nil, nil), (larger, 2), (entry.inputShape, 100)] as [(Shape?, Int?)] {
            let network = try entry.network(input: input, classes: classes)
            #expect(network.inputShape == input ?? entry.inputShape)
            #expect(network.outputShape == [classes ?? entry.classes])
        }
    }

    /// The message says in which layer the image came to its end.
    @Test(
        arguments: [
            ("lenet5", [1, 8, 8], "3: a 5×5 kernel does not fit a 4×4 input with padding 0"),
            ("alexnet", [3, 62, 62], "features › 12: a 3×3 kernel does not fit a 2×2 input with padding 0"),
            ("alexnet-2012", [3, 66, 66], "14: a 3×3 kernel does not fit a 2×2 input with padding 0"),
            ("vgg16", [3, 31, 31], "features › 30: a 2×2 kernel does not fit a 1×1 input with padding 0"),
            ("squeezenet", [3, 16, 16], "features › 6: a 3×3 kernel does not fit a 2×2 input with padding 0"),
        ] as [(String, Shape, String)])
    func imagesThatAreTooSmall(name: String, input: Shape, sentence: String) throws {
        let error = try #require(throws: NetworkError.self) {
            try NetworkCatalog.entry(named: name).network(input: input)
        }
        #expect("\(error)" == sentence)
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
        #expect(totals.parameterCount == 61_706)
        // Outputs times what each sees: two convolutions, three dense layers.
        let convolutions = 6 * 28 * 28 * 25 + 16 * 10 * 10 * 6 * 25
        #expect(totals.multiplyAdds == convolutions + 400 * 120 + 120 * 84 + 84 * 10)
        #expect(totals.parameterBytes == 4 * 61_706)
    }

    @Test func costsOfConvNet4() throws {
        let totals = try NetworkCatalog.entry(named: "convnet4").network().summary().totals
        #expect(totals.parameterCount == 467_818)
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
