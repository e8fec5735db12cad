/// A text that describes no layer or no network.
public struct NetworkTextError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file that the text is in; nil where it is in none.
    public var file: String?
    /// The line of the file, counted from 1; nil where the text is a line.
    public var line: Int?
    /// What is wrong with it.
    public let problem: String
    /// What may have been meant; nil where nothing is near.
    public let hint: String?

    package init(file: String? = nil, line: Int? = nil, problem: String, hint: String? = nil) {
        self.file = file
        self.line = line
        self.problem = problem
        self.hint = hint
    }

    public var description: String {
        let place = [file, line.map { "line \($0)" }].compactMap { $0 }.map { "\($0): " }.joined()
        return place + problem + (hint.map { "; \($0)" } ?? "")
    }
}
