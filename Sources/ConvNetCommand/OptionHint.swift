import ArgumentParser
import ConvNet

/// What other programs call an option, and what it is called here. The parser knows only how words are spelt.
enum OptionHint {
    private static let names: [String: String] = [
        "lr": "learning-rate", "rate": "learning-rate", "batch": "batch-size", "bs": "batch-size",
        "wd": "weight-decay", "opt": "optimizer", "arch": "model", "network": "model", "net": "model",
        "data": "dataset",
        "data-dir": "dataset", "val": "validation", "val-split": "validation", "validation-split": "validation",
        "test-split": "test", "output": "out", "output-dir": "out", "workers": "threads", "num-workers": "threads",
        "jobs": "threads", "amp": "precision", "dtype": "precision", "image-size": "size", "img-size": "size",
        "imgsz": "size", "augmentation": "augment", "scheduler": "schedule", "topk": "top", "top-k": "top",
    ]
    private static let devices: Set = ["device", "gpu", "gpus", "cuda", "mps"]

    /// The parser's message with a better hint, where there is one and the subcommand has the option.
    static func improve(_ message: String) -> String {
        guard let match = message.firstMatch(of: /^Unknown option '--([a-z0-9-]+)'/) else { return message }
        let (words, name) = (CommandLine.arguments.dropFirst(), String(match.1))
        let subcommand = Command.configuration.subcommands.first { Command.name(of: $0) == words.first }
        guard let help = subcommand?.helpMessage() else { return message }
        func has(_ option: String) -> Bool { help.contains(" --\(option) <") || help.contains(" --\(option), --") }
        if devices.contains(name), has("engine") {
            return "\(match.0): there is no GPU engine; --engine takes \(Engines.names.joined(separator: " or "))"
        }
        guard let option = names[name], has(option) else { return message }
        return "\(match.0). Did you mean '--\(option)'?"
    }
}
