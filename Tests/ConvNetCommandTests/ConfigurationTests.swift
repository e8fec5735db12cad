import CommandTestSupport
import ConvNet
import Testing

@Suite struct ConfigurationTests {
    @Test func holdsEverySetting() async throws {
        let place = try await Workplace.withModel()
        var lines = try place.text("run/config.yaml").split(separator: "\n").map(String.init)
        // The default depends on how the program was built.
        lines.removeAll { $0.hasPrefix("engine: ") }
        #expect(
            lines == [
                "dataset: \(place.file("data").path)", "dataset_from_run: ../data", "model: lenet5", "epochs: 1",
                "batch_size: 16", "accumulate: 1",
                "optimizer:", "  kind: sgd", "  momentum: 0.9", "  nesterov: false", "  weight_decay: 0.0005",
                "learning_rate: 0.02", "decay_biases_and_norms: true", "loss:", "  kind: cross-entropy",
                "  label_smoothing: 0.0", "schedule:", "  kind: one-cycle", "  warmup: 0.0", "objective: accuracy",
                "validation: 0.05",
                "test: 0.0", "size: '12'", "augment: none", "skip_bad_images: false",
                "evaluation_batch_size: 128", "seed: 1",
                "threads: 1",
                "precision: fp32", "algorithms: measured",
            ])
    }

    @Test func canBeGivenBack() async throws {
        let place = try Workplace.withDataset()
        let first = try await place.run(Workplace.training(epochs: 1, ["--no-autotune"]))
        #expect(first.ending == .exit(0))
        let again = try await place.run("train", "run/config.yaml", "--out", "again")
        #expect(again.ending == .exit(0))
        #expect(try place.data("again/config.yaml") == place.data("run/config.yaml"))
        #expect(try place.data("again/model.safetensors") == place.data("run/model.safetensors"))
    }

    @Test func givesWayToOptions() async throws {
        let place = try await Workplace.withModel()
        let other = try await place.run(
            "train", "run/config.yaml", "--seed", "2", "--nesterov", "--schedule", "cosine:0.5", "--out", "other")
        #expect(other.ending == .exit(0))
        let expected = try place.text("run/config.yaml").replacing("seed: 1", with: "seed: 2")
            .replacing("nesterov: false", with: "nesterov: true").replacing("one-cycle", with: "cosine:0.5")
        #expect(try place.text("other/config.yaml") == expected)
        #expect(try place.data("other/model.safetensors") != place.data("run/model.safetensors"))
    }

    /// Everything that can be asked for, in the file and out of it again; and resumed with it.
    @Test func holdsWhatIsAskedFor() async throws {
        let place = try Workplace.withDataset()
        let options = [
            "--optimizer", "adamw", "--beta2", "0.99", "--epsilon", "1e-6", "--no-decay-biases-and-norms", "--group",
            "*.weight:rate=0.5,decay=0.1", "--group", "*.bias:rate=0.25", "--clip-norm", "2", "--accumulate", "3",
            "--schedule", "plateau:0.5:0", "--average", "0.9", "--patience", "2", "--monitor", "loss",
            "--minimum-improvement", "0.001",
        ]
        let outcome = try await place.run(Workplace.training(epochs: 3, options + ["--no-autotune"]))
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        let text = try place.text("run/config.yaml")
        for lines in [
            "accumulate: 3\noptimizer:\n  kind: adamw\n  beta1: 0.9\n  beta2: 0.99\n  epsilon: 1e-06\n  weight_decay: 0.01\n",
            "learning_rate: 0.02\ndecay_biases_and_norms: false\n",
            "groups:\n- pattern: '*.weight'\n  rate: 0.5\n  decay: 0.1\n- pattern: '*.bias'\n  rate: 0.25\n",
            "clip_norm: 2.0\nloss:\n  kind: cross-entropy\n",
            "average: 0.9\nobjective: loss\npatience: 2\nminimum_improvement: 0.001\n",
        ] {
            #expect(text.contains(lines), "\(lines) in \(text)")
        }
        #expect(!text.contains("momentum") && !text.contains("clip_value"))
        let again = try await place.run("train", "run/config.yaml", "--out", "again")
        #expect(again.ending == .exit(0), "\(again.errors)")
        #expect(try place.text("again/config.yaml") == text)
        #expect(try place.data("again/model.safetensors") == place.data("run/model.safetensors"))
        try await place.expect(
            ["train", "--resume", "--out", "run", "--clip-norm", "3"],
            failsWith: "a resumed run keeps its settings: clip_norm was 2.0, not 3.0")
        try await place.expect(
            ["train", "--resume", "--out", "run", "--clip-value", "3"],
            failsWith: "a resumed run keeps its settings: clip_value was off, not 3.0")
    }

    @Test(arguments: [
        ("--no-autotune", "estimated", "--exact-arithmetic", "exact"),
        ("--exact-arithmetic", "exact", "--no-autotune", "estimated"),
    ])
    func holdsHowAlgorithmsAreChosen(flag: String, name: String, other: String, otherName: String) async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(Workplace.training(epochs: 1, [flag]))
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(try place.text("run/config.yaml").hasSuffix("\nprecision: fp32\nalgorithms: \(name)\n"))
        let again = try await place.run("train", "run/config.yaml", "--out", "again")
        #expect(again.ending == .exit(0), "\(again.errors)")
        #expect(try place.text("again/config.yaml") == place.text("run/config.yaml"))
        #expect(try await place.run("train", "--resume", "--out", "run", flag).ending == .exit(0))
        try await place.expect(
            ["train", "--resume", "--out", "run", other],
            failsWith: "a resumed run keeps its settings: algorithms was \(name), not \(otherName)")
        try await place.expect(
            ["train", "--resume", "--out", "run", "--precision", "bf16"],
            failsWith: "a resumed run keeps its settings: precision was fp32, not bf16")
    }

    @Test(.enabled(if: (try? Engines.makeDefault(precision: .bf16)) != nil))
    func holdsThePrecision() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(Workplace.training(epochs: 1, ["--precision", "bf16"]))
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n")[0].contains(" in bf16 on 1 thread"))
        #expect(try place.text("run/config.yaml").contains("\nprecision: bf16\n"))
        let checkpoint = place.file("run/checkpoint/training.safetensors")
        #expect(try TrainingCheckpoint(contentsOf: checkpoint).precision == .bf16)
        let resumed = try await place.run("train", "--resume", "--out", "run")
        #expect(resumed.ending == .exit(0), "\(resumed.errors)")
        // What it has learnt is checked in float32.
        let verify = try await place.run("verify", Workplace.model)
        #expect(verify.ending == .exit(0), "\(verify.output)")
        let other = try await place.run("verify", Workplace.model, "--precision", "bf16", "--tolerance", "1e-6")
        #expect(other.ending == .exit(1), "\(other.output)")
    }

    /// As they were before there was a choice.
    @Test func oldRunsGoOn() async throws {
        let place = try await Workplace.withModel()
        let text = try place.text("run/config.yaml")
        try place.write(
            text.replacing("precision: fp32\n", with: "").replacing("algorithms: measured\n", with: ""),
            to: "run/config.yaml")
        let resumed = try await place.run("train", "--resume", "--out", "run")
        #expect(resumed.ending == .exit(0), "\(resumed.errors)")
        let again = try await place.run("train", "run/config.yaml", "--out", "again")
        #expect(again.ending == .exit(0), "\(again.errors)")
        #expect(try place.text("again/config.yaml") == text)
    }

    /// Rates that suit one optimizer do not suit another.
    @Test func anotherOptimizerHasItsOwnDefaults() async throws {
        let place = try await Workplace.withModel()
        let outcome = try await place.run("train", "run/config.yaml", "--optimizer", "adam", "--out", "other")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        let text = try place.text("other/config.yaml")
        #expect(text.contains("optimizer:\n  kind: adam\n  beta1: 0.9\n"))
        #expect(text.contains("  weight_decay: 0.0\nlearning_rate: 0.001\n"))
    }

    @Test func endsEarly() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(
            Workplace.training(epochs: 9, ["--patience", "1", "--minimum-improvement", "2"]))
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("ended after epoch 2: validation has not improved for long enough\n"))
        #expect(outcome.output.contains("test accuracy "))
        let resumed = try await place.run("train", "--resume", "--out", "run")
        #expect(resumed.errors.contains("ended after epoch 2: "))
    }

    @Test func needNotHoldEverything() async throws {
        let place = try Workplace.withDataset()
        try place.write("{dataset: data, epochs: 1}", to: "part.yaml")
        let outcome = try await place.run(
            "train", "part.yaml", "--model", "lenet5", "--threads", "1", "--out", "run")
        #expect(outcome.ending == .exit(0))
        // Of 240 images 192 are trained on, in batches of 8 for 20 steps an epoch.
        #expect(try place.text("run/config.yaml").contains("\nepochs: 1\nbatch_size: 8\n"))
    }

    private static let start = "dataset: data\nmodel: lenet5\n"

    @Test(arguments: [
        ("learning_rat: 0.1", "c.yaml: line 3: unknown setting 'learning_rat'. Did you mean 'learning_rate'?"),
        ("Epochs: 3", "c.yaml: line 3: unknown setting 'Epochs'. Did you mean 'epochs'?"),
        ("colour: red", "c.yaml: line 3: unknown setting 'colour'."),
        ("batch_size: nine", "c.yaml: line 3: the value of 'batch_size' is of the wrong kind"),
        ("batch_size: 1.5", "c.yaml: line 3: the value of 'batch_size' is of the wrong kind"),
        ("batch_size: [16]", "c.yaml: line 3: the value of 'batch_size' is of the wrong kind"),
        ("batch_size: 99999999999999999999", "c.yaml: line 3: the value of 'batch_size' is of the wrong kind"),
        ("seed: -1", "c.yaml: line 3: the value of 'seed' is of the wrong kind"),
        ("nesterov: 3", "c.yaml: line 3: the value of 'nesterov' is of the wrong kind"),
        ("epochs: 1\nepochs: 2", "c.yaml: it has the setting 'epochs' more than once"),
        ("epochs: [", "c.yaml: it is not YAML: line 4, column 1: did not find expected node content"),
        ("a: b: c", "c.yaml: it is not YAML: line 3, column 5: mapping values are not allowed in this context"),
        ("precision: fp16", "c.yaml: line 3: the value of 'precision' is of the wrong kind"),
        ("algorithms: fast", "c.yaml: line 3: the value of 'algorithms' is of the wrong kind"),
        (
            "precision: bf16\nengine: reference",
            "the reference engine cannot compute with bf16 here: it is written for float32; use fp32"
        ),
        ("engine: cuda", "Unknown engine 'cuda'. There are \(engines)."),
        ("optimizer: adan", "unknown optimizer 'adan'; there are 'sgd', 'adam', 'adamw', 'rmsprop', 'adagrad'"),
        (
            "optimizer: adam\nmomentum: 0.9",
            "the optimizer 'adam' has no momentum; it belongs to 'sgd', 'rmsprop'"
        ),
        ("beta2: 0.9", "the optimizer 'sgd' has no beta2; it belongs to 'adam', 'adamw'"),
        (
            "loss: hinge",
            "unknown loss 'hinge'; there are 'cross-entropy', 'binary-cross-entropy', 'mean-squared-error'"
        ),
        (
            "loss: mean-squared-error\nlabel_smoothing: 0.1",
            "the loss 'mean-squared-error' has no label_smoothing; it belongs to 'cross-entropy', 'binary-cross-entropy'"
        ),
        ("clip_norm: 1\nclip_value: 1", "gradients are clipped by norm or by value; leave out one of the two"),
        ("monitor: loss", "a minimum improvement and what is monitored need a patience"),
        ("monitor: speed\npatience: 1", "c.yaml: line 3: the value of 'monitor' is of the wrong kind"),
        ("groups: [{pattern: '*', rat: 1}]", "c.yaml: line 3: unknown setting 'rat'. Did you mean 'rate'?"),
        ("groups: [{rate: 1}]", "c.yaml: line 3: 'pattern' is missing"),
        ("groups: [{pattern: '*', rate: fast}]", "c.yaml: line 3: the value of 'groups.rate' is of the wrong kind"),
        (
            "groups: [{pattern: 'conv1.*', rate: 0}]",
            "the parameter group 'conv1.*' matches nothing that is trained; the nearest are 11.weight, 11.bias, 0.weight"
        ),
        ("class_weights: [1, 2]", "2 class weights for 4 classes"),
        (
            "schedule: sometimes",
            "unknown schedule 'sometimes'; there are constant, step:EPOCHS[:FACTOR], cosine[:FINAL], one-cycle, "
                + "linear[:FINAL], inverse-square-root, plateau[:FACTOR[:PATIENCE]]"
        ),
        ("threads: 0", "threads must be 1 to 1024, received 0"),
        ("batch_size: 9223372036854775807", "the batch size must be 1 to 65536, received 9223372036854775807"),
    ])
    func mistakesAreNamed(setting: String, sentence: String) async throws {
        let place = try Workplace.withDataset()
        try place.write(Self.start + setting + "\n", to: "c.yaml")
        try await place.expect(["train", "c.yaml"], failsWith: sentence)
    }

    @Test(arguments: ["", "# nothing", "[1, 2]", "hello"])
    func whatIsNoListOfSettingsIsRefused(text: String) async throws {
        let place = try Workplace()
        try place.write(text, to: "c.yaml")
        try await place.expect(["train", "c.yaml"], failsWith: "c.yaml: it is not a list of settings")
    }

    @Test func whatCannotBeReadIsRefused() async throws {
        let place = try Workplace.withDataset()
        try await place.expect(["train", "c.yaml"], failsWith: "c.yaml: there is no such file")
        // Nine lines that stand for more nodes than there is memory, as a key and as a value.
        let bomb = (1...9).map { level in
            "a\(level): &a\(level) [\((0..<9).map { _ in "*a\(level - 1)" }.joined(separator: ", "))]\n"
        }.joined()
        for text in ["a0: &a0 [x]\n\(bomb)? *a9\n: 1\n", "a0: &a0 x\n\(bomb)", "? &a0 [x]\n: 1\nmodel: *a0\n"] {
            try place.write(text, to: "c.yaml")
            try await place.expect(
                ["train", "c.yaml"],
                failsWith:
                    "c.yaml: it has anchors and aliases (&name, *name), which settings do not need; write out what "
                    + "they stand for")
        }
        try place.write("seed: 1 #" + String(repeating: "x", count: 1 << 20), to: "c.yaml")
        try await place.expect(
            ["train", "c.yaml"], failsWith: "c.yaml: it has 1,048,585 bytes; a file of settings has at most 1,048,576")
        try await place.expect(
            ["train", "data/train-images-idx3-ubyte"],
            failsWith: "data/train-images-idx3-ubyte: it is not UTF-8 text")
    }
}
