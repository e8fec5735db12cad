import ArgumentParser
import ConvNet

struct DatasetsParent: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datasets", abstract: "x",
        subcommands: [Datasets.self, DatasetsBenchmark.self, DatasetsPreview.self, DatasetsExport.self],
        defaultSubcommand: Datasets.self)
}
struct Datasets: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Lists the datasets that are known by name, or describes one.",
        discussion: """
            convnet datasets
            convnet datasets fashion-mnist
            """)

    @Argument(help: "A dataset's name or the path of its directory.")
    var dataset: String?

    @OptionGroup var output: OutputOptions

    private struct Listing: Encodable {
        var name: String
        var summary: String
        var installation: String
        /// Where it is; null where it is not installed.
        var directory: String?
    }

    private struct Details: Encodable {
        var name: String
        var imageShape: Shape
        var classes: [String]
        var trainingImages: Int
        var testImages: Int
        /// By class.
        var trainingCounts: [Int]
        var testCounts: [Int]

        private enum CodingKeys: String, CodingKey {
            case name, classes
            case imageShape = "image_shape"
            case trainingImages = "training_images"
            case testImages = "test_images"
            case trainingCounts = "training_counts"
            case testCounts = "test_counts"
        }
    }

    func run() throws {
        if let dataset { try describe(dataset) } else { try list() }
    }

    private func list() throws {
        let listings = DatasetCatalog.all.map {
            Listing(name: $0.name, summary: $0.summary, installation: $0.installation, directory: $0.directory?.path)
        }
        if output.json { return try Terminal.write(json: listings) }
        for listing in listings {
            Terminal.write("\(listing.name)  \(listing.summary)")
            Terminal.write("  \(listing.directory.map { "installed in \($0)" } ?? listing.installation)")
        }
        Terminal.write(
            "A directory with files in MNIST's form, or those of CIFAR-10 or CIFAR-100, is a dataset too: give its path."
        )
    }

    private func describe(_ name: String) throws {
        let data = try DatasetCatalog.open(name)
        let details = Details(
            name: data.name, imageShape: data.train.imageShape, classes: data.train.classes,
            trainingImages: data.train.count, testImages: data.test.count,
            trainingCounts: data.train.classCounts, testCounts: data.test.classCounts)
        if output.json { return try Terminal.write(json: details) }
        Terminal.write(
            "\(details.name): \(details.trainingImages.grouped) training and \(details.testImages.grouped) test images, "
                + "\(details.imageShape)")
        var table = TextTable(columns: [.right("class"), .left("name"), .right("training"), .right("test")])
        for (index, name) in details.classes.enumerated() {
            table.append(["\(index)", name, details.trainingCounts[index].grouped, details.testCounts[index].grouped])
        }
        Terminal.write("\(table)")
    }
}

extension Dataset {
    /// The number of images of each class.
    fileprivate var classCounts: [Int] {
        (0..<count).reduce(into: [Int](repeating: 0, count: classes.count)) { $0[label(at: $1)] += 1 }
    }
}
