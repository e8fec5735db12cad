import ArgumentParser
import ConvNet
import ConvNetGraph
import ConvNetPages
import ConvNetTraining

extension Datasets {
    /// What `convnet datasets` does where no subcommand is named.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the datasets that are known by name, or describes one.",
            discussion: """
                convnet datasets
                convnet datasets fashion-mnist
                convnet datasets photos
                """)

        @Argument(help: "A dataset's name or the path of its directory.")
        var dataset: String?

        @OptionGroup var output: OutputOptions

        func run() throws {
            if let dataset { try describe(dataset) } else { try list() }
        }
    }
}

// MARK: - All datasets

extension Datasets.Show {
    private struct Listing: Encodable {
        var name: String
        var summary: String
        var installation: String
        /// Where it is; null where it is not installed.
        var directory: String?

        private enum CodingKeys: CodingKey {
            case name, summary, installation, directory
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(summary, forKey: .summary)
            try container.encode(installation, forKey: .installation)
            try container.encode(directory, forKey: .directory)
        }
    }

    private func list() throws {
        let listings = DatasetCatalog.all.map {
            Listing(name: $0.name, summary: $0.summary, installation: $0.installation, directory: $0.directory?.path)
        }
        if output.json { return try Terminal.write(json: listings) }
        for listing in listings {
            Terminal.write(wrapping: "\(listing.name)  \(listing.summary)")
            Terminal.write("  \(listing.directory.map { "installed in \($0)" } ?? listing.installation)")
        }
        Terminal.write(
            wrapping:
                "A directory is a dataset too: give its path. It holds a sub-directory of pictures for each class (at its top or "
                + "under train, val and test), a labels.csv, or the files of MNIST's form, CIFAR-10 or CIFAR-100."
        )
    }
}

// MARK: - One dataset

extension Datasets.Show {
    private struct Details: Encodable {
        var name: String
        /// Missing where pictures are of any size.
        var imageShape: Shape?
        var classes: [String]
        var trainingImages: Int
        /// Missing where there is no such part.
        var validationImages: Int?
        var testImages: Int?
        /// By class.
        var trainingCounts: [Int]
        var validationCounts: [Int]?
        var testCounts: [Int]?
        /// By part, the images without any class; missing where each has exactly one.
        var withoutClass: [String: Int]?
        /// Missing where there are none.
        var badFiles: [String]?

        private enum CodingKeys: String, CodingKey {
            case name, classes
            case imageShape = "image_shape"
            case trainingImages = "training_images"
            case validationImages = "validation_images"
            case testImages = "test_images"
            case trainingCounts = "training_counts"
            case validationCounts = "validation_counts"
            case testCounts = "test_counts"
            case withoutClass = "without_class"
            case badFiles = "bad_files"
        }

        init(_ data: DatasetParts) {
            name = data.name
            imageShape = data.train.imageShape
            classes = data.train.classes
            trainingImages = data.train.count
            validationImages = data.validation?.count
            testImages = data.test?.count
            trainingCounts = data.train.classCounts
            validationCounts = data.validation?.classCounts
            testCounts = data.test?.classCounts
            if data.train.targetKind == .labels {
                withoutClass = Dictionary(
                    uniqueKeysWithValues: data.parts.map { part, images in
                        (part.rawValue, (0..<images.count).count { images.target(at: $0).classes.isEmpty })
                    })
            }
            badFiles = data.badFiles.isEmpty ? nil : data.badFiles.map(\.problem)
        }

        /// The parts that there are, by the names that the table has.
        var parts: [(name: String, images: Int, counts: [Int])] {
            [
                ("training", trainingImages, trainingCounts), ("validation", validationImages, validationCounts),
                ("test", testImages, testCounts),
            ].compactMap { name, images, counts in
                guard let images, let counts else { return nil }
                return (name, images, counts)
            }
        }
    }

    private func describe(_ name: String) throws {
        let data = try DatasetCatalog.open(name, needsTraining: false)
        Terminal.writeNotices(data.notices)
        let details = Details(data)
        if output.json { return try Terminal.write(json: details) }
        let parts = details.parts
        let counts = parts.map { "\($0.images.grouped) \($0.name)" }
        let list =
            counts.count > 1
            ? counts.dropLast().joined(separator: ", ") + " and " + counts[counts.count - 1] : counts.joined()
        let what = details.imageShape.map { "images, \($0)" } ?? "pictures of any size"
        Terminal.write(wrapping: "\(details.name): \(list) \(what)")
        var table = TextTable(columns: [.right("class"), .left("name")] + parts.map { .right($0.name) })
        for (index, name) in details.classes.enumerated() {
            table.append(["\(index)", name] + parts.map { $0.counts[index].grouped })
        }
        Terminal.write(text: "\(table)")
        if let withoutClass = details.withoutClass {
            let counts = data.parts.map { "\(withoutClass[$0.part.rawValue, default: 0].grouped) of \($0.part)" }
            Terminal.write(
                wrapping: "images have any number of classes; without any: \(counts.joined(separator: ", "))")
        }
        if !data.badFiles.isEmpty {
            Terminal.write(
                wrapping:
                    "\(data.badFiles.count.counted("file")) beside them cannot be used: "
                    + "'convnet datasets check' says why.")
        }
    }
}
