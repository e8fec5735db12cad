import ConvNet
import ConvNetGraph
import ConvNetPages
import Foundation
import Synchronization

/// Standard output and standard error: the one place that writes to them.
///
/// What is written may hold names from files of strangers. Nothing that would move the cursor, colour, reorder or break a line
/// gets through, whoever calls: only ``write(text:)`` keeps line breaks.
enum Terminal {
    /// Writes a line of results.
    static func write(_ line: String) { put(printable(line) + "\n", to: STDOUT_FILENO) }

    /// Writes a sentence of results, which takes several lines on a terminal that is too narrow for it.
    static func write(wrapping sentence: String) {
        write(text: printable(sentence).wrapped(to: outputWidth ?? .max, indent: 2))
    }

    /// Writes lines of results, such as a table. Names in them must not break lines: they are escaped by ``TextTable`` or by
    /// `printable`.
    static func write(text: String) {
        // By bytes, and in one piece: the text may be a list of ten thousand runs.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        put(lines.map { printable(String(Substring($0))) + "\n" }.joined(), to: STDOUT_FILENO)
    }

    /// Writes a line that stays, in the place of what was drawn.
    static func writeError(_ line: String) {
        eraseDrawing()
        put(printable(line) + "\n", to: STDERR_FILENO)
    }

    /// Writes a sentence, which takes several lines on a terminal that is too narrow for it.
    ///
    /// - Parameter width: of the lines where there is no terminal.
    static func writeError(wrapping sentence: String, elsewhere width: Int = .max) {
        let width = errorWidth.map { max(1, min(79, $0 - 1)) } ?? width
        for line in printable(sentence).wrapped(to: width, indent: 2).split(separator: "\n") {
            writeError(String(line))
        }
    }

    /// Tells what the engine thinks a user should know.
    static func writeWarnings(of engine: any Engine) {
        for warning in engine.warnings { writeError("Warning: \(warning)") }
    }

    /// Says where the machine grants fewer threads than were asked for.
    static func writeShortage(of threads: Int?) {
        guard let threads, threads > AvailableProcessors.count else { return }
        writeError(
            "Warning: \(threads) threads asked for, \(AvailableProcessors.count) used: \(AvailableProcessors.explanation)"
        )
    }

    /// Tells what is left aside of a dataset, or may have been meant otherwise.
    static func writeNotices(_ notices: [DatasetNotice]) {
        for notice in notices { writeError(wrapping: "Warning: \(notice)", elsewhere: 79) }
    }

    /// Says how many files are left out, and why the first one is.
    static func writeSkipped(_ files: [BadFile]) {
        guard let first = files.first else { return }
        writeError(
            "skipped \(files.count.grouped) file\(files.count == 1 ? "" : "s") that cannot be used, the first one:")
        writeError("  \(first.problem)")
    }

    /// Draws a line on standard error, which is a terminal, over what was drawn before. What the terminal has no room for is
    /// left out; one column stays free, or some terminals wrap.
    static func draw(_ line: String) {
        hasDrawing.store(true, ordering: .relaxed)
        put(eraser + printable(line).prefix(ofWidth: max(0, width - 1)), to: STDERR_FILENO)
    }

    static func eraseDrawing() {
        if hasDrawing.exchange(false, ordering: .relaxed) { put(eraser, to: STDERR_FILENO) }
    }

    private static let hasDrawing = Atomic(false)
    private static let eraser = "\r\u{1B}[K"

    /// Whether a JSON document was written.
    static var wroteDocument: Bool { hasDocument.load(ordering: .relaxed) }

    private static let hasDocument = Atomic(false)

    /// One JSON document, keys in order. JSON has no numbers for what broken weights lead to: they are strings there.
    static func write(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let document = String(decoding: try encoder.encode(value), as: UTF8.self)
        hasDocument.store(true, ordering: .relaxed)
        put(printableJSON(document) + "\n", to: STDOUT_FILENO)
    }

    /// Whether standard error is a terminal on which a line can be drawn over another. One that does not say what it is can
    /// do nothing.
    static var canRedraw: Bool {
        guard isatty(STDERR_FILENO) == 1, let kind = ProcessInfo.processInfo.environment["TERM"] else { return false }
        return !["", "dumb"].contains(kind)
    }

    /// Whether the terminal has letters of eight heights: the system's own console has not.
    static var canDrawCurves: Bool { canRedraw && ProcessInfo.processInfo.environment["TERM"] != "linux" }

    /// The columns of the terminal that progress is drawn on; 80 where it is not known.
    static var width: Int { errorWidth ?? 80 }

    /// The columns of the terminal that standard error goes to; nil where that is none, or does not say.
    static var errorWidth: Int? { width(of: STDERR_FILENO) }

    /// The columns of the terminal that results go to; nil where that is none, or does not say.
    static var outputWidth: Int? { width(of: STDOUT_FILENO) }

    private static func width(of descriptor: CInt) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Says so if results could not be written.
    ///
    /// - Throws: ``OutputError``.
    static func checkOutput() throws {
        let code = outputError.load(ordering: .relaxed)
        if code != 0 { throw OutputError(code: code) }
    }

    /// The `errno` of the first result that could not be written; 0 where all could.
    private static let outputError = Atomic<CInt>(0)

    /// What cannot be written is dropped, so that a run goes on; results are missed at the end. That a pipe was closed
    /// (`| head`), or the output from the beginning, is no error of ours.
    private static func put(_ text: String, to descriptor: CInt) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                bytes = bytes.dropFirst(written)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK:
                // Somebody made a pipe or terminal non-blocking that this process shares.
                var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&descriptor, 1, -1)
            case EPIPE, EBADF: return
            case let code:
                if descriptor == STDOUT_FILENO {
                    _ = outputError.compareExchange(expected: 0, desired: code, ordering: .relaxed)
                }
                return
            }
        }
    }
}

/// Results that could not be written to standard output.
struct OutputError: Error, CustomStringConvertible {
    /// The `errno` of the system call that failed.
    var code: CInt

    var description: String { "standard output: not written: \(systemReason(code))" }
}

extension Double {
    /// As a percentage with two digits: 90.61 %.
    var percent: String { String(format: "%.2f %%", self * 100) }

    /// With four digits behind the point, fewer of large numbers: 0.1234, 12.345, 1069.2.
    var sixColumns: String {
        guard isFinite, magnitude >= 9.99995 else { return fourDigits }
        return String(
            format: magnitude < 99.9995 ? "%.3f" : magnitude < 999.995 ? "%.2f" : magnitude < 1e5 ? "%.1f" : "%.1e",
            self)
    }

    /// Seconds as 0:07, 12:34 or 1:02:03.
    var clock: String {
        let seconds = Int(rounded(.up))
        let (minutes, hours) = (seconds / 60 % 60, seconds / 3600)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
            : String(format: "%d:%02d", minutes, seconds % 60)
    }
}
