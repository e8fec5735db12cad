import ConvNetGraph

/// ShuffleNetV2 of width 1: half of the channels pass a block as they are, and a shuffle mixes the halves.
///
/// Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", 2018, table 5; names and initial weights
/// are torchvision's. With 1000 classes it has 2,278,604 parameters.
public struct ShuffleNetV2: Layer {
    /// The share of the features in front of the last layer that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// As in the paper, nothing is dropped unless said otherwise.
    public init(dropout: Double = 0, classes: Int = 1000) {
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        Sequential {
            Conv2D(24, kernel: 3, stride: 2, padding: 1, bias: false)
            BatchNorm()
            ReLU()
        }
        .named("conv1")
        MaxPool2D(3, stride: 2, padding: 1)
        for (stage, filters, blocks) in [(2, 116, 4), (3, 232, 8), (4, 464, 4)] {
            Sequential {
                HalvingBlock(filters: filters)
                for _ in 1..<blocks { Block() }
            }
            .named("stage\(stage)")
        }
        Sequential {
            Conv2D(1024, kernel: 1, bias: false)
            BatchNorm()
            ReLU()
        }
        .named("conv5")
        GlobalAveragePool2D()
        if dropout > 0 { Dropout(dropout).named("dropout") }
        Dense(classes).named("fc")
    }
}

/// Half of the channels as they are, the other half through three convolutions.
private struct Block: Layer {
    var body: some Layer {
        WithShape { input in
            let half = input.channels / 2
            Branches {
                ChannelSlice(0, count: half).named("left")
                WithShape { _ in
                    ChannelSlice(half, count: half).named("right")
                    ThreeConvolutions(filters: half, stride: 1).named("branch2")
                }
            }
            ChannelShuffle(2).named("shuffle")
        }
    }
}

/// Two ways, both of all channels, to half the height and width.
private struct HalvingBlock: Layer {
    var filters: Int

    var body: some Layer {
        WithShape { input in
            Branches {
                Sequential {
                    plainDepthwise(input.channels, stride: 2)
                    BatchNorm()
                    Conv2D(filters / 2, kernel: 1, bias: false)
                    BatchNorm()
                    ReLU()
                }
                .named("branch1")
                ThreeConvolutions(filters: filters / 2, stride: 2).named("branch2")
            }
            ChannelShuffle(2).named("shuffle")
        }
    }
}

/// 1×1, depthwise 3×3, 1×1.
private struct ThreeConvolutions: Layer {
    var filters, stride: Int

    var body: some Layer {
        Conv2D(filters, kernel: 1, bias: false)
        BatchNorm()
        ReLU()
        plainDepthwise(filters, stride: stride)
        BatchNorm()
        Conv2D(filters, kernel: 1, bias: false)
        BatchNorm()
        ReLU()
    }
}

/// A depthwise 3×3 with PyTorch's own initial weights.
private func plainDepthwise(_ channels: Int, stride: Int) -> Conv2D {
    Conv2D(channels, kernel: 3, stride: Size(stride), padding: 1, groups: channels, bias: false)
}
