/// How an engine chooses among the algorithms that it has for a convolution. They differ in speed, by the convolution's
/// shape and the machine, and in the last digits of their results.
public enum AlgorithmChoice: String, Hashable, Sendable, Codable, CaseIterable {
    /// The fastest, as timed on this machine when a plan is compiled. What was found is kept in the user's cache directory.
    case measured
    /// By the shape, without timing anything.
    case estimated
    /// Always the direct sum of products, whose rounding errors are the smallest.
    case exact
}
