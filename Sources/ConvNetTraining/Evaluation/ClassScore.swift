/// How one class does. What would be divided by zero is nil.
public struct ClassScore: Hashable, Sendable, Encodable {
    /// The class's name.
    public let name: String
    /// Images of it.
    public let imageCount: Int
    /// Of the images taken for this class, the share that are of it.
    public let precision: Double?
    /// Of the images of this class, the share that were taken for it.
    public let recall: Double?
    /// The harmonic mean of the two.
    public let f1: Double?

    init(_ name: String, _ label: Int, _ counts: ClassCounts) {
        self.name = name
        imageCount = counts.images[label]
        precision = counts.precision(of: label)
        recall = counts.recall(of: label)
        f1 = counts.f1(of: label)
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case imageCount = "images"
        case precision, recall, f1
    }

    /// All keys; what is nil is null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(imageCount, forKey: .imageCount)
        try container.encode(precision, forKey: .precision)
        try container.encode(recall, forKey: .recall)
        try container.encode(f1, forKey: .f1)
    }
}
