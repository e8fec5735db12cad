extension [Shape] {
    /// The only input of an operation that takes one.
    func single() throws(ShapeError) -> Shape {
        guard count == 1 else { throw .wrongInputCount(expected: 1, received: count) }
        return try self[0].checked()
    }

    /// The only input, which must be a feature map.
    func singleFeatureMap() throws(ShapeError) -> Shape {
        let input = try single()
        guard input.isFeatureMap else { throw .needsFeatureMap(received: input) }
        return input
    }
}

extension Shape {
    /// The shape, if a layer may read an array of it: larger sizes overflow somewhere in the arithmetic of windows.
    func checked() throws(ShapeError) -> Shape {
        guard rank == 1 || isFeatureMap else { throw .unreadableRank(self) }
        for size in dimensions where size <= 0 { throw .notPositive("each size of the input", size) }
        guard count(notExceeding: Graph.maximumElementCount) != nil else {
            throw .tooManyElements(what: "the input", self)
        }
        return self
    }
}

extension Parameter {
    /// `weight` and, with an initialiser for it, `bias`: where its shape is not given, of as many elements as the weight has
    /// rows.
    static func weightAndBias(
        weight shape: [Int], _ initializer: Initializer, bias: Initializer?, biasShape: [Int]? = nil, fanIn: Int,
        fanOut: Int
    ) -> [Parameter] {
        let weight = Parameter(name: "weight", shape: shape, initializer: initializer, fanIn: fanIn, fanOut: fanOut)
        guard let bias else { return [weight] }
        return [
            weight,
            Parameter(
                name: "bias", shape: biasShape ?? [shape[0]], initializer: bias, fanIn: fanIn, fanOut: fanOut),
        ]
    }
}

extension Size {
    /// As one would write it in Swift: `3`, or `Size(1, 7)`.
    var code: String { height == width ? "\(height)" : "Size(\(height), \(width))" }
}
