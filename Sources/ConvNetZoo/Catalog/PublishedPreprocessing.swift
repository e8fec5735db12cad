/// What published weights want done to pictures before they reach a network: these are resized until their shorter side has
/// `shorterSide` pixels, the network's size is cut from the middle, and x ↦ (x − mean) / deviation, channel by channel. Pictures are taken
/// as they lie, without regard to EXIF.
public struct PublishedPreprocessing: Hashable, Sendable {
    /// In pixels.
    public var shorterSide = 256
    /// Whether pixels between pixels lie on cubic curves; else on straight lines.
    public var isBicubic = false
    /// Red, green and blue, of 0 ... 1.
    public var mean: [Float] = [0.485, 0.456, 0.406]
    /// Red, green and blue, of 0 ... 1.
    public var standardDeviation: [Float] = [0.229, 0.224, 0.225]

    /// Torchvision's, for most of its first weights (`IMAGENET1K_V1`).
    static let torchvision = Self()
    /// TensorFlow's EfficientNet-Lite: (x − 127) / 128 of 0 ... 255, and seven eighths of the shorter side.
    static let efficientNetLite = Self(
        isBicubic: true, mean: .init(repeating: 127 / 255, count: 3),
        standardDeviation: .init(repeating: 128 / 255, count: 3))
    static let bicubic = Self(isBicubic: true)
    /// GoogLeNet's weights were trained elsewhere; torchvision scales pixels within the network to what this makes of them.
    static let symmetric = Self(mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
}
