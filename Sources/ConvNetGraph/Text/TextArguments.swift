import ConvNetPages
import Foundation

/// A name and its arguments, written as in Swift: `Conv2D(10, kernel: 5, padding: 2)`.
package struct TextArguments: Hashable, Sendable {
    package let name: String
    private let form: Form
    private let words: [String: Int]
    /// As they were written.
    private var positional: [String] = []
    private var labelled: [Labelled] = []
    /// What there may be; empty before ``checked(against:)``.
    private var usage = ""

    private struct Labelled: Hashable, Sendable {
        var label: String
        var value: String
    }

    /// What a text describes, for messages.
    package struct Form: Hashable, Sendable {
        var noun: String
        var example: String

        package static let layer = Form(noun: "layer", example: "'Conv2D(10, kernel: 5, padding: 2)'")
        package static let network = Form(noun: "network", example: "'resnet(depth: 20, width: 16)'")
        /// A value of an argument that has arguments of its own.
        fileprivate static let value = Form(noun: "value", example: "'Size(3, 5)'")
    }

    /// - Parameter words: what words among the values stand for, e.g. `classes`.
    /// - Throws: ``NetworkTextError`` for a text that is not written like `Name(value, label: value)`.
    package init(_ text: String, _ form: Form, words: [String: Int] = [:]) throws(NetworkTextError) {
        self.form = form
        self.words = words
        let text = text.trimmed
        let start = text.firstIndex(of: "(") ?? text.endIndex
        name = String(text[..<start]).trimmed
        let letters = name.drop { form == .value && $0 == "." }
        guard !letters.isEmpty, letters.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }) else {
            throw NetworkTextError(
                problem: "'\(shortened(text))' is not written like a \(form.noun)",
                hint: "write one like \(form.example)")
        }
        guard start < text.endIndex else { return }
        guard text.last == ")" else {
            throw NetworkTextError(
                problem: "'\(shortened(text))' does not end with ')'", hint: "write a \(form.noun) like \(form.example)"
            )
        }
        let inside = text[text.index(after: start)...].dropLast()
        guard !inside.allSatisfy(\.isWhitespace) else { return }
        for part in Self.parts(of: inside, separator: ",") {
            let words = Self.parts(of: part, separator: ":").map { String($0).trimmed }
            guard (1...2).contains(words.count), !words.contains("") else {
                throw NetworkTextError(
                    problem: "'\(shortened(String(part).trimmed))' in '\(shortened(text))' is no argument",
                    hint: "write a \(form.noun) like \(form.example)")
            }
            if words.count == 2 {
                if labelled.contains(where: { $0.label == words[0] }) {
                    throw error("has '\(words[0]):' more than once")
                }
                labelled.append(Labelled(label: words[0], value: words[1]))
            } else {
                guard labelled.isEmpty else {
                    throw error("has '\(words[0])' without a label behind one that has its own")
                }
                positional.append(words[0])
            }
        }
    }

    /// Divides a text at separators that are not in brackets.
    private static func parts(of text: Substring, separator: Character) -> [Substring] {
        var (depth, start) = (0, text.startIndex)
        var parts: [Substring] = []
        for index in text.indices {
            switch text[index] {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case separator where depth == 0:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return parts + [text[start...]]
    }

    fileprivate func error(_ problem: String, hint: String? = nil) -> NetworkTextError {
        NetworkTextError(problem: "\(shortened(name)) \(shortened(problem))", hint: hint)
    }

    private var usageHint: String {
        usage.isEmpty ? "it takes none: write \(name)" : "write it like \(name)(\(usage))"
    }

    // MARK: What there may be

    /// - Parameter usage: what may be given: `filters, kernel:, stride:`; `sizes...` is any number of values.
    /// - Throws: ``NetworkTextError`` for an argument that is not among them.
    package func checked(against usage: String) throws(NetworkTextError) -> TextArguments {
        var result = self
        result.usage = usage
        try result.check()
        return result
    }

    private func check() throws(NetworkTextError) {
        let known = usage.split(separator: ", ").map(String.init)
        let labels = known.filter { $0.hasSuffix(":") }.map { String($0.dropLast()) }
        if let other = labelled.first(where: { !labels.contains($0.label) })?.label {
            let ours = Self.foreignLabels[other.lowercased()].flatMap { labels.contains($0) ? $0 : nil }
            let hint = (ours ?? nearestName(to: other, in: labels)).map { "did you mean '\($0):'?" }
            throw error("has no '\(other):'", hint: hint ?? usageHint)
        }
        let places = known.contains { $0.hasSuffix("...") } ? .max : known.count - labels.count
        if positional.count > places {
            throw error("does not take '\(positional[places])' without a label", hint: usageHint)
        }
    }

    /// What Keras and PyTorch call our arguments.
    private static let foreignLabels = [
        "kernel_size": "kernel", "kernelsize": "kernel", "strides": "stride", "pad": "padding",
        "dilation_rate": "dilation", "dilations": "dilation", "group": "groups", "eps": "epsilon", "use_bias": "bias",
        "ceil_mode": "ceilMode", "count_include_pad": "countsPadding", "kernel_initializer": "weightInitializer",
        "bias_initializer": "biasInitializer", "drop_rate": "dropout", "width_mult": "widthMultiplier",
        "batch_norm": "batchNorm",
        "aux_logits": "auxiliaryClassifiers",
    ]

    /// Without the argument of that label.
    package func removing(_ label: String) -> TextArguments {
        var result = self
        result.labelled.removeAll { $0.label == label }
        return result
    }

    /// The arguments as they would be written, in one spelling.
    package var text: String {
        (positional + labelled.map { "\($0.label): \($0.value)" }).joined(separator: ", ")
    }

    package var isEmpty: Bool { positional.isEmpty && labelled.isEmpty }

    // MARK: Values

    /// The first argument, which has no label.
    private func first(_ what: String) throws(NetworkTextError) -> String {
        guard let value = positional.first else { throw error("needs \(what) first", hint: usageHint) }
        return value
    }

    private func value(_ label: String) -> String? { labelled.first { $0.label == label }?.value }

    func int(_ what: String) throws(NetworkTextError) -> Int { try int(first(what), what) }
    func number(_ what: String) throws(NetworkTextError) -> Double { try number(first(what), what) }
    func size(_ what: String) throws(NetworkTextError) -> Size { try size(first(what), what) }

    /// - Parameter standard: nil where the argument must be there, here and below.
    package func int(_ label: String, or standard: Int?) throws(NetworkTextError) -> Int {
        guard let text = value(label) else { return try orNeeded(standard, label) }
        return try int(text, label)
    }

    private func orNeeded<Value>(_ standard: Value?, _ label: String) throws(NetworkTextError) -> Value {
        guard let standard else { throw error("needs '\(label):'", hint: usageHint) }
        return standard
    }

    package func int(_ label: String, or standard: Int, within range: ClosedRange<Int>) throws(NetworkTextError) -> Int
    {
        let value = try int(label, or: standard)
        guard range.contains(value) else {
            throw error("has '\(label): \(value)'", hint: "it is \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// - Parameter values: what there is; the argument must be there.
    package func int(_ label: String, oneOf values: [Int]) throws(NetworkTextError) -> Int {
        let hint = "there are \(values.map(String.init).joined(separator: ", "))"
        guard let text = value(label) else { throw error("needs '\(label):'", hint: hint) }
        let value = try int(text, label)
        guard values.contains(value) else { throw error("has '\(label): \(value)'", hint: hint) }
        return value
    }

    package func number(_ label: String, or standard: Double?) throws(NetworkTextError) -> Double {
        guard let text = value(label) else { return try orNeeded(standard, label) }
        return try number(text, label)
    }

    package func number(
        _ label: String, or standard: Double, within range: ClosedRange<Double>
    ) throws(NetworkTextError) -> Double {
        let value = try number(label, or: standard)
        guard range.contains(value) else {
            throw error("has '\(label): \(value)'", hint: "it is \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// An argument without a label that need not be there.
    func number(_ what: String, at position: Int, or standard: Double) throws(NetworkTextError) -> Double {
        positional.isEmpty ? standard : try number(what)
    }

    package func bool(_ label: String, or standard: Bool) throws(NetworkTextError) -> Bool {
        guard let text = value(label) else { return standard }
        guard let value = Bool(text) else { throw error("has '\(label): \(text)', which is neither true nor false") }
        return value
    }

    func size(_ label: String, or standard: Size?) throws(NetworkTextError) -> Size {
        guard let text = value(label) else { return try orNeeded(standard, label) }
        return try size(text, label)
    }

    /// All arguments without a label.
    func ints(_ what: String) throws(NetworkTextError) -> [Int] {
        _ = try first(what)
        return try positional.map { value throws(NetworkTextError) in try int(value, what) }
    }

    /// A number, or several in brackets: `[256, 128]`.
    package func ints(_ label: String, or standard: [Int]) throws(NetworkTextError) -> [Int] {
        guard let text = value(label) else { return standard }
        guard text.first == "[", text.last == "]" else { return [try int(text, label)] }
        let inside = text.dropFirst().dropLast()
        guard !inside.allSatisfy(\.isWhitespace) else { return [] }
        return try Self.parts(of: inside, separator: ",").map { part throws(NetworkTextError) in
            try int(String(part).trimmed, label)
        }
    }

    /// One of several words, with or without a dot.
    func choice<Value: RawRepresentable<String>>(_ what: String, or standard: Value) throws(NetworkTextError) -> Value {
        guard let text = positional.first else { return standard }
        guard let value = Value(rawValue: text.withoutDot) else {
            throw error("has '\(text)' as \(what)", hint: usageHint)
        }
        return value
    }

    func padding() throws(NetworkTextError) -> Padding {
        guard let text = value("padding") else { return .valid }
        switch text {
        case "valid", ".valid": return .valid
        case "same", ".same": return .same
        default: break
        }
        guard text.contains("metric(") else { return .symmetric(try size(text, "padding")) }
        let arguments = try TextArguments(text, .value)
        if arguments.name.withoutDot == "symmetric" {
            return .symmetric(try arguments.checked(against: "size").size("size"))
        }
        return .explicit(try edges(text))
    }

    /// Of `Edges(top: 1, bottom: 2, left: 3, right: 4)` or, of padding, `.asymmetric(…)`.
    private func edges(_ text: String) throws(NetworkTextError) -> Edges {
        var arguments = try TextArguments(text, .value)
        guard ["Edges", "asymmetric"].contains(arguments.name.withoutDot) else {
            throw error("has '\(text)', which is no border", hint: usageHint)
        }
        arguments = try arguments.checked(against: "top:, bottom:, left:, right:")
        return Edges(
            top: try arguments.int("top", or: nil), bottom: try arguments.int("bottom", or: nil),
            left: try arguments.int("left", or: nil), right: try arguments.int("right", or: nil))
    }

    /// The first argument: a number for all sides, or `Edges(…)`.
    func edges() throws(NetworkTextError) -> Edges {
        let text = try first("side")
        guard !text.contains("(") else { return try edges(text) }
        let side = try int(text, "side")
        return Edges(top: side, bottom: side, left: side, right: side)
    }

    /// `.kaimingNormal(.out)`, `constant(0)`.
    func initializer(_ label: String) throws(NetworkTextError) -> Initializer {
        guard let text = value(label) else { return .pyTorchDefault }
        return try Initializer(try TextArguments(text, .value))
    }

    private func int(_ text: String, _ what: String) throws(NetworkTextError) -> Int {
        guard let value = Int(text) ?? words[text] else {
            throw error("has '\(text)' as \(what), which is no whole number")
        }
        return value
    }

    private func number(_ text: String, _ what: String) throws(NetworkTextError) -> Double {
        guard let value = Double(text) else { throw error("has '\(text)' as \(what), which is no number") }
        return value
    }

    private func size(_ text: String, _ what: String) throws(NetworkTextError) -> Size {
        if let size = Size(text: text) { return size }
        if text.hasPrefix("Size(") {
            let sides = try TextArguments(text, .value).checked(against: "height, width").ints("height")
            return Size(sides[0], sides[sides.count - 1])
        }
        throw error("has '\(text)' as \(what), which is no size", hint: "write 3 or, height first, 3x5")
    }
}

extension Initializer {
    private static let kinds = [
        "constant": "value", "normal": "mean:, standardDeviation:", "uniform": "low:, high:", "kaimingNormal": "fan",
        "kaimingUniform": "fan", "xavierNormal": "gain:", "xavierUniform": "gain:", "pyTorchDefault": "",
    ]

    /// An initialiser as it would stand in Swift.
    fileprivate init(_ arguments: TextArguments) throws(NetworkTextError) {
        let kind = arguments.name.withoutDot
        guard let usage = Self.kinds[kind] else {
            let hint = nearestName(to: kind, in: Self.kinds.keys.sorted()).map { "did you mean '\($0)'?" }
            throw NetworkTextError(
                problem: "there is no initialiser '\(printable(kind))'",
                hint: hint ?? "there are \(Self.kinds.keys.sorted().joined(separator: ", "))")
        }
        let arguments = try arguments.checked(against: usage)
        func float(_ label: String, or standard: Double?) throws(NetworkTextError) -> Float {
            try finite(try arguments.number(label, or: standard))
        }
        func finite(_ value: Double) throws(NetworkTextError) -> Float {
            guard Float(value).isFinite else { throw arguments.error("has \(value), which is no weight") }
            return Float(value)
        }
        switch kind {
        case "constant": self = .constant(try finite(try arguments.number("value")))
        case "normal":
            let deviation = try float("standardDeviation", or: 0.01)
            guard deviation >= 0 else { throw arguments.error("has a standardDeviation below 0") }
            self = .normal(mean: try float("mean", or: 0), standardDeviation: deviation)
        case "uniform": self = .uniform(low: try float("low", or: nil), high: try float("high", or: nil))
        case "kaimingNormal": self = .kaimingNormal(try arguments.choice("fan", or: .in))
        case "kaimingUniform": self = .kaimingUniform(try arguments.choice("fan", or: .in))
        case "xavierNormal": self = .xavierNormal(gain: try float("gain", or: 1))
        case "xavierUniform": self = .xavierUniform(gain: try float("gain", or: 1))
        default: self = .pyTorchDefault
        }
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
    /// `out` of `.out`.
    fileprivate var withoutDot: String { String(drop { $0 == "." }) }
}
