extension Schedule.Shape {
    /// The spellings that ``init(_:)`` takes, for messages.
    public static let spellings = [
        "constant", "step:EPOCHS[:FACTOR]", "cosine[:FINAL]", "one-cycle", "linear[:FINAL]", "inverse-square-root",
        "plateau[:FACTOR[:PATIENCE]]",
    ]

    /// A shape as configurations and the command spell it: `constant`, `step:30`, `step:30:0.1`, `cosine`, `cosine:0.01`,
    /// `one-cycle`, `linear`, `linear:0.1`, `inverse-square-root`, `plateau`, `plateau:0.5`, `plateau:0.5:3`; nil for anything else.
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
        case ("linear", 1): self = .linear()
        case ("linear", 2):
            guard let final = Double(parts[1]) else { return nil }
            self = .linear(final: final)
        case ("inverse-square-root", 1): self = .inverseSquareRoot
        case ("plateau", 1): self = .reduceOnPlateau()
        case ("plateau", 2), ("plateau", 3):
            guard let factor = Double(parts[1]) else { return nil }
            guard parts.count == 3 else {
                self = .reduceOnPlateau(factor: factor)
                return
            }
            guard let patience = Int(parts[2]) else { return nil }
            self = .reduceOnPlateau(factor: factor, patience: patience)
        default: return nil
        }
    }
}
