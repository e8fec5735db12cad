/// What a pickle describes, as a table of values that name one another by number: lists may hold themselves, and a chain of a million
/// tuples is no depth that anything has to climb down.
struct PickleTable {
    /// A value's place in the table.
    typealias Index = Int

    /// A value.
    enum Value {
        case none
        case boolean(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
        /// Bytes, and integers beyond 64 bits: nothing that weights are made of.
        case opaque
        case tuple([Index])
        case list([Index])
        case dictionary([(key: Index, value: Index)])
        /// A function or a class, which is never looked up.
        case global(PickleGlobal)
        /// What a function or a class would have made of its arguments.
        case object(of: Index, arguments: [Index])
        /// What the program that wrote the pickle keeps elsewhere, by the name it gave it.
        case persistent(Index)
    }

    private(set) var values: [Value] = [.none, .boolean(false), .boolean(true)]

    /// Adds a value, but for those that are the same everywhere.
    mutating func append(_ value: Value) -> Index {
        switch value {
        case .none: return 0
        case .boolean(let isTrue): return isTrue ? 2 : 1
        default:
            values.append(value)
            return values.count - 1
        }
    }

    subscript(index: Index) -> Value {
        get { values[index] }
        set { values[index] = newValue }
    }

    func text(_ index: Index) -> String? { if case .text(let text) = values[index] { text } else { nil } }

    func integer(_ index: Index) -> Int? { if case .integer(let number) = values[index] { number } else { nil } }

    func global(_ index: Index) -> PickleGlobal? { if case .global(let global) = values[index] { global } else { nil } }

    /// The elements of a tuple or a list.
    func elements(_ index: Index) -> [Index]? {
        switch values[index] {
        case .tuple(let elements), .list(let elements): elements
        default: nil
        }
    }

    func dictionary(_ index: Index) -> [(key: Index, value: Index)]? {
        if case .dictionary(let entries) = values[index] { entries } else { nil }
    }

    /// A dictionary's value for a text; of several, the last counts.
    func value(of key: String, in index: Index) -> Index? {
        dictionary(index)?.last { text($0.key) == key }?.value
    }

    /// Integers, as shapes and strides are written.
    func integers(_ index: Index) -> [Int]? {
        guard let elements = elements(index) else { return nil }
        let integers = elements.compactMap(integer)
        return integers.count == elements.count ? integers : nil
    }
}

/// The name of a function or a class in a pickle.
struct PickleGlobal: Hashable, CustomStringConvertible {
    var module: String
    var name: String

    var description: String { "\(module).\(name)" }
}
