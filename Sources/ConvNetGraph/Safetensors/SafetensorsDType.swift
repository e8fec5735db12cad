/// The element types a safetensors file can hold; the raw value is the name that stands in the file.
public enum SafetensorsDType: String, CaseIterable, Sendable {
    /// A truth value in a byte.
    case bool = "BOOL"
    /// An unsigned integer of 8 bits.
    case u8 = "U8"
    /// A signed integer of 8 bits.
    case i8 = "I8"
    /// Floating point: 4 bits of exponent, 3 of fraction.
    case f8E4M3 = "F8_E4M3"
    /// Floating point: 5 bits of exponent, 2 of fraction.
    case f8E5M2 = "F8_E5M2"
    /// A power of two: 8 bits of exponent, no sign, no fraction.
    case f8E8M0 = "F8_E8M0"
    /// As ``f8E4M3``, without infinities and negative zero.
    case f8E4M3FNUZ = "F8_E4M3FNUZ"
    /// As ``f8E5M2``, without infinities and negative zero.
    case f8E5M2FNUZ = "F8_E5M2FNUZ"
    /// An unsigned integer of 16 bits.
    case u16 = "U16"
    /// A signed integer of 16 bits.
    case i16 = "I16"
    /// IEEE 754 half precision.
    case f16 = "F16"
    /// bfloat16: the upper half of single precision.
    case bf16 = "BF16"
    /// An unsigned integer of 32 bits.
    case u32 = "U32"
    /// A signed integer of 32 bits.
    case i32 = "I32"
    /// IEEE 754 single precision.
    case f32 = "F32"
    /// An unsigned integer of 64 bits.
    case u64 = "U64"
    /// A signed integer of 64 bits.
    case i64 = "I64"
    /// IEEE 754 double precision.
    case f64 = "F64"
    /// A complex number of two single-precision ones.
    case c64 = "C64"

    /// The size of one element in bytes.
    public var byteWidth: Int {
        switch self {
        case .bool, .u8, .i8, .f8E4M3, .f8E5M2, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: 1
        case .u16, .i16, .f16, .bf16: 2
        case .u32, .i32, .f32: 4
        case .u64, .i64, .f64, .c64: 8
        }
    }

    /// Whether elements are numbers of floating point that Float is made of.
    package var isFloatingPoint: Bool { [.f16, .bf16, .f32, .f64].contains(self) }

    /// The size in bytes of a tensor of this type, or nil where a size is negative or the product overflows.
    func byteCount(ofShape shape: [Int]) -> Int? {
        var product = byteWidth
        for size in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { return nil }
            product = next
        }
        return product
    }
}
