import Foundation

/// A setting out of its range, or one that does not fit the network or the data.
public struct SettingError: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// A sentence that says which, what was received, and what is allowed.
    public let description: String

    /// - Parameter problem: a sentence.
    public init(_ problem: String) { description = problem }

    public var errorDescription: String? { description }
}
