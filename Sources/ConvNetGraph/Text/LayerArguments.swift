import ConvNetPages
import Foundation

/// The name and the arguments of a layer that is written as text, each as it was written.
struct LayerArguments {
    let name: String
    private var positional: [String] = []
    private var labelled: [(label: String, value: String)] = []

    /// - Throws: ``LayerTextError`` for a text that is not written like `Name(value, label: value)`.
    init(_ text: String) throws(LayerTextError) {
        let text = text.trimmed
        let start = text.firstIndex(of: "(") ?? text.endIndex
        name = String(text[..<start]).trimmed
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
            throw LayerTextError(
                problem: "'\(printable(text))' is not written like a layer", hint: "write one like \(Self.example)")
        }
        guard start < text.endIndex else { return }
        guard text.last == ")" else {
            throw LayerTextError(
                problem: "'\(printable(text))' does not end with ')'", hint: "write a layer like \(Self.example)")
        }
        let inside = text[text.index(after: start)...].dropLast()
        guard !inside.allSatisfy(\.isWhitespace) else { return }
        for part in inside.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: ":", omittingEmptySubsequences: false).map { String($0).trimmed }
            guard (1...2).contains(words.count), !words.contains("") else {
                throw LayerTextError(
                    problem: "'\(printable(String(part).trimmed))' in '\(printable(text))' is no argument",
                    hint: "write a layer like \(Self.example)")
            }
            if words.count == 2 {
                if labelled.contains(where: { $0.label == words[0] }) {
                    throw error("has '\(words[0]):' more than once")
                }
                labelled.append((words[0], words[1]))
            } else {
                guard labelled.isEmpty else {
                    throw error("has '\(words[0])' without a label behind one that has its own")
                }
                positional.append(words[0])
            }
        }
    }

    private static let example = "'Conv2D(10, kernel: 5, padding: 2)'"

    private func error(_ problem: String, hint: String? = nil) -> LayerTextError {
        LayerTextError(problem: "\(name) \(printable(problem))", hint: hint)
    }

    // MARK: Values

    /// The first argument, which has no label.
    private func first(_ what: String) throws(LayerTextError) -> String {
        guard let value = positional.first else {
            throw error("needs \(what) first", hint: LayerText.usage(of: name).map { "write it like \($0)" })
        }
        return value
    }

    private func value(_ label: String) -> String? { labelled.first { $0.label == label }?.value }

    func int(_ what: String) throws(LayerTextError) -> Int { try int(first(what), what) }
    func number(_ what: String) throws(LayerTextError) -> Double { try number(first(what), what) }
    func size(_ what: String) throws(LayerTextError) -> Size { try size(first(what), what) }

    func int(_ label: String, or standard: Int) throws(LayerTextError) -> Int {
        guard let text = value(label) else { return standard }
        return try int(text, label)
    }

    func number(_ label: String, or standard: Double) throws(LayerTextError) -> Double {
        guard let text = value(label) else { return standard }
        return try number(text, label)
    }

    /// An argument without a label that need not be there.
    func number(_ what: String, at position: Int, or standard: Double) throws(LayerTextError) -> Double {
        positional.isEmpty ? standard : try number(what)
    }

    func bool(_ label: String, or standard: Bool) throws(LayerTextError) -> Bool {
        guard let text = value(label) else { return standard }
        guard let value = Bool(text) else { throw error("has '\(label): \(text)', which is neither true nor false") }
        return value
    }

    /// - Parameter standard: nil where the argument must be there.
    func size(_ label: String, or standard: Size?) throws(LayerTextError) -> Size {
        guard let text = value(label) else {
            guard let standard else {
                throw error("needs '\(label):'", hint: LayerText.usage(of: name).map { "write it like \($0)" })
            }
            return standard
        }
        return try size(text, label)
    }

    func padding() throws(LayerTextError) -> Padding {
        switch value("padding") {
        case nil, "valid", ".valid": return .valid
        case "same", ".same": return .same
        case let text?: return .symmetric(try size(text, "padding"))
        }
    }

    private func int(_ text: String, _ what: String) throws(LayerTextError) -> Int {
        guard let value = Int(text) else { throw error("has '\(text)' as \(what), which is no whole number") }
        return value
    }

    private func number(_ text: String, _ what: String) throws(LayerTextError) -> Double {
        guard let value = Double(text) else { throw error("has '\(text)' as \(what), which is no number") }
        return value
    }

    private func size(_ text: String, _ what: String) throws(LayerTextError) -> Size {
        guard let size = Size(text: text) else {
            throw error("has '\(text)' as \(what), which is no size", hint: "write 3 or, height first, 3x5")
        }
        return size
    }

    // MARK: What there may be

    /// - Parameter usage: what the layer takes: `filters, kernel:, stride:`.
    /// - Throws: ``LayerTextError`` for an argument that it does not take.
    func check(against usage: String) throws(LayerTextError) {
        let known = usage.split(separator: ", ").map(String.init)
        let labels = known.filter { $0.hasSuffix(":") }.map { String($0.dropLast()) }
        let wholeUsage = "write it like \(name)(\(usage))"
        if let other = labelled.first(where: { !labels.contains($0.label) })?.label {
            let ours = Self.foreignLabels[other.lowercased()].flatMap { labels.contains($0) ? $0 : nil }
            let hint = (ours ?? nearestName(to: other, in: labels)).map { "did you mean '\($0):'?" }
            throw error("has no '\(other):'", hint: hint ?? wholeUsage)
        }
        let places = known.count - labels.count
        if positional.count > places {
            throw error("does not take '\(positional[places])' without a label", hint: wholeUsage)
        }
    }

    /// What Keras and PyTorch call our arguments.
    private static let foreignLabels = [
        "kernel_size": "kernel", "kernelsize": "kernel", "strides": "stride", "pad": "padding",
        "dilation_rate": "dilation",
        "dilations": "dilation", "group": "groups", "eps": "epsilon", "use_bias": "bias", "ceil_mode": "ceilMode",
        "count_include_pad": "countsPadding",
    ]
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
