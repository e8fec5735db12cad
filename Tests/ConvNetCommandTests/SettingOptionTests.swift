import CommandTestSupport
import Foundation
import Testing

@testable import ConvNetCommand
@testable import ConvNetRuns

/// A setting is an entry in the library's table and an option of the command: here each goes all the way.
@Suite struct SettingOptionTests {
    /// For each setting what is typed, and the value that it is then; not the standard one.
    private static let examples: [String: (words: [String], text: String)] = [
        "dataset": (["--dataset", "data"], "data"), "model": (["--model", "vgg11"], "vgg11"),
        "epochs": (["--epochs", "7"], "7"), "batch_size": (["--batch-size", "8"], "8"),
        "accumulate": (["--accumulate", "2"], "2"), "optimizer": (["--optimizer", "adam"], "adam"),
        "learning_rate": (["--learning-rate", "0.25"], "0.25"), "momentum": (["--momentum", "0.5"], "0.5"),
        "nesterov": (["--nesterov"], "true"), "beta1": (["--beta1", "0.8"], "0.8"),
        "beta2": (["--beta2", "0.99"], "0.99"), "alpha": (["--alpha", "0.9"], "0.9"),
        "centered": (["--centered"], "true"), "epsilon": (["--epsilon", "1e-3"], "0.001"),
        "weight_decay": (["--weight-decay", "0.125"], "0.125"),
        "decay_biases_and_norms": (["--no-decay-biases-and-norms"], "false"),
        "groups": (["--group", "*.bias:rate=0.5", "--group", "a:decay=0.0"], "[*.bias:rate=0.5, a:decay=0.0]"),
        "freeze": (["--freeze", "a.*", "--freeze", "b"], #"["a.*", "b"]"#),
        "clip_norm": (["--clip-norm", "2"], "2.0"), "clip_value": (["--clip-value", "3"], "3.0"),
        "loss": (["--loss", "mean-squared-error"], "mean-squared-error"),
        "label_smoothing": (["--label-smoothing", "0.1"], "0.1"),
        "class_weights": (["--class-weights", "1,2"], "[1.0, 2.0]"), "schedule": (["--schedule", "cosine"], "cosine"),
        "positive_weights": (["--positive-weights", "1,2"], "[1.0, 2.0]"),
        "objective": (["--objective", "macro_f1"], "macro_f1"),
        "metrics": (["--metrics", "macro_f1,top3_accuracy"], #"["macro_f1", "top3_accuracy"]"#),
        "thresholds": (["--thresholds", "0.25,0.5"], "0.25,0.5"), "warmup": (["--warmup", "1.5"], "1.5"),
        "average": (["--average", "0.9"], "0.9"),
        "patience": (["--patience", "3"], "3"), "minimum_improvement": (["--minimum-improvement", "0.01"], "0.01"),
        "monitor": (["--monitor", "loss"], "loss"), "validation": (["--validation", "0.3"], "0.3"),
        "test": (["--test", "0.2"], "0.2"), "size": (["--size", "32x48"], "32x48"),
        "channels": (["--channels", "3"], "3"), "normalize": (["--normalize", "imagenet"], "imagenet"),
        "augment": (["--augment", "cifar"], "cifar"), "mixup": (["--mixup", "0.2"], "0.2"),
        "cutmix": (["--cutmix", "1"], "1.0"), "balance": (["--balance", "sampling"], "sampling"),
        "group_by": (["--group-by", "a(b)"], "a(b)"), "split": (["--split", "s.json"], "s.json"),
        "limit": (["--limit", "100"], "100"), "overfit_batches": (["--overfit-batches", "2"], "2"),
        "skip_bad_images": (["--skip-bad-images"], "true"), "cache": (["--cache", "4GB"], "4GB"),
        "evaluation_batch_size": (["--evaluation-batch-size", "32"], "32"),
        "seed": (["--seed", "18446744073709551615"], "18446744073709551615"),
        "engine": (["--engine", "other"], "other"), "threads": (["--threads", "1000"], "1000"),
        "precision": (["--precision", "bf16"], "bf16"), "algorithms": (["--exact-arithmetic"], "exact"),
    ]

    @Test func thereIsAnExampleOfEach() {
        #expect(Set(Self.examples.keys) == Set(RunSettings.all.map(\.key)))
    }

    /// Through the option into the configuration, to YAML and back, over other settings, and into what resuming compares.
    @Test(arguments: RunSettings.all.map(\.key))
    func goesAllTheWay(key: String) throws {
        let example = try #require(Self.examples[key])
        let setting = try #require(RunSettings.named(key))
        let given = try Train.parse(example.words).given
        #expect(given.text(of: setting) == example.text)
        #expect(RunSettings.all.filter { given.isSaid($0) }.map(\.key) == [key])

        let file = FileManager.default.temporaryDirectory.appending(path: "setting-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try given.write(to: file)
        let read = try RunConfiguration(contentsOf: file)
        #expect(read.text(of: setting) == example.text)
        // A file with the objective's former name means what it meant before there was one.
        #expect(read.differences(from: given) == (key == "monitor" ? ["objective was off, not separate"] : []))

        // As files of earlier versions have it, outside all sections.
        let flat = try #require(try given.yaml(of: setting))
        try Data("\(key):\(flat.hasPrefix("-") ? "\n" : " ")\(flat)\n".utf8).write(to: file)
        let old = try RunConfiguration(contentsOf: file)
        #expect(old.text(of: setting) == example.text)

        let others = RunConfiguration()
        #expect(given.applied(to: others).text(of: setting) == example.text)
        #expect(others.applied(to: given).text(of: setting) == example.text)
        let change = given.applied(to: others).differences(from: others)
        #expect(change == ["\(key) was \(others.text(of: setting) ?? "off"), not \(example.text)"])
    }

    /// No option, and no setting, has a property that the other does not have.
    @Test func optionsAndSettingsHaveTheSameNames() throws {
        let wrappers = Self.properties(of: try Train.parse([]))
        let own: Set = ["input", "output", "resume", "json", "no_autotune", "exact_arithmetic"]
        #expect(Set(wrappers).subtracting(own) == Set(RunSettings.all.map(\.key)).subtracting(["algorithms"]))
    }

    private static func properties(of options: Any) -> [String] {
        Mirror(reflecting: options).children.flatMap { label, value in
            (value as? any OptionsInGroup).map { properties(of: $0.options) }
                ?? label.map { [RunConfiguration.key(ofProperty: $0)] } ?? []
        }
    }
}
