import ConvNetEngine
import ConvNetPages
import Foundation

/// Where a network's time goes: what each call of its plan takes, beside what the machine could do.
package struct Profile: Sendable, Encodable {
    /// Measured before the plan.
    package var limits: MachineLimits
    /// In the order in which they run.
    package var calls: [PlanCallProfile]

    /// The time of all calls, in seconds.
    package var seconds: Double { calls.reduce(0) { $0 + $1.seconds } }

    /// Two tables: what kinds of work there are, and all calls in the order in which they run.
    ///
    /// The last column is the time that the machine's limits would allow for, as a share of what it took: above 100 % where an
    /// algorithm saves operations, or a cache the way to memory.
    ///
    /// - Parameter width: of a terminal, in columns: what there is no room for is left out, which is said.
    package func table(fitting width: Int? = nil) -> String {
        let kinds = Dictionary(grouping: calls) { Self.kind(of: $0) }
        var summary = TextTable(
            columns: [.left("work"), .left("by"), .right("calls")] + Self.numbers)
        // Of equal times the names decide: a dictionary has another order in every process.
        for (_, calls) in kinds.sorted(by: {
            (-Self.seconds($0.value), $0.key) < (-Self.seconds($1.value), $1.key)
        }) {
            summary.append([Self.work(calls[0].purpose), calls[0].implementation, "\(calls.count)"] + cells(calls))
        }
        summary.appendRule()
        summary.append(["all", "", "\(calls.count)"] + cells(calls))
        var list = TextTable(columns: [.left("call"), .left("by")] + Self.numbers)
        for call in calls { list.append([call.purpose, call.implementation] + cells([call])) }
        let machine = String(
            format: "This machine: %.0f GFLOP/s, %.1f GB/s.", limits.gflops, limits.gigabytesPerSecond)
        let optional = ["GB/s", "share", "GFLOP/s", "by", "of limit"]
        return [
            machine, summary.text(fitting: width, leavingOut: ["calls"] + optional),
            list.text(fitting: width, leavingOut: optional),
        ].joined(separator: "\n\n")
    }

    private static let numbers: [TextTable.Column] = [
        .right("ms"), .right("share"), .right("GFLOP/s"), .right("GB/s"), .right("of limit"),
    ]

    private func cells(_ calls: [PlanCallProfile]) -> [String] {
        let seconds = Self.seconds(calls)
        let operations = calls.reduce(0) { $0 + $1.operations }
        let limit = calls.reduce(0) { $0 + limits.seconds(operations: $1.operations, bytes: $1.bytes) }
        func rate(_ amount: Double) -> String { seconds > 0 ? String(format: "%.1f", amount / seconds / 1e9) : "" }
        return [
            String(format: "%.3f", seconds * 1e3), (seconds / self.seconds).percentage,
            operations > 0 ? rate(operations) : "", rate(Double(calls.reduce(0) { $0 + $1.bytes })),
            seconds > 0 ? String(format: "%.0f %%", 100 * limit / seconds) : "",
        ]
    }

    private static func seconds(_ calls: [PlanCallProfile]) -> Double { calls.reduce(0) { $0 + $1.seconds } }

    private static func kind(of call: PlanCallProfile) -> String { work(call.purpose) + "\n" + call.implementation }

    /// What is done, whichever layer it is done for.
    private static func work(_ purpose: String) -> String {
        purpose.range(of: ": ", options: .backwards).map { String(purpose[$0.upperBound...]) } ?? purpose
    }
}
