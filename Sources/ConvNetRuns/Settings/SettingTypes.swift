import ConvNetEngine
import ConvNetGraph
import ConvNetTraining

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

extension Normalization {
    /// `imagenet`, `none`, or means and standard deviations: `0.5/0.25`, `0.5,0.4,0.4/0.2,0.2,0.2`.
    ///
    /// - Throws: ``ConfigurationError`` for anything else.
    init(setting text: String) throws(ConfigurationError) {
        switch text {
        case "imagenet": self = .imageNet
        case "none": self = .none
        default:
            let lists = text.split(separator: "/", omittingEmptySubsequences: false).map { list in
                list.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
            }
            let numbers = lists.map { $0.compactMap { $0 } }
            guard lists.count == 2, lists.map(\.count) == numbers.map(\.count), numbers[0].count == numbers[1].count,
                numbers[0].allSatisfy(\.isFinite), numbers[1].allSatisfy({ $0.isFinite && $0 > 0 })
            else {
                throw ConfigurationError(
                    "images are normalised by 'imagenet', 'none', or as many means as standard deviations above 0, written like "
                        + "0.5,0.5,0.5/0.25,0.25,0.25; received '\(text)'")
            }
            self.init(mean: numbers[0], standardDeviation: numbers[1])
        }
    }
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
