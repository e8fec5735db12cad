import Foundation

/// How much more memory this process may take: what the machine grants, not what it has.
public enum AvailableMemory {
    /// The smaller of what the system can spare without swapping and what is left of the container's limit (cgroup v2 or
    /// v1), in bytes; nil where nothing tells.
    public static var bytes: Int? { [ofSystem, ofContainer].compactMap { $0 }.min() }

    private static var ofSystem: Int? { read("/proc/meminfo").flatMap(bytes(inSystemInformation:)) }

    /// Linux lists `MemAvailable:   1234 kB` among others.
    static func bytes(inSystemInformation text: String) -> Int? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }) else { return nil }
        let words = line.split(separator: " ")
        guard words.count == 3, words[2] == "kB", let kilobytes = Int(words[1]) else { return nil }
        return kilobytes.saturatingProduct(1024)
    }

    private static var ofContainer: Int? {
        let version2 = "/sys/fs/cgroup/memory."
        let version1 = "/sys/fs/cgroup/memory/memory."
        return left(of: version2 + "max", usage: version2 + "current", statistics: version2 + "stat")
            ?? left(of: version1 + "limit_in_bytes", usage: version1 + "usage_in_bytes", statistics: version1 + "stat")
    }

    /// A container without a limit has the word "max" there, or a number beyond all memory.
    private static func left(of limit: String, usage: String, statistics: String) -> Int? {
        guard let limit = read(limit).flatMap(Int.init), let usage = read(usage).flatMap(Int.init) else { return nil }
        let cached = read(statistics).map(bytesOfUnusedFiles(inStatistics:)) ?? 0
        return max(0, limit - max(0, usage - cached))
    }

    /// Usage counts files that were read, too, which the system forgets when it needs their memory: `inactive_file 1234`.
    static func bytesOfUnusedFiles(inStatistics text: String) -> Int {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "inactive_file" || words[0] == "total_inactive_file" {
                return Int(words[1]) ?? 0
            }
        }
        return 0
    }

    private static func read(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
