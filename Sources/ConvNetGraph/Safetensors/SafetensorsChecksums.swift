import Foundation

/// The CRC-32 of each tensor's bytes, and of what the metadata says, in the metadata of a safetensors file: they tell a file that
/// has been damaged, on its disk or on its way, from one that is as it was written. A safetensors file itself does not tell.
///
/// Other programs pass over the two entries. One that changes tensors has to drop them.
struct SafetensorsChecksums {
    /// `{"conv1.weight":"8d0a1f33",…}`, in hexadecimal digits.
    static let tensorsKey = "convnet.crc32"
    /// That of all other entries; see ``checksum(of:)``.
    static let metadataKey = "convnet.crc32.metadata"

    /// By tensor.
    var tensors: [String: UInt32] = [:]

    /// The metadata with these checksums, whatever it had. It takes as many bytes whatever their values are.
    func added(to metadata: [String: String]) throws -> [String: String] {
        var metadata = Self.removed(from: metadata)
        metadata[Self.tensorsKey] = String(
            decoding: try JSONEncoder.sorted.encode(tensors.mapValues(Self.text)), as: UTF8.self)
        metadata[Self.metadataKey] = Self.text(Self.checksum(of: metadata))
        return metadata
    }

    /// The metadata without checksums.
    static func removed(from metadata: [String: String]) -> [String: String] {
        metadata.filter { $0.key != tensorsKey && $0.key != metadataKey }
    }

    /// Of all entries but that of ``metadataKey``, in the order of their keys' bytes: key, 0, value, 0.
    private static func checksum(of metadata: [String: String]) -> UInt32 {
        var checksum = CRC32()
        for (key, value) in metadata.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        where key != metadataKey {
            checksum.append(key)
            checksum.append(value)
        }
        return checksum.value
    }

    private static func text(_ checksum: UInt32) -> String {
        let digits = String(checksum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension SafetensorsChecksums {
    /// What the metadata says; nil where it has no checksums.
    ///
    /// - Throws: `SafetensorsError.damaged` where the metadata is not as it was written.
    init?(in metadata: [String: String], tensors names: [String], file: String) throws(SafetensorsError) {
        guard metadata[Self.tensorsKey] != nil || metadata[Self.metadataKey] != nil else { return nil }
        guard metadata[Self.metadataKey] == Self.text(Self.checksum(of: metadata)),
            let tensors = metadata[Self.tensorsKey].flatMap(Self.tensors), Set(tensors.keys) == Set(names)
        else { throw .damaged(file: file, part: .metadata) }
        self.tensors = tensors
    }

    private static func tensors(_ text: String) -> [String: UInt32]? {
        try? JSONText.decode([String: String].self, from: Data(text.utf8)).compactMapValues { UInt32($0, radix: 16) }
    }

    /// - Throws: `SafetensorsError.damaged` where the bytes of a tensor are not those that were written.
    func check(_ tensor: String, _ bytes: Data, file: String) throws(SafetensorsError) {
        var checksum = CRC32()
        bytes.withUnsafeBytes { checksum.append($0) }
        guard tensors[tensor] == checksum.value else { throw .damaged(file: file, part: .tensor(tensor)) }
    }
}
