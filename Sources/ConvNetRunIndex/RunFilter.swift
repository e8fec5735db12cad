#if CONVNET_RUN_INDEX
import ConvNetPages

/// What runs of a list must have: `model=resnet20 accuracy>0.9 dataset=photos*`.
///
/// Terms stand between blanks, and all of them must hold. A name is what a run has a value of: a setting's path in `config.yaml`
/// (`learning_rate`, `optimizer`), a metric of its best epoch (`accuracy`) or on test images (`test.accuracy`), or `state`, `model`,
/// `dataset`, `path`, `started`, `done` (epochs), `seconds`, `host`. After `=` and `!=`, `*` stands for any letters. Numbers may be
/// percentages. A value with blanks is in quotes.
public struct RunFilter: Hashable, Sendable {
    /// How a run's value is compared.
    public enum Comparison: String, CaseIterable, Sendable {
        /// Not larger.
        case atMost = "<="
        /// Not smaller.
        case atLeast = ">="
        /// Another one, or none.
        case isNot = "!="
        /// Smaller.
        case below = "<"
        /// Larger.
        case above = ">"
        /// The same number, or a text with `*` for any letters.
        case `is` = "="
    }

    /// One condition.
    public struct Term: Hashable, Sendable {
        /// What is compared.
        public var name: String
        /// How.
        public var comparison: Comparison
        /// With what.
        public var value: String

        /// The value as a number; nil where it is none.
        var number: Double? {
            value.hasSuffix("%") ? Double(value.dropLast()).map { $0 / 100 } : Double(value)
        }
    }

    /// All must hold.
    public var terms: [Term]

    /// - Parameter terms: none, unless said otherwise.
    public init(_ terms: [Term] = []) {
        self.terms = terms
    }

    /// - Throws: ``RunFilterError/notUnderstood(_:)``.
    public init(parsing text: String) throws(RunFilterError) {
        terms = []
        for word in try Self.words(of: text) {
            guard let term = Self.term(word) else { throw .notUnderstood(word) }
            terms.append(term)
        }
    }

    private static func term(_ word: String) -> Term? {
        guard let start = word.firstIndex(where: { "<>=!".contains($0) }), start > word.startIndex else { return nil }
        let rest = word[start...]
        guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else { return nil }
        var value = rest.dropFirst(comparison.rawValue.count)
        // As programmers write it.
        if comparison == .is, value.first == "=" { value.removeFirst() }
        guard !value.isEmpty, !"<>=!".contains(value.first ?? " ") else { return nil }
        return Term(name: String(word[..<start]), comparison: comparison, value: String(value))
    }

    /// Split at blanks, but for those in quotes.
    private static func words(of text: String) throws(RunFilterError) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for letter in text {
            if letter == quote {
                quote = nil
            } else if quote == nil, letter == "\"" || letter == "'" {
                quote = letter
            } else if quote == nil, letter.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(letter)
            }
        }
        guard quote == nil else { throw .notUnderstood(text) }
        return word.isEmpty ? words : words + [word]
    }
}

/// The order of a list of runs.
public struct RunOrder: Hashable, Sendable {
    /// What the runs are sorted by, as ``RunFilter`` names it.
    public var name: String
    /// Whether small values come first; runs without a value come last in any case.
    public var isAscending: Bool

    /// An order.
    public init(_ name: String, isAscending: Bool) {
        self.name = name
        self.isAscending = isAscending
    }

    /// The newest first.
    public static let newest = RunOrder("started", isAscending: false)
}

/// A list of runs that cannot be had as it was asked for.
public enum RunFilterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A text that is no condition.
    case notUnderstood(String)
    /// A name that no run has a value of, and one that some run has and that may be meant.
    case unknownName(String, suggestion: String?)

    public var description: String {
        switch self {
        case .notUnderstood(let text):
            "\(quoted(text)) is no condition; write conditions as in 'model=resnet20 accuracy>0.9'"
        case .unknownName(let name, let suggestion):
            "no run has a value named \(quoted(name))." + (suggestion.map { " Did you mean '\($0)'?" } ?? "")
        }
    }
}
#endif
