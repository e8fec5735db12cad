import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import Foundation

/// Which images of a dataset are for training and which for validation: what a run leaves as `split.json`, so that another
/// one, or an evaluation, can use the same.
///
/// Images are named by their paths within the dataset; those of datasets without files by their positions, `#0`, `#1`, ….
public struct SplitFile: Hashable, Codable, Sendable {
    /// The dataset's name.
    public var dataset: String
    /// What the network learns from.
    public var train: [String]
    /// What its epochs are compared by.
    public var validation: [String]
    /// What it is measured on; nil where the dataset has a test part of its own, or none.
    public var test: [String]?

    /// The parts of one dataset, by positions in it.
    init(_ dataset: any Dataset, training: [Int], validation: [Int], test: [Int]?) {
        func names(_ positions: [Int]) -> [String] {
            positions.map { Self.name(dataset.imageName(at: $0), in: dataset.name) }
        }
        self.dataset = dataset.name
        train = names(training)
        self.validation = names(validation)
        self.test = test.map(names)
    }

    /// - Throws: `DatasetError.badSplit`, and why the file could not be read.
    public init(contentsOf url: URL) throws(DatasetError) {
        // JSONDecoder keeps what it has parsed beside what it makes of it.
        let data = try readFile(url, bytesForEach: 20)
        do {
            self = try JSONText.decode(SplitFile.self, from: data)
        } catch {
            throw .badSplit(
                file: url.path, problem: "it is no JSON object with \"dataset\" and lists \"train\" and \"validation\"")
        }
    }

    /// - Throws: ``FileWriteError``.
    public func write(to url: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(self), to: url)
    }

    /// The positions that the parts have in a dataset, in the dataset's order.
    ///
    /// - Throws: `DatasetError.badSplit` where the file names an image that the dataset lacks, or names one twice.
    func positions(in dataset: any Dataset) throws(DatasetError) -> (train: [Int], validation: [Int], test: [Int]?) {
        func fail(_ problem: String) -> DatasetError { .badSplit(file: "split of \(self.dataset)", problem: problem) }
        // Names of files: Swift would take two that read alike for one.
        var positions: [ExactText: Int] = [:]
        for index in 0..<dataset.count {
            positions[ExactText(Self.name(dataset.imageName(at: index), in: dataset.name))] = index
        }
        var seen: Set<Int> = []
        func find(_ names: [String]) throws(DatasetError) -> [Int] {
            var found: [Int] = []
            for name in names {
                // Earlier versions left out the dataset's name where a file's began with it.
                guard let index = positions[ExactText(name)] ?? positions[ExactText("\(dataset.name) \(name)")] else {
                    throw fail("it names '\(printable(name))', which \(dataset.name) lacks")
                }
                guard seen.insert(index).inserted else { throw fail("it names '\(printable(name))' twice") }
                found.append(index)
            }
            return found.sorted()
        }
        let (train, validation) = (try find(train), try find(validation))
        guard !train.isEmpty else { throw fail("it has no image to train on") }
        return (train, validation, test == nil ? nil : try find(test ?? []))
    }
}

extension SplitFile {
    /// How many of some pictures are among those that a network learnt from; nil where they are of a dataset of another
    /// name.
    ///
    /// - Parameter dataset: the name of the dataset, or part of one, that the pictures are all or some of.
    public func trainedOn(_ images: any Dataset, of dataset: String) -> Int? {
        guard dataset == self.dataset else { return nil }
        let train = Set(train.map(ExactText.init))
        return (0..<images.count).count {
            train.contains(ExactText(Self.name(images.imageName(at: $0), in: dataset)))
        }
    }

    /// An image's name; of a dataset without files, that is called `data #3`, `#3`.
    private static func name(_ whole: String, in dataset: String) -> String {
        let (bytes, prefix) = (whole.utf8, "\(dataset) #".utf8)
        let isPosition =
            bytes.starts(with: prefix) && bytes.count > prefix.count
            && bytes.dropFirst(prefix.count).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isPosition ? "#" + String(Substring(bytes.dropFirst(prefix.count))) : whole
    }
}
