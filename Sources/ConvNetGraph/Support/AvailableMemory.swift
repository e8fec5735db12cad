import Foundation

/// How much more memory this process may take: what the machine grants, not what it has.
package enum AvailableMemory {
    /// The least of what the system can spare without swapping, what is left of the limits of the container, the job or the
    /// unit that the process is in (cgroup v2 or v1) and of those around it, and what is left of the process's own (ulimit -v),
    /// in bytes; nil where nothing tells.
    package static var bytes: Int? { [ofSystem, left(in: ControlGroups()), addressSpace].compactMap { $0 }.min() }

    /// What is free where it is too little for so many bytes; nil where they fit. So much as any machine has is taken without asking,
    /// which would take longer than reading a small file.
    package static func tooLittle(for bytes: Int) -> Int? {
        guard bytes > 1 << 26, let available = self.bytes, bytes > available else { return nil }
        return available
    }

    private static var ofSystem: Int? { readText("/proc/meminfo").flatMap(bytes(inSystemInformation:)) }

    /// Linux lists `MemAvailable:   1234 kB` among others.
    static func bytes(inSystemInformation text: String) -> Int? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }) else { return nil }
        let words = line.split(separator: " ")
        guard words.count == 3, words[2] == "kB", let kilobytes = Int(words[1]) else { return nil }
        return kilobytes.saturatingProduct(1024)
    }

    /// What is left of the address space that the process may have; nil where it may have any.
    package static var addressSpace: Int? {
        guard let limit = readText("/proc/self/limits").flatMap(bytesOfAddressSpace(inLimits:)),
            let pages = readText("/proc/self/statm")?.split(separator: " ").first.flatMap({ Int($0) })
        else { return nil }
        return max(0, limit - pages.saturatingProduct(Int(getpagesize())))
    }

    /// Linux writes a table with a line `Max address space  1234  unlimited  bytes`, the limit that counts first.
    static func bytesOfAddressSpace(inLimits text: String) -> Int? {
        let title = "Max address space"
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(title) }) else { return nil }
        return line.dropFirst(title.count).split(separator: " ").first.flatMap { Int($0) }
    }

    /// The least that is left in any of the groups; nil where none has a limit.
    static func left(in groups: ControlGroups) -> Int? {
        let version2 = groups.unified.map { group in
            left(of: group + "/memory.max", usage: group + "/memory.current", statistics: group + "/memory.stat")
        }
        let version1 = groups.directories(of: "memory").map { group in
            left(
                of: group + "/memory.limit_in_bytes", usage: group + "/memory.usage_in_bytes",
                statistics: group + "/memory.stat")
        }
        return (version2 + version1).compactMap { $0 }.min()
    }

    /// A group without a limit has the word "max" there, or a number beyond all memory.
    private static func left(of limit: String, usage: String, statistics: String) -> Int? {
        guard let limit = readText(limit).flatMap(Int.init), let usage = readText(usage).flatMap(Int.init) else {
            return nil
        }
        let cached = readText(statistics).map(bytesOfUnusedFiles(inStatistics:)) ?? 0
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
}
