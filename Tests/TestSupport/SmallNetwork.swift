import ConvNetGraph

/// Networks like those that people start with, on images small enough for hundreds of steps.
public enum SmallNetwork: String, CaseIterable, Sendable {
    /// LeNet-5.
    case leNet

    /// Four convolutions, with dropout.
    case fourConvolutions

    /// Batch norms, a residual, branches, and poolings whose windows differ.
    case residual

    /// Local response norms of both kinds that engines tell apart, and a layer without shared weights.
    case local
    /// Squeeze and excitation, stochastic depth, a shuffle and activations of straight lines.
    case squeezed
    /// An inception block, and auxiliary classifiers before it and in it.
    case inception

    public func graph() throws -> Graph {
        switch self {
        case .leNet: try Graph(input: [1, 16, 16], operations: Self.leNetOperations)
        case .fourConvolutions: try Graph(input: [1, 16, 16], operations: Self.fourConvolutionsOperations)
        case .residual: try Self.residualNetwork().graph
        case .local: try Graph(input: [1, 16, 16], operations: Self.localOperations)
        case .squeezed: try Self.squeezedNetwork().graph
        case .inception: try Self.inceptionNetwork().graph
        }
    }

    private static func residualNetwork() throws -> Network {
        try Network(input: [1, 16, 16]) {
            Conv2D(16, kernel: 3, padding: 1, bias: false)
            BatchNorm()
            ReLU()
            Residual {
                Conv2D(16, kernel: 3, padding: 1, bias: false)
                BatchNorm()
                SiLU()
                Conv2D(16, kernel: 3, padding: 1, bias: false)
                BatchNorm(frozen: true)
            }
            ReLU()
            Branches {
                Conv2D(5, kernel: 1)
                MaxPool2D(3, stride: 1, padding: 1, ceilMode: true)
            }
            ZeroPadding2D(1)
            AdaptiveAveragePool2D(5)
            Softmax()
            Branches {
                GlobalAveragePool2D()
                GlobalMaxPool2D()
            }
            Reshape(42)
            LeakyReLU()
            Dense(10)
        }
    }

    private static func squeezedNetwork() throws -> Network {
        try Network(input: [1, 16, 16]) {
            Conv2D(24, kernel: 3, stride: 2, padding: 1, bias: false)
            BatchNorm()
            HardSwish()
            Residual {
                Conv2D(24, kernel: 3, padding: 1, groups: 24, bias: false)
                BatchNorm()
                PReLU()
                Gate {
                    AdaptiveAveragePool2D(1)
                    Conv2D(8, kernel: 1)
                    ReLU()
                    Conv2D(24, kernel: 1)
                    HardSigmoid()
                }
                Conv2D(24, kernel: 1, bias: false)
                BatchNorm()
                StochasticDepth(0.3)
            }
            Branches {
                ChannelSlice(0, count: 12)
                Sequential {
                    ChannelSlice(12, count: 12)
                    Conv2D(12, kernel: 1)
                    Clip(low: -1, high: 2)
                }
            }
            ChannelShuffle(2)
            Join(by: Add()) {
                Conv2D(20, kernel: 1)
                ChannelSlice(0, count: 20)
                Sequential {
                    ChannelSlice(4, count: 20)
                    ChannelAffine()
                }
            }
            ChannelPadding(after: 4)
            GlobalAveragePool2D()
            Dense(10)
        }
    }

    /// - Parameter auxiliary: false for the same network without its auxiliary classifiers.
    public static func inceptionNetwork(auxiliary: Bool = true) throws -> Network {
        try Network(input: [1, 16, 16]) {
            Conv2D(16, kernel: 3, padding: 1).named("conv")
            if auxiliary {
                AuxiliaryClassifier(weight: 0.4) {
                    AdaptiveAveragePool2D(3)
                    Conv2D(8, kernel: 1)
                    ReLU()
                    Flatten()
                    Dropout(0.5)
                    Dense(10)
                }
                .named("auxiliary1")
            }
            ReLU().named("relu")
            Branches {
                Conv2D(5, kernel: 1).named("branch1")
                Sequential {
                    Conv2D(6, kernel: 3, padding: 1, bias: false).named("conv")
                    BatchNorm().named("norm")
                    ReLU().named("relu")
                    if auxiliary {
                        AuxiliaryClassifier {
                            MaxPool2D(4)
                            BatchNorm()
                            Flatten()
                            Dense(10)
                        }
                        .named("auxiliary2")
                    }
                }
                .named("branch2")
            }
            .named("inception")
            GlobalAveragePool2D().named("pool")
            Dense(10).named("dense")
        }
    }

    private static let leNetOperations: [any GraphOperation] = [
        Conv2D(6, kernel: 5, padding: 2), Tanh(), AveragePool2D(2),
        Conv2D(16, kernel: 5), Tanh(), AveragePool2D(2),
        Flatten(), Dense(120), Tanh(), Dense(84), Tanh(), Dense(10),
    ]

    private static let localOperations: [any GraphOperation] = [
        Conv2D(16, kernel: 3, padding: 1), ReLU(), LocalResponseNorm(5, alpha: 5e-4, k: 2), MaxPool2D(2),
        LocalResponseNorm(4, beta: 0.6), ChannelMaxPool(2), LocallyConnected2D(4, kernel: 3, stride: 2), ReLU(),
        Flatten(),
        Dense(10),
    ]

    private static let fourConvolutionsOperations: [any GraphOperation] = [
        Conv2D(8, kernel: 3, padding: 1), ReLU(), Conv2D(8, kernel: 3), ReLU(), MaxPool2D(2), Dropout(0.25),
        Conv2D(17, kernel: 3, padding: .same), ReLU(), Conv2D(17, kernel: 3), ReLU(), MaxPool2D(2),
        Dropout(0.25), Flatten(), Dense(64), ReLU(), Dropout(0.5), Dense(10),
    ]
}
