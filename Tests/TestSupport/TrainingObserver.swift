import ConvNetTraining
import Synchronization

/// A listener that keeps every event and answers as it is told to.
public final class TrainingObserver: TrainingListener, Sendable {
    private let seen = Mutex<[TrainingEvent]>([])
    private let answer: @Sendable (TrainingEvent, TrainingRun) throws -> TrainingDecision

    public init(
        _ answer: @escaping @Sendable (TrainingEvent, TrainingRun) throws -> TrainingDecision = { _, _ in .continue }
    ) {
        self.answer = answer
    }

    public func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        seen.withLock { $0.append(event) }
        return try answer(event, run)
    }

    public var events: [TrainingEvent] { seen.withLock { $0 } }
    public var steps: [StepReport] { events.compactMap(\.step) }
    public var epochs: [EpochReport] { events.compactMap(\.epoch) }
    public var outline: [String] { events.map(\.outline) }
}

extension TrainingObserver {
    /// Stops the run after that many steps of it.
    public static func stopping(afterStep step: Int) -> TrainingObserver {
        TrainingObserver { event, run in event.step != nil && run.steps == step ? .stop : .continue }
    }
}

extension TrainingEvent {
    public var step: StepReport? {
        if case .stepCompleted(let report) = self { report } else { nil }
    }

    public var epoch: EpochReport? {
        if case .epochCompleted(let report) = self { report } else { nil }
    }

    public var isEnd: Bool {
        if case .runEnded = self { true } else { false }
    }

    /// What happened, short enough that a whole run can be written out in a test.
    public var outline: String {
        switch self {
        case .runStarted: "start"
        case .epochStarted(let epoch): "epoch \(epoch)"
        case .stepCompleted(let report): "step \(report.epoch).\(report.step)"
        case .epochCompleted(let report): "epoch \(report.epoch) done"
        case .runEnded(let end): end.reason.rawValue
        case .runFailed: "failed"
        }
    }
}
