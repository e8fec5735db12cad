import ConvNetEngine
import ConvNetGraph

/// Words that mean nothing, or settings that do not go together, as against numbers that a `Trainer` refuses.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence.
    public let description: String

    /// - Parameter problem: a sentence.
    public init(_ problem: String) { description = problem }
}

/// What is done where classes have unequal numbers of images.
public enum ClassBalance: String, CaseIterable, Codable, Sendable {
    /// Images of small classes count more.
    case weights
    /// Images of small classes come more often.
    case sampling
}

/// A parameter group as `config.yaml` holds it.
public struct GroupSetting: Codable, Hashable, Sendable {
    /// `ParameterGroup.pattern`.
    public var pattern: String
    /// `ParameterGroup.learningRateFactor`; nil is 1.
    public var rate: Double?
    /// `ParameterGroup.weightDecay`.
    public var decay: Double?

    enum CodingKeys: String, CodingKey, CaseIterable { case pattern, rate, decay }

    /// A group that changes nothing, unless said otherwise.
    public init(pattern: String, rate: Double? = nil, decay: Double? = nil) {
        self.pattern = pattern
        self.rate = rate
        self.decay = decay
    }

    var group: ParameterGroup {
        ParameterGroup(pattern, learningRateFactor: Float(rate ?? 1), weightDecay: decay.map { Float($0) })
    }
}

extension GroupSetting: CustomStringConvertible {
    /// As ``init(_:)`` takes it.
    public var description: String {
        let settings = [rate.map { "rate=\($0)" }, decay.map { "decay=\($0)" }]
        return "\(pattern):\(settings.compactMap { $0 }.joined(separator: ","))"
    }

    /// A group as a command line has it: `PATTERN:rate=0.1,decay=0`, one of the two at least.
    ///
    /// - Throws: ``ConfigurationError`` for anything else.
    public init(_ text: String) throws(ConfigurationError) {
        let problem = ConfigurationError("write it like 'features.*:rate=0.1,decay=0'")
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else { throw problem }
        self.init(pattern: String(text[..<colon]))
        for part in text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: "=", omittingEmptySubsequences: false)
            guard words.count == 2, let value = Double(words[1]) else { throw problem }
            switch words[0] {
            case "rate" where rate == nil: rate = value
            case "decay" where decay == nil: decay = value
            default: throw problem
            }
        }
    }
}

extension Size {
    /// `224` or, height first, `192x256`.
    ///
    /// - Throws: ``ConfigurationError`` for anything else.
    package init(setting text: String) throws(ConfigurationError) {
        guard let size = Size(text: text), [size.height, size.width].allSatisfy((1...1 << 14).contains) else {
            throw ConfigurationError("a size is written like 224 or, height first, 192x256, received '\(text)'")
        }
        self = size
    }

    /// As ``init(setting:)`` takes it.
    var setting: String { height == width ? "\(height)" : "\(height)x\(width)" }
}

/// An amount of memory such as `4GB`, in bytes.
func memoryBytes(_ text: String) throws(ConfigurationError) -> Int {
    let units = ["KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30]
    guard let unit = units[text.suffix(2).uppercased()], let amount = Double(text.dropLast(2)),
        amount >= 0, amount * Double(unit) < 1e15
    else {
        throw ConfigurationError("an amount of memory is written like 500MB or 4GB, received '\(text)'")
    }
    return Int(amount * Double(unit))
}

extension [String] {
    /// For messages: `'a', 'b'`.
    var quotedList: String { map { "'\($0)'" }.joined(separator: ", ") }
}
