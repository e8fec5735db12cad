import Testing

@testable import ConvNetEngine

@Suite struct ScheduleTextTests {
    @Test(arguments: [
        ("constant", Schedule.Shape.constant), ("one-cycle", .oneCycle),
        ("cosine", .cosine(final: 0)), ("cosine:0.01", .cosine(final: 0.01)), ("cosine:1e-3", .cosine(final: 0.001)),
        ("step:30", .step(every: 30, factor: 0.1)), ("step:5:0.5", .step(every: 5, factor: 0.5)),
        ("linear", .linear(final: 0)), ("linear:0.1", .linear(final: 0.1)),
        ("inverse-square-root", .inverseSquareRoot),
        ("plateau", .reduceOnPlateau(factor: 0.1, patience: 10, threshold: 1e-4)),
        ("plateau:0.5", .reduceOnPlateau(factor: 0.5)), ("plateau:0.5:3", .reduceOnPlateau(factor: 0.5, patience: 3)),
    ])
    func spellings(text: String, shape: Schedule.Shape) {
        #expect(Schedule.Shape(text) == shape)
    }

    @Test(arguments: [
        "", ":", "Constant", "constant:", "constant:1", "one-cycle:3", "onecycle", "cosine:", "cosine:x", "cosine:0:1",
        "step", "step:", "step:x", "step:1.5", "step:3:", "step:3:x", "step:3:0.1:2", " constant", "linear:",
        "linear:x",
        "linear:0:1", "inverse-square-root:1", "inverse-sqrt", "plateau:", "plateau:x", "plateau:0.1:",
        "plateau:0.1:1.5",
        "plateau:0.1:2:3",
    ])
    func otherSpellingsAreRefused(text: String) {
        #expect(Schedule.Shape(text) == nil)
    }

    @Test func listOfSpellings() {
        #expect(
            Schedule.Shape.spellings == [
                "constant", "step:EPOCHS[:FACTOR]", "cosine[:FINAL]", "one-cycle", "linear[:FINAL]",
                "inverse-square-root", "plateau[:FACTOR[:PATIENCE]]",
            ])
    }

    /// Numbers that can be written but cannot work are left to the validation, which can say why.
    @Test func numbersOutOfRangeAreRead() {
        #expect(Schedule.Shape("step:-1") == .step(every: -1))
        #expect(Schedule.Shape("cosine:7") == .cosine(final: 7))
    }
}
