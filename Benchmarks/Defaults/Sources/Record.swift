import Foundation

/// Which run: the defaults for so many images, with the learning rate times a factor.
struct Case: Hashable, Codable {
    var network: String
    var images: Int
    var seed: UInt64
    var rateFactor = 1.0
}

/// What came of a run.
struct Record: Codable {
    var `case`: Case
    var batchSize: Int
    var optimizer: String
    var learningRate: Double
    var steps: Int
    /// Mean losses of the first and of the last ``Record/window`` steps.
    var firstLoss: Double
    var lastLoss: Double
    var finishedEpochs: Int
    /// Of the last epoch that was finished.
    var epochLoss: Double?
    /// The first epoch of which trouble was said.
    var firstNotice: Int?
    /// Whether trouble stood at the end.
    var isInTrouble: Bool
    /// Why the run ended before its time.
    var error: String?

    static let window = 20
    static let guessingLoss = log(10.0)

    /// The loss that the run ends with: that of an epoch where there is one, infinite where it was not a number.
    var finalLoss: Double { error == nil ? epochLoss ?? lastLoss : .infinity }
    var hasLearnt: Bool { lastLoss < Self.guessingLoss && lastLoss < firstLoss && error == nil }
    var shouldBeNoticed: Bool { finalLoss > 0.9 * Self.guessingLoss }
    var isNoticed: Bool { isInTrouble || error != nil }
}

/// The records of earlier runs, and of those that come: one a line, so that the script can go on.
struct RecordFile {
    let url: URL
    private(set) var records: [Record] = []

    init(_ url: URL) throws {
        self.url = url
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return }
        records = try text.split(separator: "\n").map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
    }

    mutating func append(_ record: Record) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .throw
        records.append(record)
        var text = Data()
        for record in records { text += try encoder.encode(record) + [UInt8(ascii: "\n")] }
        try text.write(to: url, options: .atomic)
    }
}
