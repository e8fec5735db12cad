import ConvNetTraining

/// Lets a run go on where something that it can do without cannot be written, and says so once.
final class OptionalWriter: TrainingListener {
    private let listener: any TrainingListener
    private let what: String
    private let warn: (String) -> Void
    private var hasWarned = false

    /// - Parameters:
    ///   - what: what is written.
    ///   - warn: told what is missing, in a sentence.
    init(_ listener: any TrainingListener, writing what: String, warn: @escaping (String) -> Void) {
        self.listener = listener
        self.what = what
        self.warn = warn
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        do {
            return try listener.handle(event, of: run)
        } catch {
            if !hasWarned { warn("the run goes on, but \(what) is not what it should be: \(error)") }
            hasWarned = true
            return .continue
        }
    }
}
