import ConvNetPages
import ConvNetRuns

/// Says where a run that goes on computes otherwise than before; where a run learns nothing, what to type then, and when it has
/// begun to learn after all.
final class TroubleNotices: TrainingListener {
    private let run: Run
    /// The epoch after which it was said, and what stands now.
    private var said: (epoch: Int, trouble: TrainingTrouble)?

    init(_ run: Run) {
        self.run = run
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        switch event {
        case .runStarted:
            if let difference = run.arithmeticDifference {
                Terminal.writeError("\(difference): the last digits of its results may differ")
            }
        case .epochCompleted(let report):
            if let trouble = report.trouble {
                if said == nil { notice(on: trouble, classes: run.classes.count).write() }
                said = (said?.epoch ?? report.epoch, trouble)
            } else if said != nil {
                said = nil
                Terminal.writeError("epoch \(report.epoch): the loss is below that of guessing now: the network learns")
            }
        case .runEnded(let end):
            // What was said many lines ago is still so.
            if let said, end.epochs > said.epoch {
                notice(on: said.trouble, classes: run.classes.count).write()
            }
        case .epochStarted, .stepCompleted, .runFailed: break
        }
        return .continue
    }

    private func notice(on trouble: TrainingTrouble, classes: Int) -> Advice {
        let comparison =
            trouble.isDivergence
            ? "is far above" : trouble.loss >= trouble.guessingLoss ? "is not below" : "is hardly below"
        let sentence =
            "the training loss, \(trouble.loss.fourDigits), \(comparison) that of guessing among \(classes) classes, "
            + "\(trouble.guessingLoss.fourDigits)"
            + (trouble.isFalling ? ", but falls; should it stop," : ": nothing is learnt so far; to")
            + " start again with \(run.isSlow ? "larger" : "smaller") steps"
        return Advice(sentence: sentence, command: run.commandWithOtherSteps)
    }
}
