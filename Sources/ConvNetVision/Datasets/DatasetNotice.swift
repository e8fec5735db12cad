/// What a user should know of how a dataset was read, and what to do about it; nothing that would stop training.
public struct DatasetNotice: Hashable, Sendable, CustomStringConvertible {
    /// What there is, as a sentence without its full stop.
    public let headline: String
    /// What to do about it.
    public let advice: String

    init(_ headline: String, _ advice: String) {
        self.headline = headline
        self.advice = advice
    }

    /// Both, in one line.
    public var description: String { "\(headline). \(advice)" }
}
