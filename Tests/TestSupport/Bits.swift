extension [String: [Float]] {
    /// What must be equal where a result is promised bit for bit: as floats, 0 would equal −0.
    public var bits: [String: [UInt32]] { mapValues { $0.map(\.bitPattern) } }

    public var isFinite: Bool { values.allSatisfy { $0.allSatisfy(\.isFinite) } }
}
