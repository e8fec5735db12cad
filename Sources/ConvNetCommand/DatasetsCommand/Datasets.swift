import ArgumentParser

struct Datasets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists, checks, previews and exports datasets.",
        discussion: """
            convnet datasets
            convnet datasets fashion-mnist
            convnet datasets check photos
            convnet datasets preview photos --augment imagenet --out sheet.png
            """,
        subcommands: [Show.self, Check.self, Preview.self, Benchmark.self, Export.self], defaultSubcommand: Show.self)
}
