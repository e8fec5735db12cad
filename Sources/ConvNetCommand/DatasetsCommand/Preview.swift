import ArgumentParser
import ConvNet
import ConvNetGraph
import Foundation

extension Datasets {
    struct Preview: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Draws what augmentation does to images, before training with it.",
            discussion: """
                convnet datasets preview photos --augment alexnet --out sheet.png
                convnet datasets preview photos --augment imagenet --out sheet.html
                """)

        @OptionGroup var augmentation: AugmentationOptions

        @Option(name: .customLong("out"), help: "The file to write: a PNG picture, or a page where it ends in .html.")
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
            let (dataset, shape) = try augmentation.open()
            let sheet = try ContactSheet(
                previewing: dataset, shape: shape, preset: augmentation.augment, rows: rows, columns: columns)
            let isPage = [".html", ".htm"].contains { output.lowercased().hasSuffix($0) }
            let content = try isPage ? Data(sheet.html().utf8) : PNG.encode(sheet.render())
            try AtomicFile.write(content, to: URL(filePath: output))
            Terminal.write("\(sheet.rows.count) images of \(dataset.name), each in \(columns) epochs: \(output)")
            guard !isPage, !sheet.legend.isEmpty else { return }
            Terminal.write(
                "The picture has letters of Latin only, and numbers other rows; a page (--out sheet.html) has all letters."
            )
            for (row, caption) in sheet.legend { Terminal.write("  row \(row): \(caption)") }
        }
    }
}
