import ConvNetGraph

/// What happens to weights that do not fit a network.
public enum WeightPolicy: String, CaseIterable, Codable, Sendable {
    /// Each parameter has its weights, and no weights are left: anything else is an error.
    case strict
    /// As strict, but for the heads, which may be missing or have another number of classes, and begin anew then.
    case newHead = "new-head"
    /// What fits is taken.
    case partial
}

/// Which of a source's tensors are a network's parameters.
public struct WeightMatch: Sendable {
    /// Where the weights are.
    public let source: any WeightSource
    /// Whose names the source has, where they are not the network's own.
    public let program: String?
    /// By parameter, the name that the source has for it.
    public let tensors: [String: String]
    /// Parameters that keep what they have, in the network's order: the source has nothing for them, or another shape.
    public let missing: [String]
    /// Parameters for which the source has another shape, all of them among ``missing``.
    public let misshapen: [WeightMismatch.Misshapen]
    /// The source's tensors that no parameter takes, in its order.
    public let unused: [String]

    /// The weights of one parameter, row-major; nil where it keeps what it has.
    ///
    /// - Throws: what the source throws.
    public func values(of parameter: String) throws -> [Float]? {
        try tensors[parameter].map { try source.floats(named: $0) }
    }
}

extension Network {
    /// Finds the weights of each parameter in a source, by the network's own names or by another program's, whichever fits more of
    /// them; a part that all the source's names begin with, as `model.`, is left out.
    ///
    /// A dense layer's weights may come as those of the convolution that it is, (out, C, H, W) for (out, C·H·W).
    ///
    /// - Parameters:
    ///   - namings: how other programs call the parameters.
    ///   - policy: what happens to what does not fit.
    /// - Throws: ``WeightMismatch`` where the policy does not allow what does not fit.
    public func match(
        _ source: any WeightSource, namings: [WeightNaming] = [], policy: WeightPolicy = .strict
    ) throws(WeightMismatch) -> WeightMatch {
        let shapes = source.weights.mapValues(\.shape)
        let own = WeightNames(program: nil, of: source.names) { $0 }
        var best = (names: own, fitting: fitting(own, shapes))
        for prefix in [""] + Self.prefixes(of: source.names) {
            for naming in [WeightNaming?.none] + namings.map(Optional.some) {
                let names = WeightNames(program: naming?.program, of: source.names) { name in
                    guard name.hasPrefix(prefix) else { return nil }
                    let name = String(name.dropFirst(prefix.count))
                    return naming.map { $0.parameter(name) } ?? name
                }
                let fitting = fitting(names, shapes)
                if fitting > best.fitting { best = (names, fitting) }
            }
        }
        return try match(source, best.names, shapes, policy)
    }

    private func match(
        _ source: any WeightSource, _ names: WeightNames, _ shapes: [String: [Int]], _ policy: WeightPolicy
    ) throws(WeightMismatch) -> WeightMatch {
        let heads = heads.map { $0.dotted + "." }
        func isOfHead(_ name: String) -> Bool { heads.contains { name.hasPrefix($0) } }
        // What checks compare: the parameters' shapes where the source's are those in other words.
        var received: [String: [Int]] = [:]
        for (parameter, tensor) in names.tensors { received[parameter] = shapes[tensor] }
        for parameter in parameters where received[parameter.name].map({ isShape($0, of: parameter) }) ?? false {
            received[parameter.name] = parameter.shape
        }
        var required = received
        if policy == .newHead {
            for parameter in parameters where isOfHead(parameter.name) { required[parameter.name] = parameter.shape }
            required = required.filter { name, _ in !isOfHead(name) || parameters.contains { $0.name == name } }
        }
        if policy != .partial { try checkWeights(required, source: source.name) }
        let taken = parameters.filter { received[$0.name] == $0.shape }.map(\.name)
        let tensors = Dictionary(
            uniqueKeysWithValues: taken.compactMap { name in names.tensors[name].map { (name, $0) } })
        let used = Set(tensors.values)
        return WeightMatch(
            source: source, program: names.program, tensors: tensors,
            missing: parameters.map(\.name).filter { tensors[$0] == nil },
            misshapen: parameters.compactMap { parameter in
                received[parameter.name].flatMap { shape in
                    shape == parameter.shape
                        ? nil
                        : WeightMismatch.Misshapen(name: parameter.name, expected: parameter.shape, received: shape)
                }
            },
            unused: source.names.filter { !used.contains($0) && !$0.hasSuffix("num_batches_tracked") })
    }

    /// The number of parameters that have weights of their shape.
    private func fitting(_ names: WeightNames, _ shapes: [String: [Int]]) -> Int {
        parameters.count { parameter in
            names.tensors[parameter.name].flatMap { shapes[$0] }.map { isShape($0, of: parameter) } ?? false
        }
    }

    private func isShape(_ shape: [Int], of parameter: Parameter) -> Bool {
        if shape == parameter.shape { return true }
        guard parameter.shape.count == 2, shape.count == 4, shape.first == parameter.shape.first else { return false }
        return shape.reduce(1, { $0.saturatingProduct($1) }) == parameter.count
    }

    /// What names may have before them: their first parts, with the dot.
    private static func prefixes(of names: [String]) -> [String] {
        Set(names.compactMap { name in name.firstIndex(of: ".").map { String(name[...$0]) } }).sorted()
    }
}

/// A source's tensors by the parameters that they are for.
private struct WeightNames {
    let program: String?
    private(set) var tensors: [String: String] = [:]

    init(program: String?, of names: [String], parameter: (String) -> String?) {
        self.program = program
        for name in names {
            if let parameter = parameter(name) { tensors[parameter] = name }
        }
    }
}
