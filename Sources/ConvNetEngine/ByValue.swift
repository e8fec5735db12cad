/// Compares what stands behind a protocol by its value, so that the compiler can make the `==` of the type that holds it.
///
///     @ByValue var optimizer: any Optimizer
@propertyWrapper
public struct ByValue<Value: Sendable>: Hashable, Sendable {
    public var wrappedValue: Value

    /// - Parameter wrappedValue: hashable, as all that conforms to ``Optimizer`` or ``Loss`` is.
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

    private var hashable: AnyHashable? { (wrappedValue as? any Hashable).map { AnyHashable($0) } }

    public static func == (a: Self, b: Self) -> Bool { a.hashable == b.hashable }

    public func hash(into hasher: inout Hasher) { hasher.combine(hashable) }
}
