import ConvNetGraph
import ConvNetTraining

/// What is wrong with a dataset of pictures, found before a network is trained with it: every picture is decoded once, and
/// compared with all others.
///
///     let check = try DatasetCheck(DatasetCatalog.open("photos"))
///     for finding in check.findings { print(finding.headline, finding.advice) }
///
/// Of each picture a few hundred bytes are kept: a hundred thousand take 40 MB.
public struct DatasetCheck: Sendable, Encodable {
    /// The dataset's name.
    public let name: String
    /// The class names; a label is an index into them.
    public let classes: [String]
    /// What each part holds.
    public let parts: [Part]
    /// Of the pixels of all training pictures that can be read; nil where there are none.
    public let channels: ChannelStatistics?
    /// What was found, the worst first.
    public let findings: [Finding]

    /// What one part holds.
    public struct Part: Sendable, Encodable {
        /// Which one.
        public let part: DatasetPart
        /// What messages call it, e.g. `photos (test)`.
        public let name: String
        /// The name of its directory, where that is another than `train`, `val` or `test`.
        public let directory: String?
        /// The number of pictures.
        public let pictures: Int
        /// How many of them can be read.
        public let readable: Int
        /// The number of readable pictures of each class.
        public let classCounts: [Int]
        /// The number of readable pictures without any class; nil where each has exactly one.
        public let withoutClass: Int?
        /// The mean number of classes of a readable picture; nil where each has exactly one.
        public let classesPerPicture: Double?
        /// nil where no picture can be read.
        public let sizes: Sizes?

        private enum CodingKeys: String, CodingKey {
            case part, name, directory, pictures, readable, sizes
            case classCounts = "class_counts"
            case withoutClass = "without_class"
            case classesPerPicture = "classes_per_picture"
        }
    }

    /// How large pictures are, upright: the smallest, the median and the largest by area.
    public struct Sizes: Sendable, Encodable {
        /// That of the fewest pixels.
        public let smallest: Size
        /// As many pictures are smaller as are larger.
        public let median: Size
        /// That of the most pixels.
        public let largest: Size
        /// The number of different sizes.
        public let different: Int
    }

    /// Mean and standard deviation of each channel over all pixels, 0 ... 1: one channel where every picture is stored as grey,
    /// and red, green and blue otherwise.
    public struct ChannelStatistics: Sendable, Encodable {
        /// By channel.
        public let mean: [Double]
        /// By channel; over all pixels, not the mean of the pictures' own.
        public let standardDeviation: [Double]

        private enum CodingKeys: String, CodingKey {
            case mean
            case standardDeviation = "standard_deviation"
        }
    }

    /// Something that a user should know.
    public struct Finding: Sendable, Encodable {
        /// What was found.
        public let kind: Kind
        /// How much it matters.
        public let severity: Severity
        /// The parts that it was found in.
        public let parts: [DatasetPart]
        /// How many pictures, files or classes it is about.
        public let count: Int
        /// What was found, as a sentence without its full stop.
        public let headline: String
        /// What to do about it.
        public let advice: String
        /// The first ones.
        public let examples: [Example]
    }

    /// An instance of what was found.
    public struct Example: Sendable, Encodable {
        /// The picture, or those that are the same; of more than ``mostPictures`` the first ones.
        public let pictures: [Picture]
        /// The number of pictures that are the same; as many as in `pictures`, or more.
        public let count: Int
        /// The path, within the dataset, of what cannot be used; nil elsewhere.
        public let path: String?
        /// A sentence or a size that belongs to it.
        public let note: String?

        /// At most so many pictures that are the same are named.
        public static let mostPictures = 4

        init(pictures: [Picture] = [], count: Int, path: String? = nil, note: String? = nil) {
            self.pictures = pictures
            self.count = count
            self.path = path
            self.note = note
        }
    }

    /// Where a picture is.
    public struct Picture: Hashable, Sendable, Encodable {
        /// The part.
        public let part: DatasetPart
        /// The position within the part.
        public let index: Int
        /// The path of its file within the dataset, or its part and position.
        public let name: String
        /// The name of its class, or of its classes with commas between them; empty where it has none.
        public let label: String
    }

    /// How much a finding matters, the worst first.
    public enum Severity: String, CaseIterable, Comparable, Sendable, Encodable {
        /// Training fails, or learns what is wrong.
        case error
        /// Accuracy will look better than it is.
        case leak
        /// Worth a look before training.
        case warning
        /// What is done about it is usually right.
        case note

        public static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// What can be found, the worst first.
    public enum Kind: String, CaseIterable, Sendable, Encodable {
        /// Files that cannot be used.
        case brokenFiles = "broken_files"
        /// What is not used, or may have been meant otherwise.
        case leftAside = "left_aside"
        /// Files that are pictures by their content and not by their names, so that nothing looks at them.
        case unrecognizedFiles = "unrecognized_files"
        /// Pictures in the directory of a `labels.csv` that are in none of its rows.
        case unlistedFiles = "unlisted_files"
        /// Pictures with the same pixels and different labels.
        case conflictingLabels = "conflicting_labels"
        /// The same pixels in two parts.
        case leak
        /// Nearly the same picture in two parts.
        case nearLeak = "near_leak"
        /// Pictures that are nearly the same and have different labels.
        case nearConflictingLabels = "near_conflicting_labels"
        /// The same pixels more than once in one part.
        case duplicates
        /// Nearly the same picture more than once in one part.
        case nearDuplicates = "near_duplicates"
        /// Only one class.
        case singleClass = "single_class"
        /// Classes that a part lacks.
        case missingClasses = "missing_classes"
        /// Classes with fewer training pictures than ``DatasetCheck/fewestPictures``.
        case smallClasses = "small_classes"
        /// A class with more than ``DatasetCheck/mostImbalance`` times the training pictures of another.
        case imbalance
        /// Pictures of one colour.
        case blank
        /// Pictures that are much smaller than most.
        case tiny
        /// Pictures without colours among others with colours.
        case mixedColors = "mixed_colors"
        /// JPEG files with the colours of four inks.
        case cmyk
        /// Files with more than 8 bits a sample.
        case sixteenBit = "sixteen_bit"
        /// Files with transparent pixels, or room for them.
        case transparent
        /// Files that say they have to be turned.
        case turned
        /// Pictures that a table names outside its own directory.
        case outsideFiles = "outside_files"

        /// How much it matters.
        public var severity: Severity {
            switch self {
            case .brokenFiles, .conflictingLabels: .error
            case .leak, .nearLeak: .leak
            case .cmyk, .sixteenBit, .transparent, .turned, .outsideFiles: .note
            default: .warning
            }
        }
    }

    /// A class with fewer training pictures is called small.
    public static let fewestPictures = 20
    /// How many times the pictures of the smallest class the largest one may have.
    public static let mostImbalance = 10

    /// Reads every picture once.
    ///
    /// - Parameters:
    ///   - threads: how many read.
    ///   - examples: the most examples that a finding has.
    ///   - progress: called now and then with the pictures of a part that have been read.
    /// - Throws: what `progress` throws; pictures that cannot be read are findings.
    public init(
        _ images: DatasetParts, threads: Int = AvailableProcessors.count, examples: Int = 20,
        progress: (_ dataset: String, _ read: Int, _ all: Int) throws -> Void = { _, _, _ in }
    ) throws {
        let survey = try PictureSurvey(images, threads: threads, mostFailures: examples, progress: progress)
        let pictures = FindingPictures(images: images, survey)
        let counts = survey.classCounts(of: images)
        let sizes = images.parts.indices.map { part in
            Sizes(of: survey.pictures.lazy.filter { $0.part == part })
        }
        var findings = [Finding.brokenFiles(of: images, survey, mostExamples: examples)].compactMap { $0 }
        findings += Finding.layout(of: images, mostExamples: examples)
        let search = DuplicateSearch(pictures: survey.pictures, thumbnails: survey.thumbnails)
        findings += DuplicateFindings(pictures, search, mostExamples: examples).findings
        let classFindings = ClassFindings(
            images.train.classes, images.train.targetKind, parts: images.parts.map(\.part), counts: counts,
            mostExamples: examples)
        findings += classFindings.findings
        findings += TraitFindings(pictures, median: sizes[0]?.median, mostExamples: examples).findings
        name = images.name
        classes = images.train.classes
        parts = images.parts.enumerated().map { position, part in
            let directory = images.directories[part.part].flatMap { ["train", "val", "test"].contains($0) ? nil : $0 }
            let readable = survey.pictures.count { $0.part == position }
            let hasSeveral = images.train.targetKind == .labels
            let withoutClass = survey.pictures.count {
                $0.part == position && survey.labelSets[Int($0.labels)].isEmpty
            }
            return Part(
                part: part.part, name: part.images.name, directory: directory, pictures: part.images.count,
                readable: readable, classCounts: counts[position], withoutClass: hasSeveral ? withoutClass : nil,
                classesPerPicture: hasSeveral && readable > 0
                    ? Double(counts[position].reduce(0, +)) / Double(readable) : nil,
                sizes: sizes[position])
        }
        let training = survey.pictures.lazy.filter { $0.part == 0 }
        channels = survey.sums.statistics(channels: training.allSatisfy { $0.traits.contains(.storedGrey) } ? 1 : 3)
        let order = Dictionary(uniqueKeysWithValues: Kind.allCases.enumerated().map { ($1, $0) })
        self.findings = findings.enumerated().sorted { one, other in
            func key(_ finding: (offset: Int, element: Finding)) -> (Severity, Int, Int) {
                (finding.element.severity, order[finding.element.kind] ?? 0, finding.offset)
            }
            return key(one) < key(other)
        }.map(\.element)
    }

    private enum CodingKeys: String, CodingKey {
        case name, classes, parts, channels, findings
    }
}

extension DatasetPart: Encodable {}

extension DatasetCheck.Sizes {
    fileprivate init?(of pictures: some Sequence<CheckedPicture>) {
        let sizes = pictures.map(\.size).sorted {
            ($0.height * $0.width, $0.height) < ($1.height * $1.width, $1.height)
        }
        guard let smallest = sizes.first, let largest = sizes.last else { return nil }
        self.init(
            smallest: smallest, median: sizes[sizes.count / 2], largest: largest, different: Set(sizes).count)
    }
}

extension DatasetCheck.Finding {
    init(
        _ kind: DatasetCheck.Kind, _ parts: [DatasetPart], count: Int, _ headline: String, _ advice: String,
        _ examples: [DatasetCheck.Example]
    ) {
        self.init(
            kind: kind, severity: kind.severity, parts: parts, count: count, headline: headline, advice: advice,
            examples: examples)
    }
}

/// The pictures of a dataset as findings name them.
struct FindingPictures {
    let images: DatasetParts
    let checked: [CheckedPicture]
    let parts: [DatasetPart]
    private let datasets: [any Dataset]
    private let labelSets: [[Int]]

    init(images: DatasetParts, _ survey: PictureSurvey) {
        self.images = images
        checked = survey.pictures
        labelSets = survey.labelSets
        parts = images.parts.map(\.part)
        datasets = images.parts.map(\.images)
    }

    func part(_ position: Int) -> Int { Int(checked[position].part) }

    func named(_ position: Int) -> DatasetCheck.Picture {
        let picture = checked[position]
        let dataset = datasets[Int(picture.part)]
        return DatasetCheck.Picture(
            part: parts[Int(picture.part)], index: Int(picture.index), name: dataset.imageName(at: Int(picture.index)),
            label: labelSets[Int(picture.labels)].map { dataset.classes[$0] }.joined(separator: ", "))
    }

    func example(_ positions: [Int], count: Int? = nil, note: String? = nil) -> DatasetCheck.Example {
        DatasetCheck.Example(
            pictures: positions.prefix(DatasetCheck.Example.mostPictures).map(named),
            count: count ?? positions.count, note: note)
    }
}
