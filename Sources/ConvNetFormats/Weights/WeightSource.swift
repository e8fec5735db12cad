import ConvNetGraph

/// Weights by name, in whatever file they lie.
///
/// The names are those of the program that wrote the file. Elements come as Float, widened or rounded from what the file has, and row by
/// row, however the file has them.
public protocol WeightSource: Sendable {
    /// What messages call the file.
    var name: String { get }
    /// The tensors' names, in the file's order.
    var names: [String] { get }
    /// The tensors by name.
    var weights: [String: WeightInfo] { get }
    /// Sentences on what the file has beside weights, and what was made of its names.
    var notes: [String] { get }

    /// The elements of a tensor, row-major.
    ///
    /// - Throws: what the file's own reader throws where there is no such tensor, or where it is damaged.
    func floats(named tensor: String) throws -> [Float]
}

/// What a file says of one tensor.
public struct WeightInfo: Hashable, Sendable {
    /// The type of the elements in the file.
    public let dtype: SafetensorsDType
    /// The sizes, outermost first; empty for a single number.
    public let shape: [Int]

    /// What a file says.
    public init(dtype: SafetensorsDType, shape: [Int]) {
        self.dtype = dtype
        self.shape = shape
    }
}

extension SafetensorsFile: WeightSource {
    public var weights: [String: WeightInfo] {
        tensors.mapValues { WeightInfo(dtype: $0.dtype, shape: $0.shape) }
    }

    public var notes: [String] { [] }
}
