/// How pixels between pixels are found where an image changes its size. Both are antialiased: a smaller image's pixels are
/// means over all that they stand for.
public enum Interpolation: String, CaseIterable, Codable, Sendable {
    /// Straight lines between pixels.
    case bilinear
    /// Cubic curves, with a = −0.5 (Keys, "Cubic convolution interpolation for digital image processing", 1981).
    case bicubic
}
