extension Schedule.Shape {
    /// The spellings that ``init(_:)`` takes, for messages.
    public static let spellings = ["constant", "step:EPOCHS[:FACTOR]", "cosine[:FINAL]", "one-cycle"]

    /// A shape as configurations and the command spell it: `constant`, `step:30`, `step:30:0.1`, `cosine`, `cosine:0.01`,
    /// `one-cycle`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count) {
        case ("constant", 1): self = .constant
        case ("one-cycle", 1): self = .oneCycle
        case ("cosine", 1): self = .cosine()
        case ("cosine", 2):
            guard let final = Double(parts[1]) else { return nil }
            self = .cosine(final: final)
        case ("step", 2), ("step", 3):
            guard let every = Int(parts[1]) else { return nil }
            guard parts.count == 3 else {
                self = .step(every: every)
                return
            }
            guard let factor = Double(parts[2]) else { return nil }
            self = .step(every: every, factor: factor)
        default: return nil
        }
    }
}
