import ArgumentParser
import ConvNet

extension Datasets {
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says before training what is wrong with a dataset's pictures.",
            discussion: """
                convnet datasets check photos
                convnet datasets check fashion-mnist --json

                Decodes every picture and compares it with all others: files that cannot be
                read, copies with another label or in another part, classes with few pictures,
                sizes, means and deviations. A finding is no failure: the exit status is 0.
                """)

        @Argument(help: "A dataset's name or the path of its directory.")
        var dataset: String

        @Option(help: "The most examples that are listed of a finding.")
        var examples = 20

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (0...1_000_000).contains(examples) else {
                throw ValidationError("--examples must be 0 to 1000000, received \(examples)")
            }
        }

        func run() throws {
            let images = try DatasetCatalog.open(dataset)
            let progress = CountingLine("checking")
            let check = try DatasetCheck(images, examples: examples) { progress.show($0, $1, of: $2) }
            progress.erase()
            if output.json { return try Terminal.write(json: check) }
            Terminal.write(text: CheckReport(check, width: min(80, Terminal.outputWidth ?? 80)).text)
        }
    }
}
