import Testing

@testable import ConvNetGraph

@Suite struct AvailableMemoryTests {
    @Test func readsWhatTheSystemCanSpare() {
        let text = "MemTotal:       24684136 kB\nMemAvailable:    2000000 kB\nBuffers: 5 kB"
        #expect(AvailableMemory.bytes(inSystemInformation: text) == 2_048_000_000)
        #expect(AvailableMemory.bytes(inSystemInformation: "MemTotal: 5 kB") == nil)
        #expect(AvailableMemory.bytes(inSystemInformation: "MemAvailable: many kB") == nil)
        #expect(AvailableMemory.bytes(inSystemInformation: "MemAvailable: 5 MB") == nil)
    }

    /// Version 1 of control groups has totals for a group with all below it.
    @Test(arguments: ["anon 5\nfile 70\ninactive_file 30\nactive_file 40", "cache 1\ntotal_inactive_file 30\n"])
    func leavesOutFilesThatNobodyUses(statistics: String) {
        #expect(AvailableMemory.bytesOfUnusedFiles(inStatistics: statistics) == 30)
    }

    @Test(arguments: ["", "anon 5", "inactive_file", "inactive_file x"])
    func knowsOfNone(statistics: String) {
        #expect(AvailableMemory.bytesOfUnusedFiles(inStatistics: statistics) == 0)
    }

    #if os(Linux)
    @Test func isLessThanTheMachineHas() throws {
        let available = try #require(AvailableMemory.bytes)
        #expect(available > 1 << 20 && available < 1 << 50)
    }
    #endif
}
