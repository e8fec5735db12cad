/// The numbers that feature maps and convolution weights are computed with. Master copies of the weights, statistics and the
/// loss are float32 in any case.
public enum Precision: String, Hashable, Sendable, Codable, CaseIterable {
    /// Float32: 24 bits of precision.
    case fp32
    /// bfloat16: float32's range, 8 bits of precision. Half the memory traffic, and twice the speed where the processor
    /// multiplies such numbers.
    case bf16
}
