import Foundation

/// The numbers that the reference engine computes with: `Float`, and `Double` for checking gradients numerically.
package protocol ReferenceScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable {
    static func exp(_ x: Self) -> Self
    static func expm1(_ x: Self) -> Self
    static func erf(_ x: Self) -> Self
    static func log(_ x: Self) -> Self
    static func pow(_ x: Self, _ exponent: Self) -> Self
    static func tanh(_ x: Self) -> Self
}

extension Float: ReferenceScalar {
    package static func exp(_ x: Float) -> Float { Foundation.exp(x) }
    package static func expm1(_ x: Float) -> Float { Foundation.expm1(x) }
    package static func erf(_ x: Float) -> Float { Foundation.erf(x) }
    package static func log(_ x: Float) -> Float { Foundation.log(x) }
    package static func pow(_ x: Float, _ exponent: Float) -> Float { Foundation.pow(x, exponent) }
    package static func tanh(_ x: Float) -> Float { Foundation.tanh(x) }
}

extension Double: ReferenceScalar {
    package static func exp(_ x: Double) -> Double { Foundation.exp(x) }
    package static func expm1(_ x: Double) -> Double { Foundation.expm1(x) }
    package static func erf(_ x: Double) -> Double { Foundation.erf(x) }
    package static func log(_ x: Double) -> Double { Foundation.log(x) }
    package static func pow(_ x: Double, _ exponent: Double) -> Double { Foundation.pow(x, exponent) }
    package static func tanh(_ x: Double) -> Double { Foundation.tanh(x) }
}

extension BinaryFloatingPoint {
    /// Whether it, and not `largest`, is the maximum of both: the first that is not a number, where there is one.
    @inlinable
    package func takesPlace(of largest: Self) -> Bool { self > largest || (isNaN && !largest.isNaN) }
}
