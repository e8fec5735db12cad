import ConvNet
import Testing

/// What the networks have and cost, against the figures that were published for them.
@Suite struct ZooCostTests {
    private func network(_ name: String) throws -> Network { try NetworkCatalog.entry(named: name).network() }

    @Test(arguments: [
        ("lenet5", 61_706), ("mlp", 62_020), ("convnet4", 467_818),
        ("alexnet-2012", 60_965_224), ("alexnet", 61_100_840),
        ("vgg11", 132_863_336), ("vgg13", 133_047_848), ("vgg16", 138_357_544), ("vgg19", 143_667_240),
        ("vgg11-bn", 132_868_840), ("vgg13-bn", 133_053_736), ("vgg16-bn", 138_365_992), ("vgg19-bn", 143_678_248),
        ("vgg16-c", 133_638_952), ("nin", 7_595_176),
        ("googlenet", 6_624_904), ("googlenet-2014", 6_998_552),
        ("resnet18", 11_689_512), ("resnet34", 21_797_672), ("resnet50", 25_557_032), ("resnet101", 44_549_160),
        ("resnet152", 60_192_808), ("resnet50-2015", 25_557_032), ("resnet101-2015", 44_549_160),
        ("resnet152-2015", 60_192_808),
        ("resnet20", 272_474), ("plain20", 269_722), ("plain110", 1_727_962),
        ("squeezenet", 1_248_424), ("mobilenet-v2", 3_504_872), ("efficientnet-lite0", 4_652_008),
        ("densenet121", 7_978_856),
        ("resnext50", 25_028_904), ("wide-resnet50", 68_883_240),
    ])
    func parameters(name: String, count: Int) throws {
        #expect(try network(name).summary().totals.parameterCount == count)
    }

    /// The heads that only training uses are the model's too.
    @Test(arguments: [("googlenet", 13_004_888), ("googlenet-2014", 13_378_280)])
    func parametersWithAuxiliaryClassifiers(name: String, count: Int) throws {
        #expect(try network(name).parameterCount == count)
    }

    /// In thousandths of 10⁹, as torchvision publishes them.
    @Test(arguments: [
        ("alexnet", 714), ("vgg11", 7_609), ("vgg13", 11_308), ("vgg16", 15_470), ("vgg19", 19_632),
        ("googlenet", 1_498), ("resnet18", 1_814), ("resnet34", 3_664), ("resnet50", 4_089), ("resnet101", 7_801),
        ("resnet152", 11_514), ("squeezenet", 819), ("mobilenet-v2", 301), ("densenet121", 2_834),
        ("resnext50", 4_230), ("wide-resnet50", 11_398),
    ])
    func multiplyAdds(name: String, millions: Int) throws {
        let exact = try network(name).summary().totals.multiplyAdds
        #expect((exact + 500_000) / 1_000_000 == millions)
    }

    /// A plain network has what its residual twin has, but for the projections.
    @Test(arguments: [(18, 11_689_512), (34, 21_797_672)])
    func plainNetworks(depth: Int, residual: Int) throws {
        // 1×1 convolutions and batch norms: 64 to 128, 128 to 256, 256 to 512 channels.
        let projections = [64, 128, 256].reduce(0) { $0 + $1 * 2 * $1 + 4 * $1 }
        #expect(try network("plain\(depth)").parameterCount == residual - projections)
    }

    /// Ten 5×5 filters on a 32×32 colour image: the lectures' example, with (5·5·3 + 1)·10 parameters.
    @Test func exampleLayer() throws {
        let summary = try Network(input: [3, 32, 32]) { Conv2D(10, kernel: 5, padding: 2) }.summary()
        #expect(summary.layers.map(\.outputShape) == [[10, 32, 32]])
        #expect(summary.totals.parameterCount == 760)
    }

    /// The lectures' table of AlexNet with one tower, for 227×227 pixels.
    @Test func tableOfAlexNet() throws {
        let summary = try NetworkCatalog.entry(named: "alexnet").network(input: [3, 227, 227]).summary()
        let convolutions = summary.layers.filter { $0.kind == "conv2d" }
        func rounded(_ value: Int, to unit: Int) -> Int { (value + unit / 2) / unit }
        #expect(convolutions.map { rounded($0.activationBytes, to: 1024) } == [784, 547, 254, 169, 169])
        #expect(convolutions.map { rounded($0.parameterCount, to: 1000) } == [23, 307, 664, 885, 590])
        #expect(convolutions.map { rounded($0.multiplyAdds, to: 1_000_000) } == [73, 224, 112, 150, 100])
    }

    /// Of the last feature map before everything is looked at at once.
    @Test(arguments: [
        ("alexnet", 195), ("alexnet-2012", 195), ("vgg16", 212), ("resnet50", 427), ("resnet101", 971),
        ("resnet152", 1451), ("resnet50-2015", 483), ("resnet101-2015", 1027), ("resnet152-2015", 1507),
    ])
    func receptiveFields(name: String, size: Int) throws {
        let field = try network(name).summary().layers.last { $0.stride != nil && $0.outputShape.isFeatureMap }
        #expect(field?.receptiveField == Size(size))
    }

    /// Those whose feature maps, 128 images at a time, would take a GiB and more.
    @Test func evaluationsOfLargeMapsTakeFewerImages() throws {
        var fewer: [String: Int] = [:]
        for entry in NetworkCatalog.all {
            let size = try entry.network().graph.evaluationBatchSize
            if size != 128 { fewer[entry.name] = size }
        }
        // What a 3×3 convolution of VGG reads and makes: 2·64·224·224 numbers of four bytes. 41 images of it stay below a GiB.
        let vgg = ["vgg11", "vgg13", "vgg16-c", "vgg16", "vgg19", "vgg11-bn", "vgg13-bn", "vgg16-bn", "vgg19-bn"]
        // What an addition behind bottlenecks does: 3·256·56·56. Stems and the wide ends of blocks come near that.
        let others = [
            "resnet50", "resnet101", "resnet152", "resnet50-2015", "resnet101-2015", "resnet152-2015", "resnet50-v2",
            "resnet101-v2", "resnet152-v2", "resnext50", "wide-resnet50", "zfnet", "squeezenet", "mobilenet-v2",
            "efficientnet-b0", "efficientnet-lite0",
        ]
        #expect(fewer == Dictionary(uniqueKeysWithValues: vgg.map { ($0, 32) } + others.map { ($0, 64) }))
    }
}
