import ConvNetGraph

/// RegNetY-400MF: ResNet's bottlenecks without the narrow middle, in groups of 8 channels, with squeeze and excitation; stages as
/// wide and as deep as a rule of four numbers says.
///
/// Radosavovic et al., "Designing Network Design Spaces", 2020, section 4 and table 8; names and initial weights are torchvision's.
/// With 1000 classes it has 4,344,144 parameters.
public struct RegNetY400MF: Layer {
    /// The share of the features in front of the last layer that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// As in the paper, nothing is dropped unless said otherwise.
    public init(dropout: Double = 0, classes: Int = 1000) {
        self.dropout = dropout
        self.classes = classes
    }

    /// What the rule gives for a first width of 48, a slope of 27.89, steps by a factor of 2.09 and 16 blocks.
    private static let stages: [(width: Int, blocks: Int)] = [(48, 1), (104, 3), (208, 6), (440, 6)]

    public var body: some Layer {
        NormalizedConvolution(conv3x3(32, stride: 2), activation: ReLU()).named("stem")
        Sequential {
            for (index, stage) in Self.stages.enumerated() {
                let name = "block\(index + 1)"
                Sequential {
                    for block in 0..<stage.blocks {
                        Block(width: stage.width, stride: block == 0 ? 2 : 1).named("\(name)-\(block)")
                    }
                }
                .named(name)
            }
        }
        .named("trunk_output")
        GlobalAveragePool2D()
        if dropout > 0 { Dropout(dropout).named("dropout") }
        Dense(classes, weightInitializer: .normal(standardDeviation: 0.01), biasInitializer: .constant(0)).named("fc")
    }
}

/// 1×1, 3×3 in groups of 8 channels, squeeze and excitation to a quarter of the block's input, 1×1.
private struct Block: Layer {
    var width, stride: Int

    var body: some Layer {
        WithShape { input in
            Residual {
                Sequential {
                    NormalizedConvolution(conv1x1(width), activation: ReLU()).named("a")
                    NormalizedConvolution(conv3x3(width, stride: stride, groups: width / 8), activation: ReLU())
                        .named("b")
                    SqueezeExcitation(
                        channels: input.channels / 4, activation: ReLU(), gate: Sigmoid(),
                        biasInitializer: .pyTorchDefault
                    )
                    .named("se")
                    NormalizedConvolution(conv1x1(width), activation: nil).named("c")
                }
                .named("f")
            } shortcut: {
                if stride != 1 || input.channels != width {
                    NormalizedConvolution(conv1x1(width, stride: stride), activation: nil).named("proj")
                }
            }
            ReLU().named("activation")
        }
    }
}
