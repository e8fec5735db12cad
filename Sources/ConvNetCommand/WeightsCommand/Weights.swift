import ArgumentParser

struct Weights: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what files of weights hold.",
        discussion: """
            convnet weights inspect resnet18-f37072fd.pth
            """,
        subcommands: [WeightsInspect.self])
}
