import ConvNetPages

/// A layer written as text, as it would stand in Swift.
///
///     let layer = try LayerText.layer("Conv2D(10, kernel: 5, padding: 2)")
///
/// Sizes are written like `3` or, height first, `3x5`; padding is a number, a size, `same` or `valid`. What a layer says of itself,
/// in Swift, is read too: `Conv2D(8, kernel: Size(1, 7), weightInitializer: .kaimingNormal(.out)).named("conv1")`.
public enum LayerText {
    /// The layers that can be written.
    public static let names = entries.map(\.name)

    /// The layer that a text describes.
    ///
    /// - Throws: ``NetworkTextError`` where it is not written like a layer, has no such name, or one of its arguments is missing,
    ///   unknown or of the wrong kind.
    public static func layer(_ text: String) throws(NetworkTextError) -> any Layer { try layer(text, words: [:]) }

    /// - Parameter words: what words among the values stand for, e.g. `classes`.
    package static func layer(_ text: String, words: [String: Int]) throws(NetworkTextError) -> any Layer {
        if let match = text.wholeMatch(of: /(?s)(.*?)\s*\.named\(\s*(?:"([^"()]*)"|([^"'()\s]+))\s*\)\s*/) {
            return try unnamed(String(match.1), words).named(String(match.2 ?? match.3 ?? ""))
        }
        return try unnamed(text, words)
    }

    private static func unnamed(_ text: String, _ words: [String: Int]) throws(NetworkTextError) -> any Layer {
        let arguments = try TextArguments(text, .layer, words: words)
        guard let entry = entries.first(where: { $0.name == arguments.name }) else {
            throw NetworkTextError(
                problem: "there is no layer '\(shortened(arguments.name))'", hint: hint(arguments.name))
        }
        return try entry.make(arguments.checked(against: entry.usage))
    }

    /// How a layer is written, e.g. `Dropout(rate)`.
    static func usage(of name: String) -> String? {
        entries.first { $0.name == name }.map { "\($0.name)(\($0.usage))" }
    }

    private static func hint(_ name: String) -> String {
        let lower = name.lowercased()
        if let ours = foreignNames[lower] ?? names.first(where: { $0.lowercased() == lower })
            ?? nearestName(to: name, in: names)
        {
            return "did you mean '\(ours)'?"
        }
        return "there are \(names.joined(separator: ", "))"
    }

    /// What Keras, PyTorch and Caffe call our layers, in lower case.
    private static let foreignNames = [
        "avgpool2d": "AveragePool2D", "averagepooling2d": "AveragePool2D", "avgpooling2d": "AveragePool2D",
        "maxpooling2d": "MaxPool2D", "globalavgpool2d": "GlobalAveragePool2D",
        "globalaveragepooling2d": "GlobalAveragePool2D", "globalmaxpooling2d": "GlobalMaxPool2D",
        "adaptiveavgpool2d": "AdaptiveAveragePool2D", "linear": "Dense", "innerproduct": "Dense",
        "fullyconnected": "Dense", "convolution": "Conv2D", "convolution2d": "Conv2D",
        "batchnormalization": "BatchNorm",
        "batchnorm2d": "BatchNorm", "batchnorm1d": "BatchNorm", "lrn": "LocalResponseNorm",
        "localresponsenormalization": "LocalResponseNorm", "swish": "SiLU", "hardswish": "HardSwish",
        "hardsigmoid": "HardSigmoid", "hardtanh": "Clip", "clamp": "Clip", "zeropad2d": "ZeroPadding2D",
        "dropout2d": "Dropout", "maxout": "ChannelMaxPool",
    ]

    private struct Entry: Sendable {
        var name: String
        var usage: String
        var make: @Sendable (TextArguments) throws(NetworkTextError) -> any Layer

        init(
            _ name: String, _ usage: String,
            _ make: @escaping @Sendable (TextArguments) throws(NetworkTextError) -> any Layer
        ) {
            (self.name, self.usage, self.make) = (name, usage, make)
        }
    }

    private static let entries = [
        Entry(
            "Conv2D",
            "filters, kernel:, stride:, padding:, dilation:, groups:, bias:, weightInitializer:, biasInitializer:"
        ) {
            arguments throws(NetworkTextError) in
            Conv2D(
                try arguments.int("filters"), kernel: try arguments.size("kernel", or: nil),
                stride: try arguments.size("stride", or: Size(1)), padding: try arguments.padding(),
                dilation: try arguments.size("dilation", or: Size(1)), groups: try arguments.int("groups", or: 1),
                bias: try arguments.bool("bias", or: true),
                weightInitializer: try arguments.initializer("weightInitializer"),
                biasInitializer: try arguments.initializer("biasInitializer"))
        },
        Entry("LocallyConnected2D", "filters, kernel:, stride:, padding:, bias:, weightInitializer:, biasInitializer:")
        { arguments throws(NetworkTextError) in
            LocallyConnected2D(
                try arguments.int("filters"), kernel: try arguments.size("kernel", or: nil),
                stride: try arguments.size("stride", or: Size(1)), padding: try arguments.padding(),
                bias: try arguments.bool("bias", or: true),
                weightInitializer: try arguments.initializer("weightInitializer"),
                biasInitializer: try arguments.initializer("biasInitializer"))
        },
        Entry("MaxPool2D", "window, stride:, padding:, ceilMode:") { arguments throws(NetworkTextError) in
            let kernel = try arguments.size("window")
            return MaxPool2D(
                kernel, stride: try arguments.size("stride", or: kernel), padding: try arguments.padding(),
                ceilMode: try arguments.bool("ceilMode", or: false))
        },
        Entry("AveragePool2D", "window, stride:, padding:, countsPadding:, ceilMode:") {
            arguments throws(NetworkTextError) in
            let kernel = try arguments.size("window")
            return AveragePool2D(
                kernel, stride: try arguments.size("stride", or: kernel), padding: try arguments.padding(),
                countsPadding: try arguments.bool("countsPadding", or: true),
                ceilMode: try arguments.bool("ceilMode", or: false))
        },
        Entry("GlobalAveragePool2D", "") { _ in GlobalAveragePool2D() },
        Entry("GlobalMaxPool2D", "") { _ in GlobalMaxPool2D() },
        Entry("AdaptiveAveragePool2D", "size") { arguments throws(NetworkTextError) in
            AdaptiveAveragePool2D(try arguments.size("size"))
        },
        Entry("ChannelMaxPool", "channels, stride:") { arguments throws(NetworkTextError) in
            let channels = try arguments.int("channels")
            return ChannelMaxPool(channels, stride: try arguments.int("stride", or: channels))
        },
        Entry("Dense", "units, bias:, weightInitializer:, biasInitializer:") { arguments throws(NetworkTextError) in
            Dense(
                try arguments.int("units"), bias: try arguments.bool("bias", or: true),
                weightInitializer: try arguments.initializer("weightInitializer"),
                biasInitializer: try arguments.initializer("biasInitializer"))
        },
        Entry("Flatten", "") { _ in Flatten() },
        Entry("Reshape", "sizes...") { arguments throws(NetworkTextError) in
            Reshape(Shape(try arguments.ints("sizes")))
        },
        Entry("Dropout", "rate") { arguments throws(NetworkTextError) in Dropout(try arguments.number("rate")) },
        Entry("BatchNorm", "epsilon:, momentum:, affine:, frozen:") { arguments throws(NetworkTextError) in
            BatchNorm(
                epsilon: try arguments.number("epsilon", or: 1e-5), momentum: try arguments.number("momentum", or: 0.1),
                affine: try arguments.bool("affine", or: true), frozen: try arguments.bool("frozen", or: false))
        },
        Entry("ChannelAffine", "") { _ in ChannelAffine() },
        Entry("StochasticDepth", "rate") { arguments throws(NetworkTextError) in
            StochasticDepth(try arguments.number("rate"))
        },
        Entry("ChannelSlice", "first, count:") { arguments throws(NetworkTextError) in
            ChannelSlice(try arguments.int("first"), count: try arguments.int("count", or: nil))
        },
        Entry("ChannelPadding", "before:, after:") { arguments throws(NetworkTextError) in
            ChannelPadding(before: try arguments.int("before", or: 0), after: try arguments.int("after", or: nil))
        },
        Entry("ChannelShuffle", "groups") { arguments throws(NetworkTextError) in
            ChannelShuffle(try arguments.int("groups"))
        },
        Entry("LocalResponseNorm", "size, alpha:, beta:, k:") { arguments throws(NetworkTextError) in
            LocalResponseNorm(
                try arguments.int("size"), alpha: try arguments.number("alpha", or: 1e-4),
                beta: try arguments.number("beta", or: 0.75), k: try arguments.number("k", or: 1))
        },
        Entry("ZeroPadding2D", "side") { arguments throws(NetworkTextError) in ZeroPadding2D(try arguments.edges()) },
        Entry("ReLU", "") { _ in ReLU() }, Entry("ReLU6", "") { _ in ReLU6() },
        Entry("LeakyReLU", "slope") { arguments throws(NetworkTextError) in
            LeakyReLU(try arguments.number("slope", at: 0, or: 0.01))
        },
        Entry("ELU", "alpha") { arguments throws(NetworkTextError) in ELU(try arguments.number("alpha", at: 0, or: 1))
        },

        Entry("GELU", "formula") { arguments throws(NetworkTextError) in
            GELU(try arguments.choice("formula", or: .exact))
        },
        Entry("SiLU", "") { _ in SiLU() }, Entry("Tanh", "") { _ in Tanh() },
        Entry("Sigmoid", "") { _ in Sigmoid() }, Entry("HardSigmoid", "") { _ in HardSigmoid() },
        Entry("HardSwish", "") { _ in HardSwish() },
        Entry("Clip", "low:, high:") { arguments throws(NetworkTextError) in
            Clip(low: try arguments.number("low", or: nil), high: try arguments.number("high", or: nil))
        },
        Entry("PReLU", "shared:, initialWeight:") { arguments throws(NetworkTextError) in
            PReLU(
                shared: try arguments.bool("shared", or: false),
                initialWeight: try arguments.number("initialWeight", or: 0.25))
        },
        Entry("Softmax", "") { _ in Softmax() },
    ]
}
