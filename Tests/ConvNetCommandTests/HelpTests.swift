import Testing

@Suite struct HelpTests {
    @Test func rootHelpListsTheSubcommands() async throws {
        let outcome = try await Workplace().run("--help")
        #expect(
            outcome.output == """
                OVERVIEW: Trains, evaluates and applies convolutional image classifiers.

                convnet train --dataset fashion-mnist --model lenet5
                convnet evaluate runs/lenet5-1/model.safetensors --dataset fashion-mnist
                convnet predict runs/lenet5-1/model.safetensors shoe.png

                USAGE: convnet <subcommand>

                OPTIONS:
                  --version               Show the version.
                  -h, --help              Show help information.

                SUBCOMMANDS:
                  train                   Trains a network on a dataset.
                  evaluate                Measures a model's accuracy and loss on a dataset.
                  predict                 Says what images show.
                  summary                 Lists a network's layers with their shapes,
                                          parameters and arithmetic.
                  verify                  Checks that a model gives the numbers on this machine
                                          that its author's machine gave.
                  benchmark               Measures how fast a network trains or predicts on
                                          this machine, on made-up images.
                  datasets                Lists the datasets that are known by name, or
                                          describes one.

                  See 'convnet help <subcommand>' for detailed help.

                """)
        #expect(outcome.errors == "")
        #expect(outcome.ending == .exit(0))
    }

    @Test func summaryHelpListsItsOptions() async throws {
        let outcome = try await Workplace().run("summary", "--help")
        #expect(
            outcome.output == """
                OVERVIEW: Lists a network's layers with their shapes, parameters and
                arithmetic.

                convnet summary lenet5

                USAGE: convnet summary <network> [--input <input>] [--classes <classes>] [--json]

                ARGUMENTS:
                  <network>               A network's name, or a model file.

                OPTIONS:
                  --input <input>         The images' shape C×H×W, e.g. 1x28x28. (default: the
                                          network's own)
                  --classes <classes>     The number of classes of a network that is given by
                                          name. (default: 10)
                  --json                  Print one JSON document.
                  --version               Show the version.
                  -h, --help              Show help information.


                """)
        #expect(outcome.errors == "")
        #expect(outcome.ending == .exit(0))
    }

    /// Each example is a command that works as it stands, so the parser must take it.
    @Test(arguments: [
        ("train", "convnet train --dataset fashion-mnist --model lenet5"),
        ("train", "convnet train --resume --out runs/long"),
        ("train", "convnet train runs/long/config.yaml --seed 2"),
        ("evaluate", "convnet evaluate runs/lenet5-1/model.safetensors --dataset fashion-mnist"),
        ("predict", "convnet predict runs/long/model.safetensors shoe.png shirt.png"),
        ("predict", "convnet predict runs/long/model.safetensors --dataset fashion-mnist --index 7"),
        ("summary", "convnet summary lenet5"),
        ("verify", "convnet verify runs/lenet5-1/model.safetensors"),
        ("benchmark", "convnet benchmark lenet5 --mode train --batch 64"),
        ("datasets", "convnet datasets fashion-mnist"),
    ])
    func everySubcommandHasExamples(name: String, example: String) async throws {
        let place = try Workplace()
        let help = try await place.run(name, "--help")
        #expect(help.output.contains("\n\(example)\n"))
        #expect(help.output.contains("USAGE: convnet \(name) "))
        #expect(help.errors == "")
        #expect(help.ending == .exit(0))
        #expect(try await place.run("help", name).output == help.output)
    }

    @Test func printsItsVersion() async throws {
        let outcome = try await Workplace().run("--version")
        #expect(outcome.output == "convnet 0.1.0\n")
        #expect(outcome.errors == "")
        #expect(outcome.ending == .exit(0))
    }

    @Test func printsHelpWithoutArguments() async throws {
        let place = try Workplace()
        let outcome = try await place.run()
        #expect(outcome.output == (try await place.run("--help").output))
        #expect(outcome.ending == .exit(0))
    }
}
