import ConvNetPages
import Foundation

/// The directory of a ZIP archive whose members are stored as they are, as PyTorch writes them; those beyond 4 GB (ZIP64) too.
///
/// Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3.
struct ZipArchive {
    /// An archive that cannot be read.
    struct Malformed: Error {
        /// The end of a sentence.
        var problem: String
    }

    /// By the path within the archive.
    private(set) var members: [String: Range<Int>] = [:]

    static let start: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

    /// What one archive may have: more than PyTorch writes for any model.
    private static let maximumMembers = 1_000_000

    private let bytes: Data

    /// Reads the directory.
    ///
    /// - Throws: ``Malformed``, also where a member is compressed or encrypted.
    init(_ bytes: Data) throws(Malformed) {
        self.bytes = bytes
        let directory = try directory()
        var place = directory.offset
        for _ in 0..<directory.count { place = try addMember(at: place) }
    }

    /// The bytes of a member.
    func content(_ member: Range<Int>) -> Data {
        bytes[(bytes.startIndex + member.lowerBound)..<(bytes.startIndex + member.upperBound)]
    }

    // MARK: Directory

    private func directory() throws(Malformed) -> (offset: Int, count: Int) {
        let end = try endOfDirectory()
        var (count, offset) = (Int(try number(2, at: end + 10)), Int(try number(4, at: end + 16)))
        if count == 0xFFFF || offset == 0xFFFF_FFFF {
            let locator = end - 20
            guard locator >= 0, try number(4, at: locator) == 0x0706_4B50 else {
                throw Malformed(problem: "its directory of more than 4 GB cannot be found")
            }
            let large = try place(number(8, at: locator + 8))
            guard try number(4, at: large) == 0x0606_4B50 else {
                throw Malformed(problem: "its directory of more than 4 GB cannot be found")
            }
            count = try place(number(8, at: large + 32))
            offset = try place(number(8, at: large + 48))
        }
        guard count <= Self.maximumMembers else {
            throw Malformed(problem: "its directory has more than \(Self.maximumMembers.grouped) entries")
        }
        return (offset, count)
    }

    /// The record at the archive's end, which only a comment of at most 64 KB stands behind.
    private func endOfDirectory() throws(Malformed) -> Int {
        let last = bytes.count - 22
        for place in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
        where try number(4, at: place) == 0x0605_4B50 {
            return place
        }
        throw Malformed(problem: "it has no directory at its end: it was cut short; fetch it again")
    }

    /// - Returns: where the next entry stands.
    private mutating func addMember(at place: Int) throws(Malformed) -> Int {
        guard try number(4, at: place) == 0x0201_4B50 else {
            throw Malformed(problem: "its directory is damaged at byte \(place)")
        }
        let lengths = (
            name: try size(2, at: place + 28), extra: try size(2, at: place + 30), comment: try size(2, at: place + 32)
        )
        let name = String(decoding: try take(lengths.name, at: place + 46), as: UTF8.self)
        var sizes = [try size(4, at: place + 24), try size(4, at: place + 20), try size(4, at: place + 42)]
        try widen(&sizes, extra: place + 46 + lengths.name, length: lengths.extra)
        let (content, stored, header) = (sizes[0], sizes[1], sizes[2])
        guard try number(2, at: place + 8) & 1 == 0 else {
            throw Malformed(problem: "\(quoted(name)) in it is encrypted")
        }
        guard try number(2, at: place + 10) == 0, content == stored else {
            throw Malformed(
                problem:
                    "\(quoted(name)) in it is compressed, which PyTorch's files are not: unpack what the archive holds"
            )
        }
        guard try number(4, at: header) == 0x0403_4B50 else {
            throw Malformed(problem: "\(quoted(name)) does not begin where its directory says")
        }
        let begin = try header + 30 + size(2, at: header + 26) + size(2, at: header + 28)
        guard content <= bytes.count - begin else {
            throw Malformed(problem: "\(quoted(name)) goes on behind its end: it was cut short; fetch it again")
        }
        guard members.updateValue(begin..<begin + content, forKey: name) == nil else {
            throw Malformed(problem: "it has \(quoted(name)) twice")
        }
        return place + 46 + lengths.name + lengths.extra + lengths.comment
    }

    /// Takes sizes that do not fit in 32 bits from where ZIP64 has them.
    private func widen(_ sizes: inout [Int], extra: Int, length: Int) throws(Malformed) {
        guard sizes.contains(0xFFFF_FFFF) else { return }
        var place = extra
        while place + 4 <= extra + length {
            let (kind, count) = (try number(2, at: place), try size(2, at: place + 2))
            if kind == 1 {
                var field = place + 4
                for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
                    guard field + 8 <= place + 4 + count else { break }
                    sizes[index] = try self.place(number(8, at: field))
                    field += 8
                }
                return
            }
            place += 4 + count
        }
    }

    // MARK: Numbers

    private func take(_ count: Int, at place: Int) throws(Malformed) -> Data {
        guard place >= 0, place <= bytes.count, count <= bytes.count - place else {
            throw Malformed(problem: "its directory goes on behind its end: it was cut short; fetch it again")
        }
        return bytes[(bytes.startIndex + place)...].prefix(count)
    }

    private func number(_ count: Int, at place: Int) throws(Malformed) -> UInt64 {
        try take(count, at: place).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func size(_ count: Int, at place: Int) throws(Malformed) -> Int { Int(try number(count, at: place)) }

    /// A place in the archive, or a size: no more than there are bytes.
    private func place(_ number: UInt64) throws(Malformed) -> Int {
        guard number <= UInt64(bytes.count) else {
            throw Malformed(problem: "its directory says more than it has: it was cut short; fetch it again")
        }
        return Int(number)
    }
}
