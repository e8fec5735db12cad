import Foundation

extension Data {
    /// Bytes that somebody has damaged at random, or has put where they do harm.
    package func tampered(using generator: inout SplitMix64) -> Data {
        var bytes = [UInt8](self)
        for _ in 0..<Int.random(in: 1...4, using: &generator) { bytes.damage(using: &generator) }
        return Data(bytes)
    }

    /// A text that somebody has tampered with: pieces of it or single bytes; or it breaks off deep inside.
    package func tamperedText(using generator: inout SplitMix64) -> Data {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0:
            // Readers that call themselves for each level have limits.
            let depth = [64, 65, 511, 512, 513, 514, 20_000].randomElement(using: &generator) ?? 1
            let bracket = ["[", "{\"a\":", "- "].randomElement(using: &generator) ?? ""
            return prefix(Int.random(in: 0...count, using: &generator))
                + Data(String(repeating: bracket, count: depth).utf8)
        case 1..<10: return tampered(using: &generator)
        default: return Data(String(decoding: self, as: UTF8.self).mutatedJSON(using: &generator).utf8)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func damage(using generator: inout SplitMix64) {
        guard let position = indices.randomElement(using: &generator) else { return }
        // Sizes stand near the beginning, and what means something in JSON, YAML and tables does more harm than most bytes.
        let start = Swift.min(position, Int.random(in: 0..<256, using: &generator))
        let tokens = Array(#"{}[]",:;\0123456789-+.eutn &*!|>#"#.utf8) + [0, 9, 10, 13, 0x7F, 0x80, 0xFF]
        let token = tokens.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: self[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: self[position] = token
        case 2: insert(token, at: position)
        case 3: remove(at: position)
        case 4: removeSubrange(position...)
        case 5: self[start] = UInt8.random(in: 0...255, using: &generator)
        case 6, 7:
            // A number of two, four or eight bytes, in either order.
            let values = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, .max] as [UInt64]
            let value = values.randomElement(using: &generator) ?? 0
            let width = [2, 4, 8].randomElement(using: &generator) ?? 4
            let isBigEndian = Bool.random(using: &generator)
            for byte in 0..<width where start + byte < count {
                let shift = 8 * UInt64(isBigEndian ? width - 1 - byte : byte)
                self[start + byte] = UInt8(truncatingIfNeeded: value >> shift)
            }
        case 8:
            let end = Swift.min(count, position + Int.random(in: 1...200, using: &generator))
            removeSubrange(position..<end)
        default:
            let end = Swift.min(count, position + Int.random(in: 1...200, using: &generator))
            insert(contentsOf: self[position..<end], at: position)
        }
    }
}

/// Safetensors files whose parts somebody has tampered with, each by itself, so that what reads the parts is reached.
package enum SafetensorsTampering {
    package static func tamper(_ file: Data, using generator: inout SplitMix64) -> Data {
        guard file.count > 8 else { return file.tampered(using: &generator) }
        let length = Int(file.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) })
        let header = String(decoding: file.dropFirst(8).prefix(length), as: UTF8.self)
        let body = file.dropFirst(8 + length)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return file.tampered(using: &generator)
        case 1, 2: return joined(withoutChecksums(header).mutatedJSON(using: &generator), body)
        case 3, 4, 5:
            return joined(tamperedMetadata(withoutChecksums(header), using: &generator) ?? header, body)
        default: return joined(withoutChecksums(header), tamperedFloats(body, using: &generator))
        }
    }

    /// With the checksums, little more than they would be tried.
    private static func withoutChecksums(_ header: String) -> String {
        guard var entries = try? JSONSerialization.jsonObject(with: Data(header.utf8)) as? [String: Any],
            let metadata = entries["__metadata__"] as? [String: String]
        else { return header }
        entries["__metadata__"] = metadata.filter { !$0.key.hasPrefix("convnet.crc32") }
        guard let data = try? JSONSerialization.data(withJSONObject: entries) else { return header }
        return String(decoding: data, as: UTF8.self)
    }

    private static func joined(_ header: String, _ body: Data) -> Data {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8) + body
    }

    /// One of the texts in the metadata is another.
    private static func tamperedMetadata(_ header: String, using generator: inout SplitMix64) -> String? {
        guard var entries = try? JSONSerialization.jsonObject(with: Data(header.utf8)) as? [String: Any],
            var metadata = entries["__metadata__"] as? [String: String],
            let key = metadata.keys.sorted().randomElement(using: &generator), let text = metadata[key]
        else { return nil }
        metadata[key] = String(decoding: Data(text.utf8).tamperedText(using: &generator), as: UTF8.self)
        entries["__metadata__"] = metadata
        guard let data = try? JSONSerialization.data(withJSONObject: entries) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    /// A few numbers are others, near the largest or no numbers at all.
    private static func tamperedFloats(_ body: Data, using generator: inout SplitMix64) -> Data {
        var bytes = [UInt8](body)
        let values: [Float] = [.nan, .infinity, -.infinity, 3e38, -3e38, Float.leastNonzeroMagnitude, -1, 0, 1e20]
        for _ in 0..<Int.random(in: 1...3, using: &generator) where bytes.count >= 4 {
            let position = Int.random(in: 0..<bytes.count / 4, using: &generator) * 4
            let value = (values.randomElement(using: &generator) ?? 0).bitPattern.littleEndian
            withUnsafeBytes(of: value) { bytes.replaceSubrange(position..<position + 4, with: $0) }
        }
        return Data(bytes)
    }
}
