import ConvNetGraph
import Foundation

/// An array of unsigned bytes in the IDX format of MNIST, http://yann.lecun.com/exdb/mnist: two zero bytes, the type of
/// the elements, the number of dimensions, each size as a big-endian 32-bit integer, and the elements in row-major
/// order.
package struct IDXFile: Sendable {
    /// What error messages call the file, usually its path.
    package let name: String

    /// The sizes of the dimensions, outermost first, all positive: N×H×W for images, N for labels.
    package let sizes: [Int]

    /// The elements in row-major order, as many as the product of the sizes. The indices do not start at zero.
    package let elements: Data

    /// The most bytes that a compressed file may expand to, 2³¹: more than any published dataset in this format takes,
    /// and little enough to be refused before memory runs out, if there is as much. Uncompressed files have no limit but
    /// memory's.
    package static let decompressedLimit = 1 << 31

    /// The code of unsigned bytes in the third byte of a file; other codes stand for wider integers and floats.
    private static let unsignedByte: UInt32 = 0x08

    /// Reads a file, compressed with gzip or not.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - rank: The number of dimensions it must have, 1 to 255: 3 for images, 1 for labels.
    /// - Throws: `DatasetError` where the file is missing, unreadable, corrupt or of another kind.
    package init(contentsOf url: URL, rank: Int) throws(DatasetError) {
        let file = try FileReader(url)
        let start = try file.start(Self.headerSize(rank: rank))
        // A file of another size than its header promises need not be read to say so.
        if !Gzip.isGzip(start), file.statedSize > 0 { _ = try Self.sizes(start, of: file.statedSize, rank, url.path) }
        try self.init(data: file.start(.max), rank: rank, name: url.path)
    }

    /// Reads the content of a file, compressed with gzip or not.
    ///
    /// - Parameters:
    ///   - data: The content.
    ///   - rank: The number of dimensions it must have, 1 to 255: 3 for images, 1 for labels.
    ///   - name: What error messages call the file.
    /// - Throws: `DatasetError` where the data is corrupt or of another kind.
    package init(data: Data, rank: Int, name: String) throws(DatasetError) {
        var data = data
        if Gzip.isGzip(data) {
            data = try Self.decompressed(data, name: name)
        }
        self.name = name
        sizes = try Self.sizes(data, of: data.count, rank, name)
        elements = data.dropFirst(Self.headerSize(rank: rank))
    }

    private static func decompressed(_ data: Data, name: String) throws(DatasetError) -> Data {
        let available = AvailableMemory.bytes ?? .max
        do {
            return try Gzip.decompress(data, limit: min(decompressedLimit, available), name: name)
        } catch .tooLarge where available < decompressedLimit {
            throw .notEnoughMemory(file: name, needed: decompressedLimit, available: available)
        }
    }

    private static func headerSize(rank: Int) -> Int { 4 + 4 * rank }

    /// The sizes of a file that starts with `start` and holds so many bytes, where it is whole.
    private static func sizes(_ start: Data, of bytes: Int, _ rank: Int, _ name: String) throws(DatasetError) -> [Int] {
        let sizes = try readSizes(start, rank: rank, name: name)
        let promised = try elementCount(sizes, name: name)
        let held = bytes - headerSize(rank: rank)
        guard held >= promised else { throw .missingBytes(file: name, promised: promised, held: held) }
        guard held == promised else { throw .trailingBytes(file: name, promised: promised, held: held) }
        return sizes
    }

    private static func readSizes(_ data: Data, rank: Int, name: String) throws(DatasetError) -> [Int] {
        let headerSize = headerSize(rank: rank)
        guard data.count >= 4 else {
            throw .truncatedHeader(file: name, found: data.count, expected: headerSize)
        }
        let magic = bigEndianWord(data, at: 0)
        guard magic >> 8 == unsignedByte else {
            throw .wrongMagicNumber(file: name, found: magic, expected: unsignedByte << 8 | UInt32(rank))
        }
        guard magic & 0xFF == UInt32(rank) else {
            throw .unexpectedRank(file: name, found: Int(magic & 0xFF), expected: rank)
        }
        guard data.count >= headerSize else {
            throw .truncatedHeader(file: name, found: data.count, expected: headerSize)
        }
        return (0..<rank).map { Int(bigEndianWord(data, at: 4 + 4 * $0)) }
    }

    private static func elementCount(_ sizes: [Int], name: String) throws(DatasetError) -> Int {
        guard !sizes.contains(0) else { throw .noElements(file: name, sizes: sizes) }
        var count = 1
        for size in sizes {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw .sizesOverflow(file: name, sizes: sizes) }
            count = product
        }
        return count
    }

    private static func bigEndianWord(_ data: Data, at offset: Int) -> UInt32 {
        data.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
