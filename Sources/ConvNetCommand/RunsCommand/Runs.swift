import ArgumentParser

struct Runs: ParsableCommand {
    #if CONVNET_RUN_INDEX
    static let configuration = CommandConfiguration(
        abstract: "Lists, shows, compares and removes runs.",
        discussion: """
            convnet runs
            convnet runs --where 'model=resnet20 accuracy>0.9' --sort accuracy
            convnet runs show runs/resnet20-1
            convnet runs compare runs/resnet20-1 runs/resnet20-2 --html page.html
            convnet runs clean --where 'accuracy<50%'
            """,
        subcommands: [RunsList.self, RunsShow.self, RunsCompare.self, RunsClean.self],
        defaultSubcommand: RunsList.self)
    #else
    static let configuration = CommandConfiguration(
        abstract: "Shows and compares runs.",
        discussion: """
            convnet runs show runs/resnet20-1
            convnet runs compare runs/resnet20-1 runs/resnet20-2 --html page.html

            This program was built without the package's trait RunIndex, and so without 'runs list' and 'runs clean'.
            """,
        subcommands: [RunsShow.self, RunsCompare.self])
    #endif
}
