import ConvNetCore

/// The residual networks for small images: 20, 32, 44, 56 or 110 layers, three stages of 16, 32 and 64 filters.
///
/// He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2016, section 4.2. It introduced the shortcut
/// that lets a hundred layers train: each block learns what to add to its input.
///
/// Departure: where a stage begins, the shortcut is a 1×1 convolution with batch norm (the paper's option B) instead of
/// every second pixel with zeros for the new channels (option A). With colour images and 10 classes, 20 layers then have
/// 272,474 parameters.
public struct CIFARResNet: Layer {
    /// Blocks in each of the three stages: n for 6n + 2 layers.
    public var blocksPerStage: Int
    /// The number of outputs.
    public var classes: Int

    /// - Parameter depth: 6n + 2; other numbers are rounded down to one.
    public init(depth: Int = 20, classes: Int = 10) {
        blocksPerStage = max(1, (depth - 2) / 6)
        self.classes = classes
    }

    public var body: some Layer {
        Conv2D(16, kernel: 3, padding: 1, bias: false, weightInitializer: .kaimingNormal()).named("conv1")
        BatchNorm().named("bn1")
        ReLU()
        for (stage, filters) in [16, 32, 64].enumerated() {
            Sequential {
                for block in 0..<blocksPerStage {
                    CIFARBlock(filters: filters, stride: stage > 0 && block == 0 ? 2 : 1)
                }
            }
            .named("layer\(stage + 1)")
        }
        GlobalAveragePool2D()
        Dense(classes).named("fc")
    }
}

/// Two 3×3 convolutions, and a shortcut past them.
struct CIFARBlock: Layer {
    var filters: Int
    var stride: Int

    var body: some Layer {
        Residual {
            Conv2D(
                filters, kernel: 3, stride: stride, padding: 1, bias: false, weightInitializer: .kaimingNormal()
            )
            .named("conv1")
            BatchNorm().named("bn1")
            ReLU()
            Conv2D(filters, kernel: 3, padding: 1, bias: false, weightInitializer: .kaimingNormal()).named("conv2")
            BatchNorm().named("bn2")
        } shortcut: {
            WithShape { input in
                if stride != 1 || input.channels != filters {
                    Sequential {
                        Conv2D(
                            filters, kernel: 1, stride: stride, bias: false, weightInitializer: .kaimingNormal())
                        BatchNorm()
                    }
                    .named("downsample")
                }
            }
        }
        ReLU()
    }
}
