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
        return kilobytes.multipliedReportingOverflow(by: 1024).partialValue
    }

    private static var ofContainer: Int? {
        let files = [
            ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
        ]
        for (limit, usage) in files {
            // A container without a limit has the word "max" there, or a number beyond all memory.
            if let limit = read(limit).flatMap(Int.init), let usage = read(usage).flatMap(Int.init) {
                return max(0, limit - usage)
            }
        }
        return nil
    }

    private static func read(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
