import Testing

@Suite struct UsageErrorTests {
    @Test(arguments: [
        (["trian"], "unknown subcommand 'trian'. Did you mean 'train'?"),
        (["frobnicate"], "unknown subcommand 'frobnicate'."),
        (["--frobnicate"], "Unknown option '--frobnicate'"),
        (["train", "--epoch", "3"], "Unknown option '--epoch'. Did you mean '--epochs'?"),
        (["train", "a.yaml", "b.yaml"], "Unexpected argument 'b.yaml'"),
        (["train", "--epochs"], "Missing value for '--epochs <epochs>'"),
        (["train"], "name a dataset with --dataset"),
        (["train", "--dataset", "data"], "name a network with --model"),
        (["train", "--resume"], "--resume needs --out, the directory of the run"),
        (
            ["train", "c.yaml", "--resume", "--out", "run"],
            "--resume goes on with the run's own settings; leave out CONFIG"
        ),
        (["train", "--out", ""], "--out needs the path of a directory, received an empty one"),
        (
            ["train", "--group", "features.*"],
            "The value 'features.*' is invalid for '--group <PATTERN:rate=R,decay=D>': "
                + "write it like 'features.*:rate=0.1,decay=0'"
        ),
        (
            ["train", "--group", "*:rate=0.1,rate=0.2"],
            "The value '*:rate=0.1,rate=0.2' is invalid for '--group <PATTERN:rate=R,decay=D>': "
                + "write it like 'features.*:rate=0.1,decay=0'"
        ),
        (
            ["train", "--class-weights", "1,,2"],
            "The value '1,,2' is invalid for '--class-weights <weights>': write numbers with commas between them, like 1,2,1"
        ),
        (["evaluate", "m.safetensors"], "Missing expected argument '--dataset <dataset>'"),
        (
            ["evaluate", "m.safetensors", "--dataset", "data", "--part", "all"],
            "The value 'all' is invalid for '--part <part>'. Please provide one of 'train', 'validation' or 'test'."
        ),
        (["predict", "m.safetensors"], "name at least one image, or --dataset and --index"),
        (["predict", "m.safetensors", "--dataset", "data"], "--dataset and --index go together"),
        (["predict", "m.safetensors", "--index", "3"], "--dataset and --index go together"),
        (["summary"], "Missing expected argument '<network>'"),
        (["verify", "lenet5"], "a network given by name needs --weights"),
        (
            ["benchmark", "lenet5", "--precision", "fp16"],
            "The value 'fp16' is invalid for '--precision <precision>'. Please provide one of 'fp32' and 'bf16'."
        ),
        (
            ["benchmark", "lenet5", "--mode", "fly"],
            "The value 'fly' is invalid for '--mode <mode>'. Please provide one of 'train' and 'infer'."
        ),
    ])
    func areNamedInOneLine(arguments: [String], sentence: String) async throws {
        try await Workplace().expect(arguments, failsWith: sentence)
    }

    @Test(arguments: [
        (["train", "--dataset", "data", "--model"], "lenet", "Unknown network 'lenet'. Did you mean 'lenet5'?"),
        (["train", "--dataset", "data", "--model"], "alexandria", "Unknown network 'alexandria'. \(networks)"),
        (["summary"], "convnet", "Unknown network 'convnet'. Did you mean 'convnet4'?"),
        (["benchmark"], "leent5", "Unknown network 'leent5'. Did you mean 'lenet5'?"),
        (["verify"], "lenet", "Unknown network 'lenet'. Did you mean 'lenet5'?"),
        (["train", "--dataset", "data", "--model", "convnet4", "--engine"], "cuda", engine("cuda")),
        (["evaluate", "m.safetensors", "--dataset", "data", "--engine"], "cuda", engine("cuda")),
        (["benchmark", "lenet5", "--engine"], "oneDNN", engine("oneDNN")),
    ])
    func unknownNamesAreAnsweredWithKnownOnes(arguments: [String], name: String, sentence: String) async throws {
        let place = try await Workplace.withModel()
        try place.write(place.data(Workplace.model), to: "m.safetensors")
        try await place.expect(arguments + [name], failsWith: sentence)
    }

    @Test(arguments: [
        ["train", "--dataset", "data", "--model", "lenet5"], ["evaluate", Workplace.model, "--dataset", "data"],
        ["predict", Workplace.model, "--dataset", "data", "--index", "0"], ["verify", Workplace.model],
        ["benchmark", "lenet5"],
    ])
    func aPrecisionThatAnEngineLacksIsNamed(arguments: [String]) async throws {
        let place = try await Workplace.withModel()
        try await place.expect(
            arguments + ["--precision", "bf16", "--engine", "reference"],
            failsWith: "the reference engine cannot compute with bf16 here: it is written for float32; use fp32")
    }

    private static let networks = "'convnet zoo' lists what there is."

    private static func engine(_ name: String) -> String { "Unknown engine '\(name)'. There are \(engines)." }
}
