import Foundation

/// What a run's directory is known by, where it stands for its model.
package enum RunFiles {
    package static let model = "model.safetensors"
    package static let configuration = "config.yaml"

    /// The command that goes on with the run, to be pasted into a shell.
    package static func resumingCommand(_ path: String) -> String { "convnet train --resume --out " + quoted(path) }

    /// As a shell takes it for one word.
    package static func quoted(_ path: String) -> String {
        let isPlain = path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+,:@%=".contains($0) }
        return isPlain ? path : "'\(path.replacing("'", with: "'\\''"))'"
    }
}
