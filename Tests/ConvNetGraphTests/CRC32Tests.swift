import Foundation
import Testing

@testable import ConvNetGraph

@Suite struct CRC32Tests {
    /// The check value of RFC 1952's CRC, as catalogues of CRCs give it.
    @Test func knownValue() {
        var checksum = CRC32()
        Data("123456789".utf8).withUnsafeBytes { checksum.append($0) }
        #expect(checksum.value == 0xCBF4_3926)
    }

    /// The larger sizes get a thread.
    @Test(arguments: [0, 1, 1000, 1 << 19, 3_000_001])
    func isTheSameBesideOtherWork(count: Int) throws {
        let data = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) })
        var expected = CRC32()
        data.withUnsafeBytes { expected.append($0) }
        var calls = 0
        let checksum = try data.withUnsafeBytes { bytes in try CRC32.of(bytes) { calls += 1 } }
        #expect(checksum == expected && calls == 1)
    }

    @Test(arguments: [10, 1 << 20])
    func throwsWhatTheWorkThrows(count: Int) {
        struct Failure: Error {}
        let data = Data(count: count)
        #expect(throws: Failure.self) { try data.withUnsafeBytes { try CRC32.of($0) { throw Failure() } } }
    }
}
