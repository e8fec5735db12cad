import Foundation
import TestSupport
import Testing

@testable import ConvNetGraph

/// Damaged files either open, and can then be read, or are refused with a `SafetensorsError`.
@Suite struct SafetensorsFuzzTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedFiles(seed: UInt64) throws {
        var writer = SafetensorsWriter(metadata: ["format": "pt", "é\n": "\\"])
        try writer.append("conv.weight", shape: [2, 1, 3], floats: [1, 2, 3, 4, 5, 6])
        try writer.append("conv.count", shape: [], integers: [12])
        try writer.append("none", shape: [0, 4], floats: [])
        try writer.append("half", dtype: .f16, shape: [3], bytes: Data(count: 6))
        try writer.append("mask", dtype: .bool, shape: [5], bytes: Data(count: 5))
        let whole = [UInt8](try writer.encoded())

        var generator = SplitMix64(seed: seed)
        var opened = 0
        for _ in 0..<5000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) { damage(&bytes, using: &generator) }
            do {
                let file = try SafetensorsFile(data: Data(bytes), name: "t")
                opened += 1
                for (name, info) in file.tensors {
                    #expect(try file.bytes(named: name).count == info.byteRange.count)
                    let floats = try? file.floats(named: name)
                    let integers = try? file.integers(named: name)
                    #expect((floats?.count ?? integers?.count ?? info.count) == info.count)
                }
            } catch let error as SafetensorsError {
                #expect(!error.description.contains("\n"))
            }
        }
        // Flips in the data and the padding go unnoticed; nearly everything else must not.
        #expect((100..<2500).contains(opened))
    }

    private func damage(_ bytes: inout [UInt8], using generator: inout SplitMix64) {
        guard let position = bytes.indices.randomElement(using: &generator) else { return }
        // Characters that mean something in a header do more harm than most bytes.
        let tokens = Array(#"{}[]",:\0123456789-+.eutn "#.utf8) + [0, 0x7F, 0x80, 0xFF]
        let token = tokens.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[position] = token
        case 2: bytes.insert(token, at: position)
        case 3: bytes.remove(at: position)
        case 4: bytes.removeSubrange(position...)
        case 5: bytes.append(token)
        case 6: bytes[position % 8] = token
        default:
            // Repeating a piece makes duplicate keys and deeper nesting.
            let end = min(bytes.count, position + Int.random(in: 1...60, using: &generator))
            bytes.insert(contentsOf: bytes[position..<end], at: position)
        }
    }
}
