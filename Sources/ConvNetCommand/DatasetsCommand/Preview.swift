import ArgumentParser
import ConvNet
import Foundation

extension Datasets {
    struct Preview: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Draws what augmentation does to images, before training with it.",
            discussion: "convnet datasets preview photos --augment alexnet --out sheet.png")

        @OptionGroup var augmentation: AugmentationOptions

        @Option(name: .customLong("out"), help: "The PNG file to write.")
        var output: String

        @Option(help: "Classes to show, an image of each.")
        var rows = 10

        @Option(help: "Epochs to show of each image.")
        var columns = 6

        func validate() throws {
            if !(1...200).contains(rows) { throw ValidationError("--rows must be 1 to 200, received \(rows)") }
            if !(1...50).contains(columns) { throw ValidationError("--columns must be 1 to 50, received \(columns)") }
        }

        func run() throws {
            let dataset = try augmentation.open()
            let sheet = try ContactSheet(
                previewing: dataset, preset: augmentation.augment, rows: rows, columns: columns)
            try AtomicFile.write(PNG.encode(sheet.render()), to: URL(filePath: output))
            Terminal.write("\(sheet.rows.count) images of \(dataset.name), each in \(columns) epochs: \(output)")
        }
    }
}
