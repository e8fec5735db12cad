import CFiles
import Foundation

/// Threads of the system. Foundation's `Thread` does not say that it could not be started, and who waits for its work then
/// waits for ever.
package enum SystemThread {
    /// What a thread begins with: its name, which Linux wants it to set itself, and its work.
    private final class Beginning: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread that does `body` and ends.
    ///
    /// - Parameters:
    ///   - name: what top and debuggers show, the first 15 bytes of it on Linux.
    ///   - purpose: what it is for, in the error's words: `reading pictures`.
    package static func start(
        name: String, for purpose: String, _ body: @escaping @Sendable () -> Void
    ) throws(ThreadError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // Deep graphs are compiled and released on such threads; so much belongs to the main thread only, elsewhere than on
        // Linux.
        pthread_attr_setstacksize(&attributes, 8 << 20)
        let beginning = Unmanaged.passRetained(Beginning(name, body))
        #if canImport(Darwin)
        var thread: pthread_t?
        let status = pthread_create(&thread, &attributes, { Self.run($0) }, beginning.toOpaque())
        #else
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, { Self.run($0) }, beginning.toOpaque())
        #endif
        guard status == 0 else {
            beginning.release()
            throw .notStarted(purpose: purpose, reason: systemReason(status))
        }
    }

    private static func run(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let pointer else { return nil }
        let beginning = Unmanaged<Beginning>.fromOpaque(pointer).takeRetainedValue()
        cfiles_name_thread(beginning.name)
        beginning.body()
        return nil
    }
}

/// Threads that the system does not grant.
public enum ThreadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A thread that could not be started, what it would have been for, and the system's reason.
    case notStarted(purpose: String, reason: String)
    /// Fewer threads than an engine was told to compute with, the calling one included.
    case tooFew(granted: Int, wanted: Int)

    public var description: String {
        switch self {
        case .notStarted(let purpose, let reason):
            "the system grants no thread for \(purpose) (\(reason)); \(Self.limits)"
        case .tooFew(let granted, let wanted):
            "the system grants \(granted) of the \(wanted) threads that were asked for; \(Self.limits), or compute with "
                + "\(granted) (--threads \(granted))"
        }
    }

    private static let limits =
        "raise the limit on tasks (ulimit -u, or the container's) or on memory (ulimit -v, or the container's)"
}
