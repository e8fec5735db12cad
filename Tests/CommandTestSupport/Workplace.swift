import Foundation

/// A directory of a test's own, in which it runs `convnet` as a user would; removed together with its owner.
package final class Workplace {
    package let url: URL

    package init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "ConvNetCommandTests-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    // MARK: Running

    /// What a command printed, and how it ended.
    package struct Outcome {
        package var ending: Subprocess.Ending
        package var output: String
        package var errors: String
    }

    /// More than any command here takes on a busy machine; one that hangs must not hang the tests.
    package static let limit = Duration.seconds(60)

    package func run(_ arguments: String...) async throws -> Outcome { try await run(arguments) }

    package func run(_ arguments: [String]) async throws -> Outcome { try await start(arguments).outcome() }

    /// Runs a line of shell, in which `convnet` is the command.
    package func shell(_ line: String) async throws -> Outcome {
        let script = "convnet() { '\(Self.executable.path)' \"$@\"; }; \(line)"
        return try await start(["-c", script], of: URL(filePath: "/bin/sh")).outcome()
    }

    /// A command that is running.
    package struct Running {
        package let process: Subprocess
        fileprivate let outputFile: URL
        fileprivate let errorFile: URL

        /// What it has written to standard error so far.
        package var errors: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

        package func outcome() async throws -> Outcome {
            let ending = try await process.wait(atMost: Workplace.limit)
            return Outcome(ending: ending, output: try String(contentsOf: outputFile, encoding: .utf8), errors: errors)
        }

        /// Sends a signal some time after it has written `text` to standard error; does nothing where it ends before.
        package func receives(_ signal: Int32, after text: String, and delay: Duration = .zero) async {
            nonisolated(unsafe) let process = process
            await does(after: text, and: delay) { process.send(signal) }
        }

        /// Does something some time after the command has written `text` to standard error, or has ended before.
        ///
        /// A thread of its own keeps watch: tasks wait for their turn while other tests compute, and the run would be over.
        package func does(after text: String, and delay: Duration = .zero, _ body: @escaping @Sendable () -> Void) async
        {
            nonisolated(unsafe) let running = self
            await withCheckedContinuation { continuation in
                let watch = Thread {
                    let start = ContinuousClock.now
                    while running.process.poll() == nil, !running.errors.contains(text),
                        ContinuousClock.now - start < Workplace.limit
                    {
                        usleep(1000)
                    }
                    usleep(UInt32(delay / .microseconds(1)))
                    body()
                    continuation.resume()
                }
                watch.start()
            }
        }
    }

    private var runs = 0

    package func start(_ arguments: [String], of program: URL = executable) throws -> Running {
        runs += 1
        // Hidden, so that tests of what a command leaves behind do not see them.
        let (output, errors) = (url.appending(path: ".output-\(runs)"), url.appending(path: ".errors-\(runs)"))
        return Running(
            process: try Subprocess(program, arguments, in: url, output: output, errors: errors), outputFile: output,
            errorFile: errors)
    }

    /// The built command, which lies next to the tests.
    package static let executable: URL = {
        #if os(macOS)
        // The tests are a bundle that a helper elsewhere loads.
        let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        let directory = tests?.bundleURL.deletingLastPathComponent()
        #else
        let directory = Bundle.main.executableURL?.deletingLastPathComponent()
        #endif
        return (directory ?? URL(filePath: ".")).appending(path: "convnet")
    }()

    // MARK: Files

    package func file(_ path: String) -> URL { url.appending(path: path) }

    package func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: file(path).path) }

    package func data(_ path: String) throws -> Data { try Data(contentsOf: file(path)) }

    package func text(_ path: String) throws -> String { String(decoding: try data(path), as: UTF8.self) }

    @discardableResult
    package func write(_ data: Data, to path: String) throws -> URL {
        let file = file(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
        return file
    }

    @discardableResult
    package func write(_ text: String, to path: String) throws -> URL { try write(Data(text.utf8), to: path) }

    /// What lies in the directory, hidden files of a directory's own included, in order.
    package func contents(of path: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: file(path).path)
            .filter { !$0.hasPrefix(".output-") && !$0.hasPrefix(".errors-") }.sorted()
    }
}
