import ConvNetPages
import Foundation

/// Reads pickles, protocols 0 to 5, without doing what they say: a pickle is a program, and its functions and classes stay names here.
///
/// Source: the comments of Python's own `pickletools`, which say what each instruction does with the stack.
struct PickleReader {
    /// A pickle that does not follow the rules.
    struct Malformed: Error {
        /// The end of a sentence.
        var problem: String
    }

    private let bytes: Data
    /// Where the next instruction stands, counted from the beginning of the data.
    private(set) var position: Int
    private var table = PickleTable()
    private var stack: [PickleTable.Index] = []
    /// Where on the stack the marks stand.
    private var marks: [Int] = []
    private var memo: [Int: PickleTable.Index] = [:]

    /// What one pickle may hold; those of weights have a few dozen values for each tensor.
    static let maximumValues = 4_000_000

    /// - Parameter position: where the pickle begins.
    init(_ bytes: Data, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Reads to the pickle's end.
    ///
    /// - Returns: all values, and which of them is the pickle's.
    /// - Throws: ``Malformed``.
    mutating func read() throws(Malformed) -> (table: PickleTable, root: PickleTable.Index) {
        while let instruction = try step() {
            guard table.values.count <= Self.maximumValues else {
                throw Malformed(problem: "its pickle has more than \(Self.maximumValues.grouped) values")
            }
            try execute(instruction)
        }
        let root = try pop()
        return (table, root)
    }

    /// The next instruction; nil at the end.
    private mutating func step() throws(Malformed) -> UInt8? {
        let code = try byte()
        return code == UInt8(ascii: ".") ? nil : code
    }

    // MARK: Instructions

    private mutating func execute(_ code: UInt8) throws(Malformed) {
        if try executesStructure(code) { return }
        if try pushesNumber(code) { return }
        if try pushesText(code) { return }
        if try makesCollection(code) { return }
        if try usesMemo(code) { return }
        if try makesObject(code) { return }
        throw malformed("has an unknown instruction, \(code),")
    }

    private mutating func executesStructure(_ code: UInt8) throws(Malformed) -> Bool {
        switch code {
        // Protocol and frame: nothing to do.
        case 0x80: _ = try byte()
        case 0x95: _ = try count(bytes: 8)
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"): try drop()
        case UInt8(ascii: "1"): _ = try popMark()
        case UInt8(ascii: "2"): stack.append(try top())
        default: return false
        }
        return true
    }

    private mutating func pushesNumber(_ code: UInt8) throws(Malformed) -> Bool {
        switch code {
        case UInt8(ascii: "N"): push(.none)
        case 0x88: push(.boolean(true))
        case 0x89: push(.boolean(false))
        case UInt8(ascii: "J"): push(.integer(Int(Int32(truncatingIfNeeded: try unsigned(bytes: 4)))))
        case UInt8(ascii: "K"): push(.integer(Int(try byte())))
        case UInt8(ascii: "M"): push(.integer(Int(try unsigned(bytes: 2))))
        case 0x8A: try pushLong(length: count(bytes: 1))
        case 0x8B: try pushLong(length: count(bytes: 4))
        case UInt8(ascii: "I"), UInt8(ascii: "L"): push(integer(try line()))
        case UInt8(ascii: "F"): push(.number(Double(try line()) ?? .nan))
        case UInt8(ascii: "G"): push(.number(Double(bitPattern: try unsigned(bytes: 8).byteSwapped)))
        default: return false
        }
        return true
    }

    private mutating func pushesText(_ code: UInt8) throws(Malformed) -> Bool {
        switch code {
        // Texts of Python 2 are bytes, and are names as a rule.
        case UInt8(ascii: "S"): push(.text(try line().withoutQuotes))
        case UInt8(ascii: "V"): push(.text(try line()))
        case UInt8(ascii: "T"), UInt8(ascii: "X"): push(.text(try text(length: count(bytes: 4))))
        case UInt8(ascii: "U"), 0x8C: push(.text(try text(length: count(bytes: 1))))
        case 0x8D: push(.text(try text(length: count(bytes: 8))))
        case UInt8(ascii: "C"): try pushOpaque(length: count(bytes: 1))
        case UInt8(ascii: "B"): try pushOpaque(length: count(bytes: 4))
        case 0x8E, 0x96: try pushOpaque(length: count(bytes: 8))
        default: return false
        }
        return true
    }

    private mutating func makesCollection(_ code: UInt8) throws(Malformed) -> Bool {
        switch code {
        case UInt8(ascii: "]"), 0x8F: push(.list([]))
        case UInt8(ascii: "}"): push(.dictionary([]))
        case UInt8(ascii: ")"): push(.tuple([]))
        case 0x85, 0x86, 0x87: push(.tuple(try pop(Int(code) - 0x84)))
        case UInt8(ascii: "t"): push(.tuple(try popMark()))
        case UInt8(ascii: "l"), 0x91: push(.list(try popMark()))
        case UInt8(ascii: "d"): push(.dictionary(try pairs(popMark())))
        case UInt8(ascii: "a"): try extend([try pop()])
        case UInt8(ascii: "e"), 0x90: try extend(popMark())
        case UInt8(ascii: "s"): try set(pairs(pop(2)))
        case UInt8(ascii: "u"): try set(pairs(popMark()))
        default: return false
        }
        return true
    }

    private mutating func usesMemo(_ code: UInt8) throws(Malformed) -> Bool {
        switch code {
        case UInt8(ascii: "p"): memo[try number(line())] = try top()
        case UInt8(ascii: "q"): memo[try count(bytes: 1)] = try top()
        case UInt8(ascii: "r"): memo[try count(bytes: 4)] = try top()
        case 0x94: memo[memo.count] = try top()
        case UInt8(ascii: "g"): try recall(number(line()))
        case UInt8(ascii: "h"): try recall(count(bytes: 1))
        case UInt8(ascii: "j"): try recall(count(bytes: 4))
        default: return false
        }
        return true
    }

    private mutating func makesObject(_ code: UInt8) throws(Malformed) -> Bool {
        switch code {
        case UInt8(ascii: "c"): push(.global(try global()))
        case 0x93:
            let names = try pop(2)
            guard let module = table.text(names[0]), let name = table.text(names[1]) else {
                throw malformed("names a function by what is no text")
            }
            push(.global(PickleGlobal(module: module, name: name)))
        case UInt8(ascii: "R"), 0x81:
            let call = try pop(2)
            push(result(of: call[0], table.elements(call[1]) ?? []))
        case 0x92:
            let call = try pop(3)
            push(result(of: call[0], table.elements(call[1]) ?? []))
        case UInt8(ascii: "o"):
            let call = try popMark()
            guard let callable = call.first else { throw malformed("makes an object of nothing") }
            push(result(of: callable, Array(call.dropFirst())))
        case UInt8(ascii: "i"):
            let callable = table.append(.global(try global()))
            push(result(of: callable, try popMark()))
        // The state of an object, which nothing here depends on.
        case UInt8(ascii: "b"):
            _ = try pop()
            _ = try top()
        case UInt8(ascii: "P"): push(.persistent(table.append(.text(try line()))))
        case UInt8(ascii: "Q"): push(.persistent(try pop()))
        default: return false
        }
        return true
    }

    private mutating func global() throws(Malformed) -> PickleGlobal {
        let module = try line()
        return PickleGlobal(module: module, name: try line())
    }

    private static let dictionaries: Set<PickleGlobal> = [
        PickleGlobal(module: "collections", name: "OrderedDict"),
        PickleGlobal(module: "collections", name: "defaultdict"),
    ]

    /// What a function makes of its arguments: dictionaries are made, all else stays as it was said.
    private func result(of callable: PickleTable.Index, _ arguments: [PickleTable.Index]) -> PickleTable.Value {
        guard let global = table.global(callable), Self.dictionaries.contains(global) else {
            return .object(of: callable, arguments: arguments)
        }
        // Python 2 wrote the pairs as an argument.
        let pairs = arguments.first.flatMap(table.elements) ?? []
        return .dictionary(
            pairs.compactMap { pair in
                guard let pair = table.elements(pair), pair.count == 2 else { return nil }
                return (key: pair[0], value: pair[1])
            })
    }
}

// MARK: - Stack

extension PickleReader {
    private mutating func push(_ value: PickleTable.Value) { stack.append(table.append(value)) }

    private func malformed(_ problem: String) -> Malformed {
        Malformed(problem: "its pickle \(problem) at byte \(position)")
    }

    private mutating func pop() throws(Malformed) -> PickleTable.Index {
        // What lies below a mark belongs to something else.
        guard stack.count > marks.last ?? 0, let last = stack.popLast() else {
            throw malformed("takes a value from an empty stack")
        }
        return last
    }

    private mutating func pop(_ count: Int) throws(Malformed) -> [PickleTable.Index] {
        guard stack.count - count >= marks.last ?? 0 else { throw malformed("takes a value from an empty stack") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private func top() throws(Malformed) -> PickleTable.Index {
        guard stack.count > marks.last ?? 0, let last = stack.last else {
            throw malformed("looks at an empty stack")
        }
        return last
    }

    /// A mark is dropped as a value is.
    private mutating func drop() throws(Malformed) {
        if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    }

    private mutating func popMark() throws(Malformed) -> [PickleTable.Index] {
        guard let mark = marks.popLast() else { throw malformed("goes back to a mark that is not there") }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private func pairs(
        _ elements: [PickleTable.Index]
    ) throws(Malformed) -> [(key: PickleTable.Index, value: PickleTable.Index)] {
        guard elements.count.isMultiple(of: 2) else { throw malformed("has a key without a value") }
        return stride(from: 0, to: elements.count, by: 2).map { (key: elements[$0], value: elements[$0 + 1]) }
    }

    /// Adds elements to the list on top; those of an object are nothing that weights are made of.
    private mutating func extend(_ elements: [PickleTable.Index]) throws(Malformed) {
        let target = try top()
        guard case .list(var list) = table[target] else { return }
        // Held in one place only, or each element would copy the list.
        table[target] = .none
        list += elements
        table[target] = .list(list)
    }

    private mutating func set(
        _ pairs: [(key: PickleTable.Index, value: PickleTable.Index)]
    ) throws(Malformed) {
        let target = try top()
        guard case .dictionary(var entries) = table[target] else { return }
        table[target] = .none
        entries += pairs
        table[target] = .dictionary(entries)
    }

    private mutating func recall(_ number: Int) throws(Malformed) {
        guard let value = memo[number] else { throw malformed("recalls what it has not remembered") }
        stack.append(value)
    }
}

// MARK: - Arguments

extension PickleReader {
    private mutating func take(_ count: Int) throws(Malformed) -> Data {
        guard count >= 0, count <= bytes.count - position else {
            throw Malformed(problem: "its pickle is cut short at byte \(bytes.count)")
        }
        defer { position += count }
        return bytes[(bytes.startIndex + position)...].prefix(count)
    }

    private mutating func byte() throws(Malformed) -> UInt8 { UInt8(truncatingIfNeeded: try unsigned(bytes: 1)) }

    /// A little-endian number.
    private mutating func unsigned(bytes count: Int) throws(Malformed) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// How many bytes follow.
    private mutating func count(bytes: Int) throws(Malformed) -> Int {
        Int(clamping: try unsigned(bytes: bytes))
    }

    private mutating func text(length: Int) throws(Malformed) -> String {
        String(decoding: try take(length), as: UTF8.self)
    }

    private mutating func pushOpaque(length: Int) throws(Malformed) {
        _ = try take(length)
        push(.opaque)
    }

    /// A little-endian number in two's complement; those that no `Int` holds are nothing that weights are made of.
    private mutating func pushLong(length: Int) throws(Malformed) {
        let digits = try take(length)
        guard digits.count <= 8 else { return push(.opaque) }
        let isNegative = digits.last.map { $0 >= 0x80 } ?? false
        let bits = digits.reversed().reduce(isNegative ? -1 : 0 as Int64) { $0 << 8 | Int64($1) }
        push(.integer(Int(bits)))
    }

    private mutating func line() throws(Malformed) -> String {
        let rest = bytes[(bytes.startIndex + position)...]
        // Names and numbers; a longer line is none.
        guard let end = rest.prefix(1 << 16).firstIndex(of: UInt8(ascii: "\n")) else {
            throw malformed("has a line without an end")
        }
        let line = String(decoding: rest[..<end], as: UTF8.self)
        position = end + 1 - bytes.startIndex
        return line
    }

    private func integer(_ line: String) -> PickleTable.Value {
        switch line {
        case "00": .boolean(false)
        case "01": .boolean(true)
        default: Int(line.hasSuffix("L") ? line.dropLast() : line[...]).map { .integer($0) } ?? .opaque
        }
    }

    private func number(_ line: String) throws(Malformed) -> Int {
        guard let number = Int(line) else { throw malformed("remembers a value under '\(shortened(line))'") }
        return number
    }
}

extension String {
    fileprivate var withoutQuotes: String {
        guard count >= 2, let first, first == last, "'\"".contains(first) else { return self }
        return String(dropFirst().dropLast())
    }
}
