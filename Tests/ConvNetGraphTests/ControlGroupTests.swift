import Foundation
import TestSupport
import Testing

@testable import ConvNetGraph

/// Limits of the control groups that a process is in, at any depth, made of files that look like the system's.
@Suite struct ControlGroupTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    private func groups(_ membership: String?, _ files: [String: String]) throws -> ControlGroups {
        for (path, text) in files {
            let file = directory.file(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((text + "\n").utf8).write(to: file)
        }
        return ControlGroups(root: directory.file("").path, membership: membership)
    }

    @Test func memoryOfVersion2() throws {
        let groups = try groups(
            "0::/system.slice/train.service\n",
            [
                "memory.stat": "anon 5",
                "system.slice/memory.max": "max", "system.slice/memory.current": "999",
                "system.slice/train.service/memory.max": "67108864",
                "system.slice/train.service/memory.current": "1000",
                "system.slice/train.service/memory.stat": "anon 5\ninactive_file 300",
                // Not the process's.
                "system.slice/other.service/memory.max": "1000", "system.slice/other.service/memory.current": "0",
            ])
        #expect(AvailableMemory.left(in: groups) == 67_108_864 - 700)
    }

    /// A job's step has no limit of its own, or a larger one than the job.
    @Test func theTightestGroupCounts() throws {
        let groups = try groups(
            "12:cpu,cpuacct:/slurm/job_7/step_0\n4:memory:/slurm/job_7/step_0\n0::/\n",
            [
                "memory/memory.limit_in_bytes": "9223372036854771712", "memory/memory.usage_in_bytes": "5000000",
                "memory/slurm/job_7/memory.limit_in_bytes": "2000", "memory/slurm/job_7/memory.usage_in_bytes": "500",
                "memory/slurm/job_7/step_0/memory.limit_in_bytes": "90000",
                "memory/slurm/job_7/step_0/memory.usage_in_bytes": "400",
                "cpu/slurm/job_7/cpu.cfs_quota_us": "150000", "cpu/slurm/job_7/cpu.cfs_period_us": "100000",
                "cpu/slurm/job_7/step_0/cpu.cfs_quota_us": "-1", "cpu/slurm/job_7/step_0/cpu.cfs_period_us": "100000",
            ])
        #expect(AvailableMemory.left(in: groups) == 1500)
        #expect(AvailableProcessors.quota(of: groups) == 1.5)
    }

    @Test func processorsOfVersion2() throws {
        let groups = try groups(
            "0::/a/b", ["a/cpu.max": "400000 100000", "a/b/cpu.max": "50000 100000", "cpu.max": "max 100000"])
        #expect(AvailableProcessors.quota(of: groups) == 0.5)
    }

    /// In a container, whose own groups are mounted as if they were the outermost; seen from there, its path may lie outside.
    @Test(arguments: ["0::/", "0::/../../other", "0::/docker/0123", nil])
    func containers(membership: String?) throws {
        let groups = try groups(membership, ["memory.max": "4096", "memory.current": "96", "cpu.max": "200000 100000"])
        #expect(AvailableMemory.left(in: groups) == 4000)
        #expect(AvailableProcessors.quota(of: groups) == 2)
    }

    @Test func version2BesideVersion1() throws {
        let groups = try groups(
            "4:memory:/\n0::/unit", ["unified/unit/memory.max": "50", "unified/unit/memory.current": "60"])
        #expect(AvailableMemory.left(in: groups) == 0)
    }

    @Test func noLimits() throws {
        let groups = try groups(
            "0::/a\nnonsense\n", ["a/memory.max": "max", "a/memory.current": "5", "a/cpu.max": "max 1"])
        #expect(AvailableMemory.left(in: groups) == nil)
        #expect(AvailableProcessors.quota(of: groups) == nil)
    }

    @Test func addressSpace() {
        let table = """
            Limit                     Soft Limit           Hard Limit           Units
            Max cpu time              unlimited            unlimited            seconds
            Max address space         143360000            unlimited            bytes
            """
        #expect(AvailableMemory.bytesOfAddressSpace(inLimits: table) == 143_360_000)
        #expect(AvailableMemory.bytesOfAddressSpace(inLimits: "Max address space  unlimited  unlimited  bytes") == nil)
        #expect(AvailableMemory.bytesOfAddressSpace(inLimits: "") == nil)
    }
}
