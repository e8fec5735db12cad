/// Compares what stands behind a protocol by its value, so that the compiler can make the `==` of the type that holds it.
package struct ByValue<Value: Sendable>: Hashable, Sendable {
    package var value: Value

    /// - Parameter value: hashable, as all that conforms to ``Optimizer`` or ``Loss`` is, say.
    package init(_ value: Value) { self.value = value }

    private var hashable: AnyHashable? { (value as? any Hashable).map { AnyHashable($0) } }

    package static func == (a: Self, b: Self) -> Bool { a.hashable == b.hashable }

    package func hash(into hasher: inout Hasher) { hasher.combine(hashable) }
}
