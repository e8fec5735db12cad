import Foundation

/// A program that was started, with its output going to two files.
///
/// It is started with `posix_spawn` rather than with `Foundation.Process`: signals that the test runner ignores or blocks
/// must work in the child, and a child must not inherit the descriptors of one that is started at the same moment.
package final class Subprocess {
    /// How a process ended.
    package enum Ending: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    private let identifier: pid_t
    private var ending: Ending?

    /// - Parameters:
    ///   - directory: where it runs.
    ///   - output, errors: files, which are made anew.
    package init(_ executable: URL, _ arguments: [String], in directory: URL, output: URL, errors: URL) throws {
        #if os(Linux)
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #else
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.path, flags, 0o644)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.path, flags, 0o644)

        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ] { sigaddset(&defaults, number) }
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        // A shell, which the program takes the place of, changes the directory: glibc hides the action that would.
        // Help is as wide as COLUMNS says.
        let command =
            ["/bin/sh", "-c", "unset COLUMNS; cd \"$0\" && exec \"$@\"", directory.path, executable.path] + arguments
        var strings = command.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var identifier = pid_t()
        let code = posix_spawn(&identifier, command[0], &actions, &attributes, &strings, environ)
        guard code == 0 else { throw NotStarted(reason: String(cString: strerror(code))) }
        self.identifier = identifier
    }

    deinit {
        guard ending == nil else { return }
        kill(identifier, SIGKILL)
        waitpid(identifier, nil, 0)
    }

    package struct NotStarted: Error {
        package var reason: String
    }

    package struct TookTooLong: Error {
        package var limit: Duration
    }

    package func send(_ signal: Int32) {
        if ending == nil { kill(identifier, signal) }
    }

    /// How it ended; nil while it runs.
    package func poll() -> Ending? {
        if let ending { return ending }
        var status: Int32 = 0
        guard waitpid(identifier, &status, WNOHANG) == identifier else { return nil }
        let signal = status & 0x7F
        ending = signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
        return ending
    }

    /// Waits for its end.
    ///
    /// - Throws: `TookTooLong`; with its owner it is then killed.
    package func wait(atMost limit: Duration) async throws -> Ending {
        let start = ContinuousClock.now
        while true {
            if let ending = poll() { return ending }
            guard ContinuousClock.now - start < limit else { throw TookTooLong(limit: limit) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
