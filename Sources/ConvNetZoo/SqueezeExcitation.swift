import ConvNetGraph

/// Lets each channel pass as far as the means of all channels say: squeeze and excitation. Hu, Shen and Sun,
/// "Squeeze-and-Excitation Networks", 2018, section 3.
struct SqueezeExcitation: Layer {
    /// The width between the two layers.
    var channels: Int
    /// Between the two layers, and behind them.
    var activation, gate: any Layer
    var biasInitializer = Initializer.constant(0)

    var body: some Layer {
        WithShape { input in
            Gate {
                AdaptiveAveragePool2D(1)
                dense(channels).named("fc1")
                activation
                dense(input.channels).named("fc2")
                gate
            }
        }
    }

    private func dense(_ filters: Int) -> Conv2D {
        Conv2D(
            filters, kernel: 1, weightInitializer: .kaimingNormal(.out), biasInitializer: biasInitializer)
    }
}
