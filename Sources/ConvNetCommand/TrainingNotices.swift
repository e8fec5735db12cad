import ConvNetGraph
import ConvNetPages
import ConvNetRuns

/// What `train` says of a run before its first step, and after an end that was none.
enum TrainingNotices {
    /// What became of batches that were to be learnt by heart.
    static func sentence(_ verdict: OverfittingVerdict) -> String {
        let what =
            "accuracy \(verdict.accuracy.percent), loss \(verdict.loss.fourDigits) on the same "
            + "\(verdict.imageCount.counted("image")) after \(verdict.epochs.counted("epoch"))"
        return verdict.isLearnt
            ? "the network learns by heart, as it should: \(what)"
            : "the network does not learn by heart: \(what). Give it more epochs or a larger learning rate; where neither helps, look for "
                + "a mistake in images, labels or network"
    }

    /// Says what is trained on what, with what, and what a user should know of it.
    static func introduce(_ run: Run) {
        let engine = run.engine
        Terminal.writeShortage(of: run.configuration.threads)
        Terminal.writeError(
            "\(run.networkName): \(run.model.network.parameterCount.grouped) parameters, \(engine.version)"
                + (engine.precision == .fp32 ? "" : " in \(engine.precision)")
                + " on \(engine.threads) thread\(engine.threads == 1 ? "" : "s")"
                + (engine.threads == AvailableProcessors.count ? " (\(AvailableProcessors.explanation))" : ""))
        Terminal.writeWarnings(of: engine)
        let data = run.data
        Terminal.writeError(
            "\(data.name): \(data.training.count.grouped) training, \(data.validation?.count.grouped ?? "no") validation and "
                + "\(data.test?.count.grouped ?? "no") test images; run in \(run.directory.path)")
        if !run.directory.isExclusive {
            Terminal.writeError(
                "Warning: the file system of \(run.directory.path) has no locks; start no second run in that directory")
        }
        if let groups = data.groups { Terminal.writeError("grouped by their names: \(groups)") }
        Terminal.writeNotices(data.notices)
        Terminal.writeSkipped(data.skipped)
        if data.unused > 0 {
            Terminal.writeError("\(data.unused.grouped) images are in no part of the split, and are left out")
        }
        for note in run.notes { Terminal.writeError(wrapping: note, elsewhere: 79) }
    }

    /// What to do after a run that has diverged: a sentence, and the command that it speaks of.
    static func adviceAfterDivergence(of run: Run) -> Advice {
        let hasModel = (try? run.directory.modelFile.isThere()) == true
        return Advice(
            sentence: (hasModel
                ? "\(run.directory.modelFile.relativePath) holds the weights of the best epoch before that; " : "")
                + "to start again with smaller steps",
            command: run.commandWithOtherSteps)
    }
}

/// Draws what takes long before the first step.
struct TrainingProgress: RunProgress {
    private let line = CountingLine("reading")

    func opening<Result>(_ dataset: String, _ body: () throws -> Result) rethrows -> Result {
        try WaitingLine().during("opening \(dataset)", body)
    }

    func reading(_ part: String, _ read: Int, of all: Int) { line.show(part, read, of: all) }
    func endReading() { line.erase() }
}
