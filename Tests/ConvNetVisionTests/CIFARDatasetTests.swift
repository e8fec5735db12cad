import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct CIFARDatasetTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A record whose first red, first green and last blue byte are `red`, `green` and `blue`.
    private func record(_ labels: [UInt8], red: UInt8 = 0, green: UInt8 = 0, blue: UInt8 = 0) -> Data {
        var pixels = Data(count: 3072)
        pixels[0] = red
        pixels[1024] = green
        pixels[3071] = blue
        return Data(labels) + pixels
    }

    private func writeCIFAR10() throws {
        for batch in 1...5 {
            let labels = [UInt8(batch), UInt8(batch - 1)]
            try directory.write(
                record([labels[0]], red: UInt8(batch)) + record([labels[1]], blue: 51), to: "data_batch_\(batch).bin")
        }
        try directory.write(record([9], red: 255, green: 102), to: "test_batch.bin")
        let names = (0..<10).map { "class \($0)" }.joined(separator: "\n")
        // The published list ends in an empty line.
        try directory.write(Data((names + "\n\n").utf8), to: "batches.meta.txt")
    }

    private func image(_ dataset: any Dataset, _ index: Int) throws -> [Float] {
        try dataset.values(at: index)
    }

    @Test func cifar10() throws {
        try writeCIFAR10()
        let data = try DatasetCatalog.open(directory.path)
        #expect(data.train.count == 10 && data.test?.count == 1)
        #expect((0..<10).map(data.train.label) == [1, 0, 2, 1, 3, 2, 4, 3, 5, 4])
        let part = try #require(data.test)
        #expect(part.classes[part.label(at: 0)] == "class 9")
        let test = try image(part, 0)
        #expect(part.imageShape == [3, 32, 32] && test[0] == 1 && test[1024] == 0.4)
        #expect(test.reduce(0, +) == 1.4)
        #expect(try image(data.train, 7)[3071] == 0.2)
        #expect(try image(data.train, 8)[0] == Float(5) / 255)
    }

    @Test func cifar100TakesTheFineLabel() throws {
        try directory.write(record([3, 99], green: 51) + record([4, 0]), to: "train.bin")
        try directory.write(record([19, 42]), to: "test.bin")
        try directory.write(
            Data((0..<100).map { "fine \($0)" }.joined(separator: "\n").utf8), to: "fine_label_names.txt")
        let data = try DatasetCatalog.open(directory.path)
        #expect(data.train.count == 2 && data.train.label(at: 0) == 99 && data.test?.label(at: 0) == 42)
        #expect(try image(data.train, 0)[1024] == 0.2)
        #expect(data.train.classes[99] == "fine 99")
    }

    private func sentence() throws -> String {
        try #require(throws: DatasetError.self) { try DatasetCatalog.open(directory.path) }.description
    }

    @Test func mistakesAreNamed() throws {
        try writeCIFAR10()
        let path = directory.url.appendingPathComponent("data_batch_2.bin").path
        try directory.write(record([1]).dropLast(), to: "data_batch_2.bin")
        #expect(
            try sentence()
                == "'\(path)' holds 3072 bytes, which is not one or more records of 3073. Download or copy it again.")
        try directory.write(Data(), to: "data_batch_2.bin")
        #expect(try sentence().hasPrefix("'\(path)' holds 0 bytes"))
        try directory.write(record([1]) + record([10]), to: "data_batch_2.bin")
        #expect(try sentence().hasPrefix("'\(path)' has the label 10 at position 1, but there are only 10 classes"))
        try FileManager.default.removeItem(atPath: path)
        #expect(try sentence() == "There is no file '\(path)'. Check the path.")
    }
}
