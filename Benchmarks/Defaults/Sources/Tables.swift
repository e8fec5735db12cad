import Foundation

/// The tables that are printed, in Markdown.
enum Tables {
    /// The losses of the first and of the last steps, means over the seeds, and the chosen settings.
    static func firstSteps(_ records: [Record]) -> String {
        var rows: [[String]] = []
        for (network, images) in unique(records.map { ($0.case.network, $0.case.images) }) {
            let own = records.filter { $0.case.network == network && $0.case.images == images }
            let learnt = own.count(where: \.hasLearnt)
            rows.append([
                network, "\(images)", own.first.map(settings) ?? "", text(mean(own.map(\.firstLoss))),
                text(mean(own.map(\.lastLoss))), text(own.map(\.lastLoss).max() ?? 0), "\(learnt) of \(own.count)",
            ])
        }
        return table(
            [
                "network", "images", "chosen", "loss of the first \(Record.window) steps", "of the last", "largest",
                "learnt",
            ], rows)
    }

    /// What was said of runs with rates that are too large, beside what they came to.
    static func notices(_ records: [Record]) -> String {
        let rows = records.map { record in
            let notice = record.firstNotice.map { "epoch \($0)" + (record.isNoticed ? "" : ", taken back") } ?? ""
            return [
                record.case.network, "\(Int(record.case.rateFactor))", settings(record),
                record.error == nil ? text(record.finalLoss) : "", notice, record.error ?? "",
                record.isNoticed == record.shouldBeNoticed ? "yes" : "**no**",
            ]
        }
        return table(
            ["network", "times the rate", "settings", "loss of the last epoch", "noticed", "ended", "right"], rows)
    }

    /// What is said has until the third epoch; a run that was cut off before is not judged.
    static func count(_ records: [Record]) -> String {
        let judged = records.filter { $0.finishedEpochs >= 3 || $0.error != nil }
        let bad = judged.filter(\.shouldBeNoticed)
        return
            "Of \(records.count) runs \(judged.count) came to a third epoch. \(bad.count) of these end with a training loss "
            + "above 0.9 log C, of which \(bad.count(where: \.isNoticed)) are noticed; of the others "
            + "\(judged.count { $0.isNoticed && !$0.shouldBeNoticed }) are. "
            + "\(judged.count { $0.firstNotice != nil && !$0.isNoticed }) notices were taken back."
    }

    private static func settings(_ record: Record) -> String {
        "\(record.optimizer) \(String(format: "%.2g", record.learningRate)), batch \(record.batchSize)"
    }

    private static func text(_ loss: Double) -> String { String(format: "%.3g", loss) }

    private static func mean(_ losses: [Double]) -> Double { losses.reduce(0, +) / Double(losses.count) }

    private static func unique(_ pairs: [(String, Int)]) -> [(String, Int)] {
        pairs.enumerated().filter { index, pair in !pairs[..<index].contains { $0 == pair } }.map(\.element)
    }

    private static func table(_ header: [String], _ rows: [[String]]) -> String {
        ([header, header.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(
            separator: "\n")
    }
}
