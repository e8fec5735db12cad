import Testing

@Suite struct ConfigurationTests {
    @Test func holdsEverySetting() async throws {
        let place = try await Workplace.withModel()
        var lines = try place.text("run/config.yaml").split(separator: "\n").map(String.init)
        // The default depends on how the program was built.
        lines.removeAll { $0.hasPrefix("engine: ") }
        #expect(
            lines == [
                "dataset: data", "model: lenet5", "epochs: 1", "batch_size: 16", "learning_rate: 0.02",
                "optimizer: sgd", "momentum: 0.9", "nesterov: false", "weight_decay: 0.0005", "label_smoothing: 0.0",
                "schedule: one-cycle", "warmup: 0.0", "validation: 0.05", "seed: 1", "threads: 1",
            ])
    }

    @Test func canBeGivenBack() async throws {
        let place = try await Workplace.withModel()
        let again = try await place.run("train", "run/config.yaml", "--out", "again")
        #expect(again.ending == .exit(0))
        #expect(try place.data("again/config.yaml") == place.data("run/config.yaml"))
        #expect(try place.data("again/model.safetensors") == place.data("run/model.safetensors"))
    }

    @Test func givesWayToOptions() async throws {
        let place = try await Workplace.withModel()
        let other = try await place.run(
            "train", "run/config.yaml", "--seed", "2", "--nesterov", "--schedule", "step:1:0.5", "--out", "other")
        #expect(other.ending == .exit(0))
        let expected = try place.text("run/config.yaml").replacing("seed: 1", with: "seed: 2")
            .replacing("nesterov: false", with: "nesterov: true").replacing("one-cycle", with: "step:1:0.5")
        #expect(try place.text("other/config.yaml") == expected)
        #expect(try place.data("other/model.safetensors") != place.data("run/model.safetensors"))
    }

    @Test func needNotHoldEverything() async throws {
        let place = try Workplace.withDataset()
        try place.write("{dataset: data, epochs: 1}", to: "part.yaml")
        let outcome = try await place.run(
            "train", "part.yaml", "--model", "lenet5", "--threads", "1", "--out", "run")
        #expect(outcome.ending == .exit(0))
        #expect(try place.text("run/config.yaml").contains("\nepochs: 1\nbatch_size: 64\n"))
    }

    private static let start = "dataset: data\nmodel: lenet5\n"

    @Test(arguments: [
        ("learning_rat: 0.1", "c.yaml: unknown setting 'learning_rat'. Did you mean 'learning_rate'?"),
        ("Epochs: 3", "c.yaml: unknown setting 'Epochs'. Did you mean 'epochs'?"),
        ("colour: red", "c.yaml: unknown setting 'colour'."),
        ("batch_size: nine", "c.yaml: the value of 'batch_size' is of the wrong kind"),
        ("batch_size: 1.5", "c.yaml: the value of 'batch_size' is of the wrong kind"),
        ("batch_size: [16]", "c.yaml: the value of 'batch_size' is of the wrong kind"),
        ("batch_size: 99999999999999999999", "c.yaml: the value of 'batch_size' is of the wrong kind"),
        ("seed: -1", "c.yaml: the value of 'seed' is of the wrong kind"),
        ("nesterov: 3", "c.yaml: the value of 'nesterov' is of the wrong kind"),
        ("epochs: 1\nepochs: 2", "c.yaml: it has the setting 'epochs' more than once"),
        ("epochs: [", "c.yaml: it is not YAML: line 4, column 1: did not find expected node content"),
        ("a: b: c", "c.yaml: it is not YAML: line 3, column 5: mapping values are not allowed in this context"),
        ("engine: cuda", "Unknown engine 'cuda'. There are \(engines)."),
        ("optimizer: adam", "unknown optimizer 'adam'; there is 'sgd'"),
        (
            "schedule: sometimes",
            "unknown schedule 'sometimes'; there are constant, step:EPOCHS[:FACTOR], cosine[:FINAL], one-cycle"
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
        try await place.expect(["train", "data"], failsWith: "data: it is a directory, not a file of settings")
        try await place.expect(
            ["train", "data/train-images-idx3-ubyte"],
            failsWith: "data/train-images-idx3-ubyte: it is not UTF-8 text")
    }
}
