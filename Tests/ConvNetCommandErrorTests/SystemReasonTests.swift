import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// Why the system refuses a file is said in its own words, and the advice fits them.
@Suite struct SystemReasonTests {
    @Test func aPipeIsNoModel() async throws {
        let place = try Workplace()
        #expect(mkfifo(place.file("pipe").path, 0o600) == 0)
        let reason = "\(place.file("pipe").path): cannot be read: it is a pipe or a device, not a file"
        try await place.expect(["summary", "./pipe"], failsWith: reason)
        try await place.expect(["predict", "pipe", "a.png"], failsWith: reason)
        try await place.expect(["verify", "lenet5", "--weights", "pipe"], failsWith: reason)
        try await place.expect(
            ["summary", "/dev/null"], failsWith: "/dev/null: cannot be read: it is a pipe or a device, not a file")
    }

    /// A link to itself, which nobody can follow, root neither: not the same as nothing.
    @Test func whatCannotBeLookedAtIsNotAbsent() async throws {
        let place = try Workplace()
        try FileManager.default.createSymbolicLink(atPath: place.file("loop").path, withDestinationPath: "loop")
        for name in ["loop", "./loop", "loop/photos"] {
            try await place.expect(
                ["datasets", name], failsWith: "'\(name)' cannot be read: Too many levels of symbolic links.")
        }
        try await place.expect(["datasets", "./none"], failsWith: "There is no directory './none'. Check the path.")
    }

    @Test(arguments: [
        (EACCES, " Check its permissions."), (EMFILE, " Raise the limit on open files (ulimit -n)."),
        (EIO, " Check the disk or the network that it is on."), (ELOOP, ""),
    ])
    func theAdviceFitsTheReason(code: CInt, advice: String) {
        let reason = String(cString: strerror(code))
        #expect("\(DatasetError.unreadable(file: "f", reason: reason))" == "'f' cannot be read: \(reason).\(advice)")
    }

    /// Foundation's words for a failing read are a dump of several lines.
    @Test func errorsOfFoundationAreSentences() async throws {
        let place = try await Workplace.withModel()
        try FileManager.default.removeItem(at: place.file("run/metrics.jsonl"))
        try FileManager.default.createDirectory(at: place.file("run/metrics.jsonl"), withIntermediateDirectories: false)
        let outcome = try await place.run("train", "--resume", "--out", "run")
        #expect(outcome.ending == .exit(1))
        #expect(outcome.errors.split(separator: "\n").last?.hasPrefix("Error: ") == true)
        #expect(!outcome.errors.contains("Domain=") && !outcome.errors.contains("UserInfo"), "\(outcome.errors)")
    }
}
