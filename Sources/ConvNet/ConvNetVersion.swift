/// The version of this library.
public enum ConvNetVersion {
    /// `major.minor.patch`
    public static let current = "0.1.0"
}
