import CommandTestSupport
import ConvNet
import Testing

@Suite struct UsageErrorTests {
    @Test(arguments: [
        (["trian"], "unknown subcommand 'trian'. Did you mean 'train'?"),
        (["frobnicate"], "unknown subcommand 'frobnicate'."),
        (["--frobnicate"], "Unknown option '--frobnicate'"),
        (["train", "--epoch", "3"], "Unknown option '--epoch'. Did you mean '--epochs'?"),
        (["train", "a.yaml", "b.yaml"], "Unexpected argument 'b.yaml'"),
        (["train", "--epochs"], "Missing value for '--epochs <epochs>'"),
        (["train"], "name a dataset, as in 'convnet train photos'"),
        (
            ["train", "photos", "--dataset", "data"],
            "two datasets are named, 'photos' and 'data'; leave out one of them"
        ),
        (["train", "--resume"], "--resume needs --out, the directory of the run"),
        (["train", "--resume", "photos"], "--resume needs --out, the directory of the run"),
        (
            ["train", "c.yaml", "--resume", "--out", "run"],
            "--resume goes on with the run's own settings; leave out 'c.yaml'"
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

    /// What other programs call them.
    @Test(arguments: [
        (["train", "--lr", "0.1"], "Unknown option '--lr'. Did you mean '--learning-rate'?"),
        (["train", "photos", "--batch", "8"], "Unknown option '--batch'. Did you mean '--batch-size'?"),
        (["train", "--arch", "resnet18"], "Unknown option '--arch'. Did you mean '--model'?"),
        (["train", "--device", "gpu"], "Unknown option '--device': \(noGPU)"),
        (["predict", "m", "a.png", "--gpu"], "Unknown option '--gpu': \(noGPU)"),
        (["predict", "m", "a.png", "--topk", "3"], "Unknown option '--topk'. Did you mean '--top'?"),
        (["benchmark", "lenet5", "--bs", "3"], "Unknown option '--bs'. Did you mean '--batch-size'?"),
        // Nothing is proposed that the subcommand lacks.
        (["zoo", "--device", "gpu"], "Unknown option '--device'"),
        (["predict", "m", "a.png", "--batch", "3"], "Unknown option '--batch'"),
    ])
    func optionsOfOtherProgramsAreAnsweredWithOurs(arguments: [String], sentence: String) async throws {
        try await Workplace().expect(arguments, failsWith: sentence)
    }

    private static let noGPU = "there is no GPU engine; --engine takes \(Engines.names.joined(separator: " or "))"

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
