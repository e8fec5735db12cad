import Foundation

/// The control groups (cgroups) that a process is in: its own, as a systemd unit, a Slurm job or a container has one, and all
/// around it, each of which may have limits.
struct ControlGroups {
    /// Where the groups are mounted.
    var root = "/sys/fs/cgroup"
    /// What `/proc/self/cgroup` holds; nil where there is none.
    var membership = readText("/proc/self/cgroup")

    /// The directories of version 2's groups, the process's own first and the outermost last.
    var unified: [String] {
        // Beside version 1, in what is called the hybrid mode, they have a place of their own.
        let path = path { $0.isEmpty } ?? "/"
        return [root, root + "/unified"].flatMap { directories(of: path, in: $0) }
    }

    /// Those of a controller of version 1, `memory` for one.
    func directories(of controller: String) -> [String] {
        directories(
            of: path { $0.split(separator: ",").contains { $0 == controller } } ?? "/", in: root + "/" + controller)
    }

    /// Lines are `4:cpu,cpuacct:/path`; version 2 names no controllers.
    private func path(where isMeant: (Substring) -> Bool) -> String? {
        for line in (membership ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            if fields.count == 3, isMeant(fields[1]) { return String(fields[2]) }
        }
        return nil
    }

    private func directories(of path: String, in mount: String) -> [String] {
        var names = path.split(separator: "/")
        // A group outside of what this process sees is mounted nowhere; nor is a container's own path, seen from outside.
        if names.contains("..") { names = [] }
        return (0...names.count).reversed().map { ([mount] + names.prefix($0).map(String.init)).joined(separator: "/") }
    }
}

/// A small file's text without the white space around it; nil where it cannot be read.
func readText(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
}
