/// The sizes of one sample: C×H×W for a feature map, a single size for a flat vector of features.
///
///     let image: Shape = [3, 224, 224]
///     print(image, image.count)       // 3×224×224 150528
///
/// The batch is not part of a shape: a network is described for one sample and runs on any number of them.
public struct Shape: Hashable, Sendable {
    /// The sizes, outermost first.
    public var dimensions: [Int]

    /// [C, H, W], or [features].
    public init(_ dimensions: [Int]) {
        self.dimensions = dimensions
    }

    /// The number of dimensions: 3 for a feature map, 1 for a flat vector.
    public var rank: Int { dimensions.count }

    /// Whether this is a C×H×W feature map, the only kind that convolution and pooling take.
    public var isFeatureMap: Bool { rank == 3 }

    /// Channels of a feature map, or the number of features of a flat vector.
    public var channels: Int { dimensions[0] }

    /// Rows of a feature map; 1 for a flat vector.
    public var height: Int { isFeatureMap ? dimensions[1] : 1 }

    /// Columns of a feature map; 1 for a flat vector.
    public var width: Int { isFeatureMap ? dimensions[2] : 1 }

    /// Height and width of a feature map.
    public var size: Size { Size(height, width) }

    /// The number of elements. Call it on checked shapes only: the product of hostile sizes overflows.
    public var count: Int { dimensions.reduce(1, *) }

    /// The number of elements, or nil where a size is not positive or the product exceeds `limit`.
    func count(notExceeding limit: Int) -> Int? {
        var product = 1
        for dimension in dimensions {
            guard dimension > 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard !overflow, next <= limit else { return nil }
            product = next
        }
        return product
    }
}

extension Shape: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: Int...) {
        self.init(elements)
    }
}

extension Shape: CustomStringConvertible {
    public var description: String {
        dimensions.isEmpty ? "no sizes" : dimensions.map(String.init).joined(separator: "×")
    }
}

extension Shape: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([Int].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(dimensions)
    }
}
