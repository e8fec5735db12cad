import ArgumentParser
import ConvNetRuns
import Foundation

/// What kind of thing went wrong, for programs: `kind` in the document that `--json` prints. The words stay as they are.
enum FailureKind: String, Encodable {
    /// The arguments: an unknown option, a value out of range, options that exclude each other.
    case usage
    /// Settings of a run, in a file or as options, that do not fit each other, the network or the data.
    case settings
    /// A name or a shape that no network has.
    case network
    /// A dataset that is not there, is broken or does not fit the model.
    case dataset
    /// A picture that cannot be decoded or does not fit the network.
    case picture
    /// A model file that is none, is broken or does not fit.
    case model
    /// The directory of a run: one that is in use, lacks a file or does not fit its settings.
    case run
    /// The system refuses to read or write a file.
    case file
    /// An engine that is missing, cannot compute what is asked for, or gets no threads to compute with.
    case engine
    /// Not enough memory.
    case memory
    /// A run whose loss has left all bounds. The exit status is 3.
    case divergence
    /// A run that was stopped by Ctrl-C or by the system, and goes on with the command in `next`. The exit status is 130.
    case stopped
    /// Standard output could not be written.
    case output
    /// Anything else.
    case other
}

extension FailureKind {
    /// The only place that knows which error is of which kind.
    init(of error: any Error) {
        self =
            switch error {
            case let error as EarlyEnd: error.kind
            case is ValidationError, is ConfigurationError: .usage
            case is ConfigurationFileError, is SettingError: .settings
            case is UnknownNetwork, is NetworkError, is ShapeError, is UnsuitableImages, is NetworkTextError,
                is UnknownLayer:
                .network
            case let error as DatasetError: Self(error)
            case is ArrayDatasetError: .dataset
            case is ImageError, is PictureError, is StandardInputError: .picture
            case SafetensorsError.unreadable: .file
            case SafetensorsError.tensorDoesNotFit, EngineError.imagesDoNotFit, ModelError.evaluationDoesNotFit: .memory
            case is SafetensorsError, is ModelFileError, is ForeignFileError, is ModelMismatch, is WeightMismatch,
                is ModelError, is UnknownLayerKind, is CustomLayerError:
                .model
            case RunDirectoryError.cannotCreate, RunDirectoryError.cannotClaim, RunDirectoryError.cannotLook,
                RunDirectoryError.cannotList:
                .file
            case is RunDirectoryError: .run
            case let error as TrainingError: Self(error)
            case EngineError.planDoesNotFit, EngineError.outOfMemory: .memory
            case is EngineError, is UnknownEngine, is ThreadError: .engine
            case is FileWriteError, is FilePresenceError, is CocoaError, is POSIXError: .file
            case is OutputError: .output
            default: Command.exitCode(for: error) == .validationFailure ? .usage : .other
            }
    }

    private init(_ error: DatasetError) {
        self =
            switch error {
            case .fileNotFound, .notAFile, .unreadable, .notWritten: .file
            case .notEnoughMemory: .memory
            default: .dataset
            }
    }

    private init(_ error: TrainingError) {
        self =
            switch error {
            case .datasetShape, .classCount, .targetKind, .emptyDataset, .imageNotFinite: .dataset
            case .checkpointMismatch, .bestModelUnusable: .run
            case .lossNotFinite, .diverged, .weightsNotFinite: .divergence
            }
    }
}

/// What to do now: a sentence, and the command that it speaks of, to be pasted into a shell.
struct Advice {
    var sentence: String
    var command: String

    var lines: [String] { [sentence, "  \(command)"] }

    func write() {
        Terminal.writeError(wrapping: sentence)
        Terminal.writeError("  \(command)")
    }
}

/// A run that has ended before its last epoch, in a way that scripts can tell from one that could not start.
struct EarlyEnd: Error {
    var kind: FailureKind
    var message: String
    /// What is said on standard error, the message included.
    var lines: [String]
    /// The command that goes on, or starts again.
    var next: String
    var exitCode: ExitCode
}

/// The document in the place of a result's: `{"error": {"kind": "dataset", "message": "…"}}`.
struct FailureDocument: Encodable {
    var error: Details

    struct Details: Encodable {
        var kind: FailureKind
        var message: String
        /// A command to go on with; missing where there is none.
        var next: String?
    }
}
