import CAllocationCounter

/// What the current thread allocated during some work.
///
/// oneDNN allocates a list of arguments whenever a primitive runs, which its interface gives no way around. What it
/// allocates is told apart by its callers.
public struct AllocationCount: Sendable {
    public let own, oneDNN, freed: Int

    /// The callers of our own first allocation, innermost first.
    public let firstOwnCallers: String

    /// Only glibc lets us count, and only optimised code is meant to allocate nothing.
    public static var isAvailable: Bool {
        #if DEBUG
        false
        #else
        allocation_counter_is_available()
        #endif
    }

    public init(during work: () throws -> Void) rethrows {
        allocation_counter_start("libdnnl")
        do {
            try work()
        } catch {
            _ = allocation_counter_stop()
            throw error
        }
        let counts = allocation_counter_stop()
        (own, oneDNN, freed) = (counts.own, counts.library, counts.freed)
        firstOwnCallers = String(cString: allocation_counter_first_own())
    }
}
