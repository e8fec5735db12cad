/// What files and data may say at most. A file that says more is damaged, or is meant to do harm; the article "Limits" lists these
/// for users, with those that are kept where their subject is: ``JSONScanner/maximumDepth``,
/// ``SafetensorsHeader/maximumLength``, ``Graph/maximumElementCount``.
package enum Limits {
    /// Bytes in UTF-8 of the name of a class or a parameter, the path to it included.
    package static let nameBytes = 1_000
    /// The same of a tensor in a file: a parameter's name, and what a checkpoint puts before it.
    static let tensorNameBytes = 2_000
    /// Sizes of a tensor's shape.
    package static let tensorRank = 64
    /// Layers of a network, as a graph counts them.
    static let nodes = 50_000
    /// Bytes of a network's description in a model file.
    package static let graphBytes = 16 << 20
    /// Bytes of the tuner's cache of choices.
    package static let tunerCacheBytes = 16 << 20
}
