/// Compares what stands behind a protocol by its value, so that the compiler can make the `==` of the type that holds it.
struct ByValue<Value: Sendable>: Hashable, Sendable {
    var value: Value

    /// - Parameter value: hashable, as all that conforms to ``Optimizer`` or ``Loss`` is.
    init(_ value: Value) { self.value = value }

    private var hashable: AnyHashable? { (value as? any Hashable).map { AnyHashable($0) } }

    static func == (a: Self, b: Self) -> Bool { a.hashable == b.hashable }

    func hash(into hasher: inout Hasher) { hasher.combine(hashable) }
}
