/// What each channel is normalised by: (x − mean) / standard deviation.
public struct Normalization: Hashable, Sendable {
    /// One number a channel, in units of 0 ... 1 for pictures.
    public var mean: [Float]
    /// As many as there are means, each above 0.
    public var standardDeviation: [Float]

    /// Numbers known beforehand.
    public init(mean: [Float], standardDeviation: [Float]) {
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// Of ImageNet's training images, as torchvision's weights have it: red, green, blue.
    public static let imageNet = Normalization(
        mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])

    /// Leaves images as they are.
    public static let none = Normalization(mean: [], standardDeviation: [])
}
