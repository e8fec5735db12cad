import Foundation
import Testing

@testable import ConvNetFormats

/// Event files to the byte. That TensorBoard reads them is what `Scripts/test-tensorboard.sh` looks at.
@Suite struct TensorBoardTests {
    private func hex(_ data: Data) -> String { data.map { String(format: "%02x", $0) }.joined() }

    @Test func checksums() {
        #expect(CRC32C.checksum("123456789".utf8) == 0xe306_9283)
        #expect(CRC32C.masked("123456789".utf8) == 0xc78a_b0e5)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    }

    /// As TensorFlow writes it.
    @Test func theFirstRecord() {
        let record = TensorBoardEvent(at: Date(timeIntervalSince1970: 1), .fileVersion).record
        #expect(
            hex(record)
                == "1800000000000000a37f4b22" + "09000000000000f03f1a0d627261696e2e4576656e743a32" + "86bf577a")
    }

    private func message(_ event: TensorBoardEvent) -> String { hex(event.record.dropFirst(12).dropLast(4)) }

    private static let time = Date(timeIntervalSince1970: 1)

    @Test func values() {
        let scalar = TensorBoardEvent(at: Self.time, step: 3, .values([.scalar("loss/train", 0.5)]))
        #expect(message(scalar) == "09000000000000f03f10032a130a110a0a6c6f73732f747261696e150000003f")
        let start = TensorBoardEvent(at: Self.time, step: 300, .sessionStart)
        #expect(message(start) == "09000000000000f03f" + "10ac02" + "3a020801")
        let image = TensorBoardEvent(
            at: Self.time, step: 1, .values([.image("a", png: Data([1, 2]), height: 3, width: 200, channels: 1)]))
        #expect(
            message(image) == "09000000000000f03f" + "1001" + "2a12" + "0a10" + "0a0161" + "220b" + "0803" + "10c801"
                + "1801" + "22020102")
    }

    /// Map entries in the order of their names, so that equal settings are equal bytes.
    @Test func settings() {
        let event = TensorBoardEvent(
            at: Self.time,
            .values([
                .sessionStart(["b": .text("x"), "a": .number(2), "c": .bool(true)], group: "g", at: Self.time)
            ]))
        let start =
            "0a0e" + "0a0161" + "1209" + "110000000000000040" + "0a08" + "0a0162" + "1203" + "1a0178" + "0a07"
            + "0a0163"
            + "1202" + "2001" + "220167" + "29000000000000f03f"
        let plugin = "0a07" + hex(Data("hparams".utf8)) + "1231" + "1a2f" + start
        let tensor = "0801" + "1204" + "1202" + "0801" + "2a0400000000"
        let tag = "0a1c" + hex(Data("_hparams_/session_start_info".utf8))
        #expect(
            message(event) == "09000000000000f03f" + "2a70" + "0a6e" + tag + "420e" + tensor + "4a3e" + "0a3c" + plugin)
        let end = TensorBoardEvent(at: Self.time, .values([.sessionEnd(.failure, at: Self.time)]))
        #expect(message(end).hasSuffix("120d" + "220b" + "0802" + "11000000000000f03f"))
    }

    @Test func filesHaveNamesOfTheirOwnAndGrow() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "events-\(UUID())/train")
        defer { try? FileManager.default.removeItem(at: directory.deletingLastPathComponent()) }
        let first = try TensorBoardFile(in: directory, at: Self.time)
        let second = try TensorBoardFile(in: directory, at: Self.time)
        #expect(first.url.lastPathComponent.hasPrefix("events.out.tfevents.0000000001."))
        #expect(first.url.lastPathComponent.hasSuffix(".0") && second.url.lastPathComponent.hasSuffix(".1"))
        let event = TensorBoardEvent(at: Self.time, step: 1, .values([.scalar("a", 1)]))
        try first.append(event)
        let version = TensorBoardEvent(at: Self.time, .fileVersion).record
        #expect(try Data(contentsOf: first.url) == version + event.record)
        #expect(try Data(contentsOf: second.url) == version)
    }

    @Test func aFileThatCannotBeMadeSaysWhy() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "file-\(UUID())")
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = #expect(throws: (any Error).self) { try TensorBoardFile(in: file.appending(path: "train")) }
        #expect("\(error.map { "\($0)" } ?? "")".hasSuffix("cannot create it: Not a directory"))
    }
}
