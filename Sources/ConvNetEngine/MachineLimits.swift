/// What a machine can do at most, as measured on it.
public struct MachineLimits: Hashable, Sendable, Encodable {
    /// 10⁹ additions and multiplications a second, on numbers in registers.
    public var gflops: Double
    /// 10⁹ bytes read and written a second, in arrays that no cache holds.
    public var gigabytesPerSecond: Double

    private enum CodingKeys: String, CodingKey {
        case gflops
        case gigabytesPerSecond = "gigabytes_per_second"
    }

    /// Limits that were measured.
    public init(gflops: Double, gigabytesPerSecond: Double) {
        self.gflops = gflops
        self.gigabytesPerSecond = gigabytesPerSecond
    }

    /// The shortest time that work of this size can take: that of its arithmetic or that of its memory traffic.
    public func seconds(operations: Double, bytes: Int) -> Double {
        max(operations / (gflops * 1e9), Double(bytes) / (gigabytesPerSecond * 1e9))
    }
}
