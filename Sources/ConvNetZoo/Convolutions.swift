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
