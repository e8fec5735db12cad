import ConvNetTraining
import ConvNetVision
import Foundation

/// Runs beside each other: in which settings they differ, what they have come to, and which images changed sides.
///
///     let comparison = RunComparison(try ["runs/a", "runs/b"].map(RunDirectory.open))
///     if let agreement = comparison.agreement(of: 0, and: 1) { print(agreement.test.pValue) }
public struct RunComparison: Sendable {
    /// One of the runs.
    public struct Contender: Sendable {
        /// Its directory.
        public var directory: RunDirectory
        /// Its settings and results.
        public var overview: RunOverview
        /// What `metrics.jsonl` tells; nothing where it cannot be read.
        public var history: [MetricsFile.Line]
        /// What its model says of images; nil where that is not known.
        public var predictions: PredictionTable?
        /// What of it cannot be read, in sentences.
        public var problems: [String]

        init(_ directory: RunDirectory) {
            self.directory = directory
            overview = RunOverview(of: directory)
            problems = overview.problem.map { [$0] } ?? []
            do {
                history = try directory.history()
            } catch {
                history = []
                problems.append("\(error)")
            }
            do {
                predictions = try directory.predictions()
            } catch {
                problems.append("\(error)")
            }
        }
    }

    /// In the order in which they were given.
    public let runs: [Contender]

    /// - Parameter directories: of the runs.
    public init(_ directories: [RunDirectory]) {
        runs = directories.map(Contender.init)
    }

    /// A setting that not all runs have the same value of.
    public struct Difference: Hashable, Sendable {
        /// Its path in `config.yaml`.
        public var name: String
        /// One for each run; nil where it has none.
        public var values: [String?]
    }

    /// The settings in which the runs differ, in the order of `config.yaml`.
    public var differences: [Difference] {
        let known = RunSettings.all.map(\.path)
        let names = Set(runs.flatMap(\.overview.settings.keys)).subtracting(["dataset_from_run"])
        let order = known.filter(names.contains) + names.subtracting(known).sorted()
        return order.compactMap { name in
            let values = runs.map { $0.overview.settings[name] }
            return Set(values).count > 1 ? Difference(name: name, values: values) : nil
        }
    }

    /// How two of the runs do on the images that both have answered; nil where there are none. Those of tests count before those of
    /// validation.
    ///
    /// - Parameters: positions among ``runs``.
    public func agreement(of first: Int, and second: Int) -> RunAgreement? {
        guard let one = runs[first].predictions, let other = runs[second].predictions else { return nil }
        return [DatasetPart.test, .validation].lazy.compactMap { RunAgreement($0, one, other) }.first
    }
}

/// How two runs do on the same images.
public struct RunAgreement: Hashable, Sendable {
    /// Which part of the dataset the images are of.
    public let part: DatasetPart
    /// How many both have answered.
    public let imageCount: Int
    /// Of these, the ones that both got right.
    public let bothRight: Int
    /// What the others come to.
    public let test: McNemarTest
    /// The images that one got right and the other did not, as the first run's file has them.
    public let changes: [Change]
    /// Images that the two have under different labels, which do not count.
    public let relabelled: Int

    /// An image that changed sides.
    public struct Change: Hashable, Sendable {
        /// The image's name.
        public var image: String
        /// What it is.
        public var label: String
        /// What the first run says.
        public var first: String
        /// What the second says.
        public var second: String
    }

    /// Those that neither got right.
    public var bothWrong: Int { imageCount - bothRight - test.onlyFirst - test.onlySecond }

    init?(_ part: DatasetPart, _ one: PredictionTable, _ other: PredictionTable) {
        let answers = Dictionary(other[part].map { ($0.image, $0) }, uniquingKeysWith: { first, _ in first })
        var (count, bothRight, relabelled) = (0, 0, 0)
        var test = McNemarTest(onlyFirst: 0, onlySecond: 0)
        var changes: [Change] = []
        for row in one[part] {
            guard let answer = answers[row.image] else { continue }
            guard answer.label == row.label else {
                relabelled += 1
                continue
            }
            count += 1
            switch (row.isRight, answer.isRight) {
            case (true, true): bothRight += 1
            case (true, false): test.onlyFirst += 1
            case (false, true): test.onlySecond += 1
            case (false, false): continue
            }
            if row.isRight != answer.isRight {
                changes.append(
                    Change(image: row.image, label: row.label, first: row.prediction, second: answer.prediction))
            }
        }
        guard count > 0 else { return nil }
        self.part = part
        self.imageCount = count
        self.bothRight = bothRight
        self.test = test
        self.changes = changes
        self.relabelled = relabelled
    }
}
