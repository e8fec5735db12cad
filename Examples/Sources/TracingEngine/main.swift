import ConvNet
import ConvNetTesting

/// No check has come through the engine.
struct NothingTraced: Error {}

// What any engine must pass, on the textbook's formulas and on the fastest engine that there is.
for base in [ReferenceEngine(), try Engines.makeDefault()] as [any Engine] {
    let trace = Trace()
    let checks = ConformanceCheck.all
    for check in checks { try check.run(TracingEngine(base: base, trace: trace)) }
    print(
        "over \(base.name): \(checks.count) checks passed,",
        trace.counts.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", "))
    guard trace.counts["step", default: 0] > 0, trace.counts["run", default: 0] > 0 else { throw NothingTraced() }
}
