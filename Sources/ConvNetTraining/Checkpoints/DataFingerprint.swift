import ConvNetGraph
import ConvNetPages

/// What a run learns from, in a few numbers: enough to notice, when it goes on, that classes, images or what is done to them are
/// others than before.
public struct DataFingerprint: Hashable, Codable, Sendable {
    /// The images of one part.
    public struct Part: Hashable, Codable, Sendable {
        /// How many there are.
        public var imageCount: Int
        /// The CRC-32 of their names, in order.
        public var names: UInt32
        /// The CRC-32 of their labels, in order, and of their whole targets where these are more than one.
        public var labels: UInt32
        /// The CRC-32 of ``Dataset/contentChecksum(at:)`` of each, in order; nil where the dataset does not say.
        public var contents: UInt32?

        private enum CodingKeys: String, CodingKey {
            case imageCount = "images"
            case names, labels, contents
        }

        /// Reads all names and labels, and no image.
        public init(_ dataset: any Dataset) {
            imageCount = dataset.count
            var (names, labels, contents) = (CRC32(), CRC32(), Optional(CRC32()))
            for index in 0..<dataset.count {
                names.append(dataset.imageName(at: index))
                let target = dataset.target(at: index)
                for label in target.classes { labels.append(integer: Int64(label)) }
                switch target {
                case .label: break
                case .distribution(let shares): shares.withUnsafeBytes { labels.append($0) }
                // Two images of one label are not one of two.
                case .labels(let set): labels.append(integer: Int64(-1 - set.count))
                }
                if let checksum = dataset.contentChecksum(at: index) {
                    contents?.append(integer: checksum)
                } else {
                    contents = nil
                }
            }
            (self.names, self.labels, self.contents) = (names.value, labels.value, contents?.value)
        }

        fileprivate func difference(from recorded: Part, of part: String) -> String? {
            if imageCount != recorded.imageCount {
                return "it has \(recorded.imageCount) \(part) images, this run has \(imageCount)"
            }
            if names != recorded.names { return "its \(part) images have other names, or come in another order" }
            if labels != recorded.labels { return "its \(part) images have other labels" }
            guard let contents, let others = recorded.contents, contents != others else { return nil }
            return "its \(part) images have the same names as those of this run, but show something else"
        }
    }

    /// The class names, in order.
    public var classes: [String]
    /// What is done to every image.
    public var preprocessing: Preprocessing
    /// What the network learns from.
    public var training: Part
    /// What its epochs are compared by; nil without such images.
    public var validation: Part?

    /// Of what a run would learn from, and be validated on, now.
    ///
    /// - Parameter classes: those that the labels count.
    public init(classes: [String], preprocessing: Preprocessing, training: any Dataset, validation: (any Dataset)?) {
        self.classes = classes
        self.preprocessing = preprocessing
        self.training = Part(training)
        self.validation = validation.map(Part.init)
    }

    /// The first thing that differs, as a sentence about what was recorded; nil where nothing does.
    public func difference(from recorded: DataFingerprint) -> String? {
        if classes.count != recorded.classes.count {
            return "it has \(recorded.classes.count) classes, this run has \(classes.count)"
        }
        // Names are bytes: two that look alike are two.
        if let pair = zip(recorded.classes, classes).first(where: { !$0.0.utf8.elementsEqual($0.1.utf8) }) {
            return "its classes are others: '\(printable(pair.0))' stands where this run has '\(printable(pair.1))'"
        }
        switch (training.difference(from: recorded.training, of: "training"), validation, recorded.validation) {
        case (let difference?, _, _): return difference
        case (_, let validation?, let recorded?):
            if let difference = validation.difference(from: recorded, of: "validation") { return difference }
        case (_, nil, nil): break
        case (_, nil, _): return "it has validation images, this run has none"
        case (_, _, nil): return "it has no validation images, this run has some"
        }
        return preprocessing == recorded.preprocessing
            ? nil : "its images are brought to the network in another way (size, mean or standard deviation)"
    }
}
