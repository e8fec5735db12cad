import ArgumentParser
import ConvNetGraph
import ConvNetRuns
import Foundation

/// What `train` is given without an option: a dataset, or a file of settings.
enum TrainingInput {
    case dataset(String)
    case settings(URL)

    /// - Throws: `ValidationError` for the directory of a run, which is neither.
    init(_ text: String) throws {
        let kind = try URL(filePath: text).fileKind()
        func has(_ suffixes: String...) -> Bool { suffixes.contains { text.lowercased().hasSuffix($0) } }
        if DatasetCatalog.all.contains(where: { $0.name == text }) || has(".csv") {
            self = .dataset(text)
        } else if kind == .directory {
            if let run = try? RunDirectory.open(text) {
                throw ValidationError(
                    "\(run.path) is the directory of a run, not a dataset; go on with it (\(run.resumingCommand)) or start "
                        + "another one with its settings (\(run.repeatingCommand))")
            }
            self = .dataset(text)
        } else {
            // Of what is not there, its name has to tell what was meant.
            self = kind != nil || has(".yaml", ".yml") ? .settings(URL(filePath: text)) : .dataset(text)
        }
    }
}
