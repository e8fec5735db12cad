import ConvNetGraph

/// A 1×1 convolution as networks with batch norm have it: no bias, since the norm has one, and weights that keep the
/// variance of the gradients. He et al., "Delving Deep into Rectifiers", 2015, section 2.2.
func conv1x1(_ filters: Int, stride: Int = 1) -> Conv2D {
    Conv2D(filters, kernel: 1, stride: stride, bias: false, weightInitializer: .kaimingNormal(.out))
}

/// As ``conv1x1(_:stride:)``, 3×3 and with the padding that keeps the size.
func conv3x3(_ filters: Int, stride: Int = 1, groups: Int = 1) -> Conv2D {
    Conv2D(
        filters, kernel: 3, stride: stride, padding: 1, groups: groups, bias: false,
        weightInitializer: .kaimingNormal(.out))
}

/// A convolution of any kernel with the padding that keeps the size, each channel by itself: depthwise.
func depthwise(_ channels: Int, kernel: Int, stride: Int = 1) -> Conv2D {
    Conv2D(
        channels, kernel: Size(kernel), stride: Size(stride), padding: .symmetric(Size(kernel / 2)), groups: channels,
        bias: false, weightInitializer: .kaimingNormal(.out))
}

/// A convolution with batch norm and, where there is one, an activation.
struct NormalizedConvolution: Layer {
    var convolution: Conv2D
    var norm: BatchNorm
    var activation: (any Layer)?

    init(_ convolution: Conv2D, _ norm: BatchNorm = BatchNorm(), activation: (any Layer)?) {
        self.convolution = convolution
        self.norm = norm
        self.activation = activation
    }

    var body: some Layer {
        convolution
        norm
        if let activation { activation }
    }
}

/// A product's nearest multiple of 8 that is not below nine tenths of it, which is how the MobileNets round.
func roundedFilters(_ filters: Double) -> Int {
    // Which no convolution takes.
    guard filters > 0, filters < 1e6 else { return 0 }
    let rounded = max(8, Int((filters / 8 + 0.5).rounded(.down)) * 8)
    return Double(rounded) < 0.9 * filters ? rounded + 8 : rounded
}
