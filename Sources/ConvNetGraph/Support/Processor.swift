import Foundation

/// The machine's processor.
package enum Processor {
    /// As its maker calls it, with family, model and stepping where the system tells them.
    package static let name = fields("model name", "cpu family", "model", "stepping")

    /// As its maker calls it.
    package static let model = fields("model name")

    /// What Linux says of the first one, in its order.
    private static func fields(_ wanted: String...) -> String {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return "processor" }
        let values = (text.split(separator: "\n\n").first ?? "").split(separator: "\n").compactMap { line -> String? in
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            return parts.count == 2 && wanted.contains(parts[0]) ? parts[1] : nil
        }
        return values.isEmpty ? "processor" : values.joined(separator: " ")
    }
}
