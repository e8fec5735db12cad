import ConvNetGraph

/// What a catalog's network is made with: the number of classes, and what its text says of the rest.
struct NetworkArguments {
    /// nil where nothing is said.
    var given: TextArguments?
    var classes: Int

    /// Filters of the first stage.
    func width(or standard: Int) throws(NetworkTextError) -> Int {
        try given?.int("width", or: standard, within: 1...4096) ?? standard
    }

    func dropout(or standard: Double) throws(NetworkTextError) -> Double {
        try given?.number("dropout", or: standard) ?? standard
    }

    func stochasticDepth(or standard: Double) throws(NetworkTextError) -> Double {
        try given?.number("stochasticDepth", or: standard) ?? standard
    }

    func hidden(or standard: [Int]) throws(NetworkTextError) -> [Int] {
        try given?.ints("hidden", or: standard) ?? standard
    }

    func widthMultiplier() throws(NetworkTextError) -> Double {
        try given?.number("widthMultiplier", or: 1, within: 0.01...64) ?? 1
    }

    func auxiliaryClassifiers() throws(NetworkTextError) -> Bool {
        try given?.bool("auxiliaryClassifiers", or: true) ?? true
    }
}

/// Several entries of the catalog under one name, which parameters tell apart.
struct EntryGroup {
    let name: String
    /// How it is written.
    let usage: String
    /// The entry's name, and what is left of the arguments.
    let member: @Sendable (TextArguments) throws(NetworkTextError) -> (String, TextArguments)

    /// `resnet(depth: 20)` is `resnet20`.
    private init(_ name: String, suffix: String = "") {
        self.name = name + suffix
        usage = "depth:, width:, dropout:"
        member = { arguments throws(NetworkTextError) in
            (name + String(try arguments.depth(of: name, suffix)) + suffix, arguments.removing("depth"))
        }
    }

    private init(
        _ name: String, usage: String,
        member: @escaping @Sendable (TextArguments) throws(NetworkTextError) -> (String, TextArguments)
    ) {
        (self.name, self.usage, self.member) = (name, usage, member)
    }

    static let all = [
        EntryGroup("resnet"), EntryGroup("resnet", suffix: "-v2"), EntryGroup("plain"),
        EntryGroup("vgg", usage: "depth:, batchNorm:, width:, dropout:") { arguments throws(NetworkTextError) in
            let name = "vgg\(try arguments.depth(of: "vgg", ""))"
            return (
                try arguments.bool("batchNorm", or: false) ? "\(name)-bn" : name,
                arguments.removing("depth").removing("batchNorm")
            )
        },
    ]
}

extension TextArguments {
    /// One of the depths that the catalog has.
    fileprivate func depth(of name: String, _ suffix: String) throws(NetworkTextError) -> Int {
        let depths = NetworkCatalog.all.compactMap { entry -> Int? in
            guard entry.name.hasPrefix(name), entry.name.hasSuffix(suffix) else { return nil }
            return Int(entry.name.dropFirst(name.count).dropLast(suffix.count))
        }.sorted()
        return try int("depth", oneOf: depths)
    }
}
