import Foundation

/// How many processors this process may use: what the machine grants, not what it has.
public enum AvailableProcessors {
    /// The least of the processors in the CPU affinity mask and the quotas of the container, the job or the unit that the process is
    /// in (cgroup v2 or v1, rounded up) and of those around it; at least 1.
    public static let count: Int = {
        let granted = affinity ?? ProcessInfo.processInfo.activeProcessorCount
        return max(1, min(granted, quota.map { Int(min($0, Double(granted)).rounded(.up)) } ?? granted))
    }()

    /// How the count came about, for a log: `2 of 8 processors (container quota)`.
    public static var explanation: String {
        let total = ProcessInfo.processInfo.processorCount
        guard count < total else { return "all \(total) processors" }
        let byQuota = quota.map { $0.rounded(.up) <= Double(count) } ?? false
        return "\(count) of \(total) processors (\(byQuota ? "container quota" : "CPU affinity"))"
    }

    private static var affinity: Int? {
        readText("/proc/self/status")?.split(separator: "\n")
            .first { $0.hasPrefix("Cpus_allowed_list:") }
            .flatMap { processorCount(inList: $0.dropFirst("Cpus_allowed_list:".count)) }
    }

    /// Linux writes sets of processors as `0-3,6`.
    static func processorCount(inList list: some StringProtocol) -> Int? {
        var count = 0
        for range in list.split(separator: ",") {
            let words = range.split(separator: "-", omittingEmptySubsequences: false)
            let ends = words.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
            guard ends.count == words.count, ends.count <= 2, let first = ends.first, let last = ends.last,
                first <= last
            else { return nil }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }

    private static var quota: Double? { quota(of: ControlGroups()) }

    /// Processors' worth of time per second, the least that any of the groups has; nil where none has a quota.
    static func quota(of groups: ControlGroups) -> Double? {
        let version2 = groups.unified.map { readText($0 + "/cpu.max").flatMap(quota(fromVersion2:)) }
        let version1 = groups.directories(of: "cpu").map { group -> Double? in
            guard let quota = readText(group + "/cpu.cfs_quota_us").flatMap(Double.init),
                let period = readText(group + "/cpu.cfs_period_us").flatMap(Double.init), quota > 0, period > 0
            else { return nil }
            return quota / period
        }
        return (version2 + version1).compactMap { $0 }.min()
    }

    /// cgroup v2 writes `max 100000` or `150000 100000`: microseconds of time in each period.
    static func quota(fromVersion2 line: String) -> Double? {
        let numbers = line.split(separator: " ").map { Double($0) }
        guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else {
            return nil
        }
        return quota / period
    }
}
