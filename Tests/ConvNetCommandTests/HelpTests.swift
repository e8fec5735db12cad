import CommandTestSupport
import ConvNetRuns
import Testing

@Suite struct HelpTests {
    #if CONVNET_RUN_INDEX
    private static let runs = "Lists, shows, compares and removes runs."
    #else
    private static let runs = "Shows and compares runs."
    #endif

    @Test func rootHelpListsTheSubcommands() async throws {
        let outcome = try await Workplace().run("--help")
        #expect(
            outcome.output == """
                OVERVIEW: Trains, evaluates and applies convolutional image classifiers.

                convnet train photos
                convnet predict runs/resnet18-1 photo.jpg
                convnet evaluate runs/resnet18-1 --dataset more-photos

                USAGE: convnet <subcommand>

                OPTIONS:
                  --version               Show the version.
                  -h, --help              Show help information.

                SUBCOMMANDS:
                  train                   Trains a network on a dataset.
                  evaluate                Measures a model's accuracy and loss on a dataset.
                  predict                 Says what images show.
                  zoo                     Lists the networks that have a name, family by family.
                  summary                 Lists a network's layers with their shapes,
                                          parameters, arithmetic and memory.
                  layer                   Says what one layer makes of its input: shape,
                                          parameters and arithmetic.
                  compare                 Compares networks' arithmetic, parameters, memory and
                                          published accuracy.
                  verify                  Checks that a model gives the numbers on this machine
                                          that its author's machine gave.
                  check                   Says whether a run is whole: its files, their
                                          checksums, and its dataset.
                  runs                    \(Self.runs)
                  benchmark               Measures how fast a network trains or predicts on
                                          this machine, on made-up images.
                  datasets                Lists, checks, previews and exports datasets.
                  weights                 Shows what files of weights hold.

                  See 'convnet help <subcommand>' for detailed help.

                """)
        #expect(outcome.errors == "")
        #expect(outcome.ending == .exit(0))
    }

    @Test func summaryHelpListsItsOptions() async throws {
        let outcome = try await Workplace().run("summary", "--help")
        #expect(
            outcome.output == """
                OVERVIEW: Lists a network's layers with their shapes, parameters, arithmetic
                and memory.

                convnet summary lenet5
                convnet summary resnet20 --input 3x64x64 --batch-size 128

                Behind an operation stand its kernel, stride (s), padding (p), dilation (d) and
                groups (g). Field, stride and offset: the size of what an output sees, the
                distance between neighbours' fields, where the first begins, in input pixels.

                USAGE: convnet summary <network> [--input <input>] [--classes <classes>] [--batch-size <batch-size>] [--plan] [--json]

                ARGUMENTS:
                  <network>               A network: a name ('convnet zoo' lists them), a .yaml
                                          file of layers, a run's directory or a model file.

                OPTIONS:
                  --input <input>         The images' shape C×H×W, e.g. 1x28x28. (default: the
                                          network's own)
                  --classes <classes>     The number of classes. (default: the network's own)
                  --batch-size <batch-size>
                                          Images a training step, for the memory that it takes.
                                          (default: 64)
                  --plan                  Say what the engine's plans would take, too: with its
                                          layouts, algorithms and shared memory.
                  --json                  Print one JSON document, also where something fails.
                  --version               Show the version.
                  -h, --help              Show help information.


                """)
        #expect(outcome.errors == "")
        #expect(outcome.ending == .exit(0))
    }

    @Test func compareHelpListsItsOptions() async throws {
        let outcome = try await Workplace().run("compare", "--help")
        #expect(
            outcome.output == """
                OVERVIEW: Compares networks' arithmetic, parameters, memory and published
                accuracy.

                convnet compare lenet5 convnet4 resnet20
                convnet compare lenet5 resnet20 --html comparison.html

                USAGE: convnet compare <networks> ... [--html <html>] [--json]

                ARGUMENTS:
                  <networks>              Networks: names, .yaml files of layers, runs'
                                          directories or model files; one that is named twice
                                          is shown once.

                OPTIONS:
                  --html <html>           Write a page to this file: the table, accuracy over
                                          arithmetic, and where in each network its memory,
                                          parameters and arithmetic are.
                  --json                  Print one JSON document, also where something fails.
                  --version               Show the version.
                  -h, --help              Show help information.


                """)
        #expect(outcome.errors == "")
        #expect(outcome.ending == .exit(0))
    }

    @Test func trainHelpTellsWhatItTakes() async throws {
        let help = try await Workplace().run("train", "--help").output
        #expect(help.contains("USAGE: convnet train [<options>] [<dataset|config>]\n"))
        for lines in [
            """
              <dataset|config>        A dataset: its name ('convnet datasets' lists them),
                                      its directory or its .csv table. Or a YAML file of
                                      settings, such as an earlier run's config.yaml;
                                      options given here go first.
            """,
            """
              --dataset <dataset>     The dataset, where a file of settings is given or
                                      none is named.
            """,
            """
              --test <test>           The share of the training images kept to measure the
                                      finished model with, where there is no such part;
                                      drawn first. (default: 0)
            """,
        ] {
            #expect(help.contains(lines), "\(lines)\nin\n\(help)")
        }
        #expect(help.contains("The network: a name ('convnet zoo' lists them), with"))
    }

    @Test func benchmarkHelpHasBothSpellings() async throws {
        let help = try await Workplace().run("benchmark", "--help").output
        #expect(help.contains("\n  --batch-size, --batch <batch-size>\n"))
    }

    @Test func theZooSaysWhereToStart() async throws {
        let place = try Workplace()
        let text = try await place.run("zoo").output
        for (name, images) in DefaultNetwork.startingPoints {
            let lines = text.split(separator: "\n").map(String.init)
            let line = try #require(lines.firstIndex { $0.hasPrefix("  \(name) ") })
            #expect(lines[line + 1].trimmingCharacters(in: .whitespaces) == "← start here: \(images)")
        }
        #expect(text.components(separatedBy: "start here").count - 1 == DefaultNetwork.startingPoints.count)
        let families = try #require(try await place.run("zoo", "--json").json() as? [[String: Any]])
        let networks = families.flatMap { $0["networks"] as? [[String: Any]] ?? [] }
        #expect(
            networks.filter { $0["start_here"] != nil }.compactMap { $0["name"] as? String }.sorted()
                == DefaultNetwork.startingPoints.map(\.name).sorted())
    }

    @Test func trainHelpTellsHowWeightsChange() async throws {
        let outcome = try await Workplace().run("train", "--help")
        #expect(
            outcome.output.contains(
                """

                OPTIMIZER:
                  --optimizer <optimizer> The update rule: sgd, adam, adamw, rmsprop, adagrad.
                                          (default: chosen; sgd where a learning rate or a
                                          momentum is given)
                  --learning-rate <learning-rate>
                                          The base of the schedule. (default: chosen; at most
                                          0.05 for sgd, 0.001 for adam and adamw)
                  --momentum <momentum>   For sgd and rmsprop, 0 to below 1. (default: 0.9 for
                                          sgd, 0 for rmsprop)
                  --nesterov/--no-nesterov
                                          Nesterov's momentum, for sgd.
                  --beta1 <beta1>         What stays of adam's and adamw's mean gradient.
                                          (default: 0.9)
                  --beta2 <beta2>         What stays of adam's and adamw's mean squared
                                          gradient. (default: 0.999)
                  --alpha <alpha>         What stays of rmsprop's mean squared gradient.
                                          (default: 0.99)
                  --centered/--no-centered
                                          Divide by rmsprop's standard deviation, not its root
                                          mean square.
                  --epsilon <epsilon>     What is added to divisors, not for sgd. (default:
                                          1e-8, 1e-10 for adagrad)
                  --weight-decay <weight-decay>
                                          What is added to gradients, times the weights; for
                                          adamw taken from the weights. (default: 0.0005 for
                                          sgd, 0.01 for adamw, else 0)
                  --decay-biases-and-norms/--no-decay-biases-and-norms
                                          Weight decay of biases, scales and shifts too.
                                          (default: yes)
                  --group <PATTERN:rate=R,decay=D>
                                          Parameters with a factor of the learning rate or a
                                          weight decay of their own, e.g.
                                          'features.*:rate=0.1,decay=0'; rate=0 freezes. May be
                                          repeated: the last that matches decides.
                  --freeze <pattern>      Parameters that stand still, e.g. 'features.*': batch
                                          norms among them with their statistics. May be
                                          repeated; none freezes nothing. (default: the batch
                                          norms of which the network says so)
                  --clip-norm <clip-norm> The largest norm of all gradients together. (default:
                                          none)
                  --clip-value <clip-value>
                                          The largest magnitude of a gradient's element.
                                          (default: none)

                LOSS AND SCHEDULE:
                  --loss <loss>           cross-entropy, binary-cross-entropy,
                                          mean-squared-error. (default: cross-entropy;
                                          binary-cross-entropy where images have any number of
                                          classes)
                  --label-smoothing <label-smoothing>
                                          The share of a label that is spread over all classes,
                                          0 to 1. (default: 0)
                  --class-weights <weights>
                                          What each class counts, e.g. 1,2,1. (default: all the
                                          same)
                  --positive-weights <weights>
                                          What having each class counts for
                                          binary-cross-entropy, e.g. 1,2,1. (default: as much
                                          as not having it)
                  --schedule <schedule>   constant, step:EPOCHS[:FACTOR], cosine[:FINAL],
                                          one-cycle, linear[:FINAL], inverse-square-root,
                                          plateau[:FACTOR[:PATIENCE]]. (default: one-cycle)
                  --warmup <warmup>       Epochs in which the learning rate rises linearly.
                                          (default: 0)
                  --average <average>     Validate and save a moving average of the weights
                                          with this decay, e.g. 0.999. (default: none)
                  --objective <objective> What epochs are compared by in validation, to keep
                                          the best, for --patience and the plateau schedule:
                                          loss, accuracy, top5_accuracy, macro_f1,
                                          balanced_accuracy, mean_average_precision,
                                          expected_calibration_error. (default: accuracy, of
                                          equal ones the lower loss; mean_average_precision
                                          where images have any number of classes)
                  --metrics <names>       What validation computes beside loss, accuracy and
                                          the objective, e.g. macro_f1. (default: all that suit
                                          the images)
                  --thresholds <thresholds>
                                          Where images have any number of classes, the
                                          probability from which on they are said to have one:
                                          0.4 for all, 0.3,0.5 for each, or fit for those with
                                          the best F1 in validation. (default: 0.5)
                  --patience <patience>   Epochs without improvement in validation after which
                                          the run ends. (default: none)
                  --minimum-improvement <minimum-improvement>
                                          What counts as an improvement for --patience.
                                          (default: 0)
                  --monitor <monitor>     The former name of --objective: accuracy or loss.
                                          (values: accuracy, loss)


                """))
    }

    @Test func engineOptionsOfMostCommands() async throws {
        for command in ["train", "evaluate", "predict", "benchmark"] {
            let outcome = try await Workplace().run(command, "--help")
            #expect(
                outcome.output.contains(
                    """
                      --engine <engine>       What computes: \(Engines.names.joined(separator: " or ")).
                      --threads <threads>     Threads to compute with. (default, and most: as many
                                              as the machine grants)
                      --precision <precision> The numbers that feature maps and convolutions are
                                              computed with. (default: fp32) (values: fp32, bf16)
                      --no-autotune           Choose algorithms for convolutions by their shapes,
                                              without timing them.
                      --exact-arithmetic      Compute every convolution as the direct sum of
                                              products, the most exact algorithm.
                      --json                  Print one JSON document, also where something fails.
                    """), "\(command)")
        }
    }

    /// There is nothing to choose but the opposite of what other commands do.
    @Test func verifyIsExactUnlessAskedOtherwise() async throws {
        let help = try await Workplace().run("verify", "--help").output
        #expect(
            help.contains(
                """
                  --fast-arithmetic       Compute with the fastest algorithms, as other
                                          commands do, not with the most exact ones.
                """))
        #expect(!help.contains("--exact-arithmetic") && !help.contains("--no-autotune"))
    }

    /// Each example is a command that works as it stands, so the parser must take it.
    @Test(arguments: [
        ("train", "convnet train photos"),
        ("train", "convnet train fashion-mnist --model convnet4 --out runs/long"),
        ("train", "convnet train --resume --out runs/long"),
        ("train", "convnet train runs/long/config.yaml --seed 2"),
        ("evaluate", "convnet evaluate runs/lenet5-1 --dataset fashion-mnist"),
        ("predict", "convnet predict runs/long shoe.png shirt.png"),
        ("predict", "convnet predict runs/long --dataset fashion-mnist --index 7"),
        ("summary", "convnet summary lenet5"),
        ("summary", "convnet summary resnet20 --input 3x64x64 --batch-size 128"),
        ("layer", "convnet layer 'Conv2D(10, kernel: 5, padding: 2)' --input 3x32x32"),
        ("compare", "convnet compare lenet5 convnet4 resnet20"),
        ("compare", "convnet compare lenet5 resnet20 --html comparison.html"),
        ("verify", "convnet verify runs/lenet5-1"),
        ("benchmark", "convnet benchmark lenet5 --mode train --batch-size 64"),
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
