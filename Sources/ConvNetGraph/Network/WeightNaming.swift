/// How another program names a network's parameters.
public struct WeightNaming: Sendable {
    /// Whose names they are, for messages: `timm`.
    public let program: String
    /// The parameter that a name of the program's stands for; nil where it stands for none.
    public let parameter: @Sendable (_ name: String) -> String?

    /// - Parameter parameter: from the program's names to the network's.
    public init(_ program: String, parameter: @escaping @Sendable (_ name: String) -> String?) {
        self.program = program
        self.parameter = parameter
    }

    /// Names that are the network's own but for the beginnings of some.
    ///
    /// - Parameter beginnings: the program's and the network's.
    public init(_ program: String, beginnings: [(String, String)]) {
        self.init(program) { name in
            for (theirs, ours) in beginnings where name.hasPrefix(theirs) { return ours + name.dropFirst(theirs.count) }
            return name
        }
    }
}
