import ConvNetGraph

private let widthAndDropout = ["width", "dropout"]
private let auxiliaryAndDropout = ["auxiliaryClassifiers", "dropout"]

extension NetworkCatalog.Family {
    static let small = Self(
        name: "Small images",
        networks: [
            .small("lenet5", "LeNet-5, 1998: two convolutions, tanh, average pooling") { LeNet5(classes: $0.classes) },
            .small(
                "mlp", "a dense network of LeNet-5's size: the contrast to convolution", takes: ["hidden", "dropout"]
            ) {
                MLP(hidden: try $0.hidden(or: [78]), dropout: try $0.dropout(or: 0), classes: $0.classes)
            },
            .small("convnet4", "four 3×3 convolutions, ReLU, max pooling, dropout", takes: widthAndDropout) {
                ConvNet4(width: try $0.width(or: 32), dropout: try $0.dropout(or: 0.5), classes: $0.classes)
            },
        ])

    static let alexNet = Self(
        name: "AlexNet and ZFNet",
        networks: [
            .imageNet(
                "alexnet-2012", "AlexNet as it won in 2012: ReLU, dropout, two groups, response norm", size: 227,
                accuracy: .paper("Krizhevsky et al., 2012, table 2", error: 40.7, 18.2, evaluation: "ten crops")
            ) { AlexNet2012(dropout: try $0.dropout(or: 0.5), classes: $0.classes) },
            .imageNet(
                "alexnet", "AlexNet with one tower, 2014, as torchvision has it",
                accuracy: .torchvision(56.522, 79.066)
            ) { AlexNet(dropout: try $0.dropout(or: 0.5), classes: $0.classes) },
            .imageNet(
                "zfnet", "ZFNet, 2013: AlexNet with a finer first layer, and wider",
                accuracy: .paper("Zeiler and Fergus, 2014, table 2", error: 37.5, 16.0, evaluation: "ten crops")
            ) { ZFNet(dropout: try $0.dropout(or: 0.5), classes: $0.classes) },
        ])

    static let vgg = Self(
        name: "VGG",
        networks: [
            .vgg("vgg11", .depth11, accuracy: .torchvision(69.020, 88.628)),
            .vgg("vgg13", .depth13, accuracy: .torchvision(69.928, 89.246)),
            .vgg(
                "vgg16-c", .depth16C,
                accuracy: .vgg(error: 27.3, 8.8)),
            .vgg("vgg16", .depth16, accuracy: .torchvision(71.592, 90.382), paper: .vgg(error: 25.6, 8.1)),
            .vgg("vgg19", .depth19, accuracy: .torchvision(72.376, 90.876), paper: .vgg(error: 25.5, 8.0)),
            .vgg("vgg11-bn", .depth11, batchNorm: true, accuracy: .torchvision(70.370, 89.810)),
            .vgg("vgg13-bn", .depth13, batchNorm: true, accuracy: .torchvision(71.586, 90.374)),
            .vgg("vgg16-bn", .depth16, batchNorm: true, accuracy: .torchvision(73.360, 91.516)),
            .vgg("vgg19-bn", .depth19, batchNorm: true, accuracy: .torchvision(74.218, 91.842)),
        ])

    static let networkInNetwork = Self(
        name: "Network in Network",
        networks: [
            .imageNet(
                "nin", "Network in Network, 2014: 1×1 convolutions, global average pooling",
                accuracy: .imageNet(
                    top1: 59.36, source: "Lin, nin_imagenet, Caffe model zoo, 2014",
                    url: "https://gist.github.com/mavenlin/d802a5849de39225bcc6")
            ) { NetworkInNetwork(dropout: try $0.dropout(or: 0.5), classes: $0.classes) }
        ])

    static let googLeNet = Self(
        name: "GoogLeNet",
        networks: [
            .imageNet(
                "googlenet-2014", "GoogLeNet as it won in 2014: inception, response norm, auxiliary classifiers",
                takes: auxiliaryAndDropout,
                accuracy: .imageNet(
                    top1: 68.7, top5: 88.9, source: "bvlc_googlenet, Caffe model zoo, 2014",
                    url: "https://github.com/BVLC/caffe/tree/master/models/bvlc_googlenet")
            ) {
                GoogLeNet2014(
                    classes: $0.classes, auxiliaryClassifiers: try $0.auxiliaryClassifiers(),
                    dropout: try $0.dropout(or: 0.4))
            },
            .imageNet(
                "googlenet", "GoogLeNet with batch norm, as torchvision has it", takes: auxiliaryAndDropout,
                accuracy: .torchvision(69.778, 89.530), preprocessing: .symmetric
            ) {
                GoogLeNet(
                    classes: $0.classes, auxiliaryClassifiers: try $0.auxiliaryClassifiers(),
                    dropout: try $0.dropout(or: 0.2))
            },
        ])

    static let resNet = Self(
        name: "ResNet",
        networks: [
            .resNet(
                .depth18, accuracy: .torchvision(69.758, 89.078),
                paper: .plainOrResidual(error: 27.88, hasShortcuts: true)),
            .resNet(
                .depth34, accuracy: .torchvision(73.314, 91.420),
                paper: .plainOrResidual(error: 25.03, hasShortcuts: true)),
            .resNet(.depth50, accuracy: .torchvision(76.130, 92.862)),
            .resNet(.depth101, accuracy: .torchvision(77.374, 93.546)),
            .resNet(.depth152, accuracy: .torchvision(78.312, 94.046)),
            .resNet2015(.depth50, error: 24.7, 7.8, tenCrops: 22.85, 6.71),
            .resNet2015(.depth101, error: 23.6, 7.1, tenCrops: 21.75, 6.05),
            .resNet2015(.depth152, error: 23.0, 6.7, tenCrops: 21.43, 5.71),
        ])

    static let plainNet = Self(
        name: "ResNet without shortcuts",
        networks: [
            .imageNet(
                "plain18", "18 layers without shortcuts: the contrast to ResNet-18", takes: widthAndDropout,
                accuracy: .plainOrResidual(error: 27.94, hasShortcuts: false)
            ) {
                PlainNet(
                    .depth18, width: try $0.width(or: 64), dropout: try $0.dropout(or: 0), classes: $0.classes)
            },
            .imageNet(
                "plain34", "34 layers without shortcuts: worse than 18", takes: widthAndDropout,
                accuracy: .plainOrResidual(error: 28.54, hasShortcuts: false)
            ) {
                PlainNet(
                    .depth34, width: try $0.width(or: 64), dropout: try $0.dropout(or: 0), classes: $0.classes)
            },
        ])

    static let resNetV2 = Self(
        name: "ResNet with pre-activation",
        networks: ResNet.Depth.allCases.map { depth in
            .imageNet(
                "resnet\(depth.rawValue)-v2", "ResNet-\(depth.rawValue), 2016: batch norm and ReLU before convolutions",
                takes: widthAndDropout
            ) {
                ResNetV2(depth, width: try $0.width(or: 64), dropout: try $0.dropout(or: 0), classes: $0.classes)
            }
        })

    static let cifarResNet = Self(
        name: "ResNet for small images",
        networks: [true, false].flatMap { hasShortcuts in
            CIFARResNet.Depth.allCases.map { depth in
                let summary =
                    hasShortcuts
                    ? "ResNet-\(depth.rawValue), 2015: \((depth.rawValue - 2) / 2) residual blocks"
                    : "ResNet-\(depth.rawValue) without shortcuts"
                return NetworkCatalog.Entry(
                    "\(hasShortcuts ? "resnet" : "plain")\(depth.rawValue)", summary, input: [3, 32, 32], classes: 10,
                    takes: widthAndDropout
                ) {
                    CIFARResNet(
                        depth, hasShortcuts: hasShortcuts, width: try $0.width(or: 16),
                        dropout: try $0.dropout(or: 0), classes: $0.classes)
                }
            }
        })

    static let compact = Self(
        name: "Small networks for large images",
        networks: [
            .imageNet(
                "squeezenet", "SqueezeNet 1.0, 2016: fire modules, a fiftieth of AlexNet",
                accuracy: .torchvision(58.092, 80.420)
            ) { SqueezeNet(dropout: try $0.dropout(or: 0.5), classes: $0.classes) },
            .imageNet(
                "mobilenet-v2", "MobileNetV2, 2018: depthwise convolutions, inverted residuals",
                takes: ["widthMultiplier", "dropout"],
                accuracy: .torchvision(71.878, 90.286)
            ) {
                MobileNetV2(
                    widthMultiplier: try $0.widthMultiplier(), dropout: try $0.dropout(or: 0.2), classes: $0.classes)
            },
            .imageNet(
                "shufflenet-v2", "ShuffleNetV2, 2018: half of the channels pass a block as they are",
                accuracy: .torchvision(69.362, 88.316)
            ) { ShuffleNetV2(dropout: try $0.dropout(or: 0), classes: $0.classes) },
            .mobileNetV3(.small, accuracy: .torchvision(67.668, 87.402)),
            .mobileNetV3(.large, accuracy: .torchvision(74.042, 91.340)),
            .imageNet(
                "efficientnet-b0", "EfficientNet-B0, 2019: swish, and squeeze and excitation in every block",
                takes: ["stochasticDepth", "dropout"],
                accuracy: .torchvision(77.692, 93.532), preprocessing: .bicubic
            ) {
                EfficientNetB0(
                    stochasticDepth: try $0.stochasticDepth(or: 0.2), dropout: try $0.dropout(or: 0.2),
                    classes: $0.classes)
            },
            .imageNet(
                "efficientnet-lite0", "EfficientNet-Lite0, 2020: EfficientNet-B0 of what any device computes fast",
                takes: ["stochasticDepth", "dropout"], accuracy: .efficientNetLite(75.1),
                preprocessing: .efficientNetLite,
                weightNamings: [.efficientNetPyTorch, .timmEfficientNetLite]
            ) {
                EfficientNetLite0(
                    stochasticDepth: try $0.stochasticDepth(or: 0.2), dropout: try $0.dropout(or: 0.2),
                    classes: $0.classes)
            },
            .imageNet(
                "regnet-y-400mf", "RegNetY-400MF, 2020: bottlenecks as wide and deep as a rule says",
                accuracy: .torchvision(74.046, 91.716)
            ) { RegNetY400MF(dropout: try $0.dropout(or: 0), classes: $0.classes) },
        ])

    static let beyondResNet = Self(
        name: "After ResNet",
        networks: [
            .imageNet(
                "densenet121", "DenseNet-121, 2017: each layer reads all before it",
                accuracy: .torchvision(74.434, 91.972)
            ) { DenseNet121(dropout: try $0.dropout(or: 0), classes: $0.classes) },
            .imageNet(
                "resnext50", "ResNeXt-50 (32×4d), 2017: bottlenecks in 32 groups",
                accuracy: .torchvision(77.618, 93.698)
            ) { ResNeXt50(dropout: try $0.dropout(or: 0), classes: $0.classes) },
            .imageNet(
                "wide-resnet50", "Wide ResNet-50-2, 2016: bottlenecks twice as wide",
                accuracy: .torchvision(78.468, 94.086)
            ) { WideResNet50(dropout: try $0.dropout(or: 0), classes: $0.classes) },
        ])
}

extension NetworkCatalog.Entry {
    fileprivate static func small(
        _ name: String, _ summary: String, takes parameters: [String] = [], layers: @escaping Layers
    ) -> Self {
        Self(name, summary, input: [1, 28, 28], classes: 10, takes: parameters, layers: layers)
    }

    fileprivate static func imageNet(
        _ name: String, _ summary: String, takes parameters: [String] = ["dropout"], size: Int = 224,
        accuracy: PublishedAccuracy? = nil, paper: PublishedAccuracy? = nil,
        preprocessing: PublishedPreprocessing? = nil, weightNamings: [WeightNaming] = [], layers: @escaping Layers
    ) -> Self {
        Self(
            name, summary, input: [3, size, size], classes: 1000, takes: parameters,
            accuracies: [accuracy, paper].compactMap { $0 },
            preprocessing: preprocessing ?? (accuracy?.isTorchvisions == true ? .torchvision : nil),
            weightNamings: weightNamings, layers: layers)
    }

    fileprivate static func vgg(
        _ name: String, _ depth: VGG.Depth, batchNorm: Bool = false, accuracy: PublishedAccuracy,
        paper: PublishedAccuracy? = nil
    ) -> Self {
        .imageNet(
            name, batchNorm ? depth.summary + ", with batch norm" : depth.summary, takes: widthAndDropout,
            accuracy: accuracy, paper: paper, weightNamings: [.timmVGG]
        ) {
            VGG(
                depth, batchNorm: batchNorm, width: try $0.width(or: 64), dropout: try $0.dropout(or: 0.5),
                classes: $0.classes)
        }
    }

    fileprivate static func resNet(
        _ depth: ResNet.Depth, accuracy: PublishedAccuracy, paper: PublishedAccuracy? = nil
    ) -> Self {
        .imageNet(
            "resnet\(depth.rawValue)",
            "ResNet-\(depth.rawValue), 2015: \(depth.hasBottlenecks ? "bottlenecks" : "3×3 convolutions") with shortcuts",
            takes: widthAndDropout, accuracy: accuracy, paper: paper
        ) {
            ResNet(depth, width: try $0.width(or: 64), dropout: try $0.dropout(or: 0), classes: $0.classes)
        }
    }

    fileprivate static func mobileNetV3(_ variant: MobileNetV3.Variant, accuracy: PublishedAccuracy) -> Self {
        .imageNet(
            "mobilenet-v3-\(variant)", "MobileNetV3, 2019, the \(variant) one: MobileNetV2 after a search, hard swish",
            takes: ["widthMultiplier", "dropout"], accuracy: accuracy
        ) {
            MobileNetV3(
                variant, widthMultiplier: try $0.widthMultiplier(), dropout: try $0.dropout(or: 0.2),
                classes: $0.classes)
        }
    }

    fileprivate static func resNet2015(
        _ depth: ResNet.Depth, error top1: Double, _ top5: Double, tenCrops top1OfTen: Double, _ top5OfTen: Double
    ) -> Self {
        .imageNet(
            "resnet\(depth.rawValue)-2015",
            "ResNet-\(depth.rawValue) with the paper's stride, on the first 1×1 of a stage",
            takes: widthAndDropout,
            accuracy: .imageNet(
                top1: 100 - top1, top5: 100 - top5, source: "He et al., deep-residual-networks, 2016",
                url: "https://github.com/KaimingHe/deep-residual-networks"),
            paper: .paper("He et al., 2016, table 3", error: top1OfTen, top5OfTen, evaluation: "ten crops")
        ) {
            ResNet(
                depth, stride: .first1x1, width: try $0.width(or: 64), dropout: try $0.dropout(or: 0),
                classes: $0.classes)
        }
    }
}

extension VGG.Depth {
    fileprivate var summary: String {
        switch self {
        case .depth11: "VGG-11, 2014: eight 3×3 convolutions"
        case .depth13: "VGG-13, 2014: ten 3×3 convolutions"
        case .depth16C: "VGG-16 in configuration C: three of its convolutions 1×1"
        case .depth16: "VGG-16, 2014: thirteen 3×3 convolutions"
        case .depth19: "VGG-19, 2014: sixteen 3×3 convolutions"
        }
    }
}
