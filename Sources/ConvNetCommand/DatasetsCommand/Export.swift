import ArgumentParser
import ConvNet
import ConvNetPages
import Foundation

extension Datasets {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a dataset as a folder of PNG files.",
            discussion: """
                convnet datasets export fashion-mnist --out fashion

                The folder has a sub-folder for each part and class, and a table, labels.csv, which keeps the order and the \
                names of the classes: training from it gives the same numbers.
                """)

        @Argument(help: "A dataset's name or the path of its directory.")
        var dataset: String

        @Option(name: .customLong("out"), help: "The folder, which must not hold anything yet.")
        var output: String

        func run() throws {
            let images = try DatasetCatalog.open(dataset)
            Terminal.writeNotices(images.notices)
            let progress = CountingLine("writing")
            var files = 0
            try DatasetExport.write(images, to: URL(filePath: output)) { written, all in
                files = written
                progress.show(images.name, written, of: all)
            }
            progress.erase()
            Terminal.write(
                "\(files.counted("image")) of \(images.train.classes.count.counted("class", plural: "classes")) in \(output)"
            )
        }
    }
}
