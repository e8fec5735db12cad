import Foundation
import Testing

@testable import ConvNetGraph

@Suite struct AvailableProcessorsTests {
    @Test(arguments: [
        ("0", 1), ("0-3", 4), ("0-3,6", 5), ("1,3,5", 3), ("0-1,4-7,9", 7), ("\t0-63", 64), ("5-5", 1), ("0, 2", 2),
    ])
    func listOfProcessors(list: String, count: Int) {
        #expect(AvailableProcessors.processorCount(inList: list) == count)
    }

    @Test(arguments: ["", " ", "x", "3-1", "0-", "-3", "x-3", "0-x", "0-1-2", "0-3,x", "1.5", "ff"])
    func notAListOfProcessors(list: String) {
        #expect(AvailableProcessors.processorCount(inList: list) == nil)
    }

    @Test(arguments: [("150000 100000", 1.5), ("200000 100000", 2), ("50000 100000", 0.5), ("1000 1000000", 0.001)])
    func quota(line: String, expected: Double) {
        #expect(AvailableProcessors.quota(fromVersion2: line) == expected)
    }

    @Test(arguments: [
        "max 100000", "", "max", "100000", "0 100000", "-1 100000", "100000 0", "1 2 3", "a b", "nan 1", "1 nan",
    ])
    func noQuota(line: String) {
        #expect(AvailableProcessors.quota(fromVersion2: line) == nil)
    }

    @Test func count() {
        let total = ProcessInfo.processInfo.processorCount
        #expect((1...total).contains(AvailableProcessors.count))
        #expect(AvailableProcessors.explanation.contains("\(total) processors"))
    }
}
