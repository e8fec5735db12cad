import ConvNetPages

/// A layer written as text, as it would stand in Swift.
///
///     let layer = try LayerText.layer("Conv2D(10, kernel: 5, padding: 2)")
///
/// Sizes are written like `3` or, height first, `3x5`; padding is a number, a size, `same` or `valid`.
public enum LayerText {
    /// The layers that can be written.
    public static let names = entries.map(\.name)

    /// The layer that a text describes.
    ///
    /// - Throws: ``LayerTextError`` where it is not written like a layer, has no such name, or one of its arguments is missing,
    ///   unknown or of the wrong kind.
    public static func layer(_ text: String) throws(LayerTextError) -> any Layer {
        let arguments = try LayerArguments(text)
        guard let entry = entries.first(where: { $0.name == arguments.name }) else {
            throw LayerTextError(
                problem: "there is no layer '\(printable(arguments.name))'", hint: hint(arguments.name))
        }
        try arguments.check(against: entry.usage)
        return try entry.make(arguments)
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
        "localresponsenormalization": "LocalResponseNorm", "swish": "SiLU", "zeropad2d": "ZeroPadding2D",
        "dropout2d": "Dropout", "maxout": "ChannelMaxPool",
    ]

    private struct Entry: Sendable {
        var name: String
        var usage: String
        var make: @Sendable (LayerArguments) throws(LayerTextError) -> any Layer

        init(
            _ name: String, _ usage: String,
            _ make: @escaping @Sendable (LayerArguments) throws(LayerTextError) -> any Layer
        ) {
            (self.name, self.usage, self.make) = (name, usage, make)
        }
    }

    private static let entries = [
        Entry("Conv2D", "filters, kernel:, stride:, padding:, dilation:, groups:, bias:") {
            arguments throws(LayerTextError) in
            Conv2D(
                try arguments.int("filters"), kernel: try arguments.size("kernel", or: nil),
                stride: try arguments.size("stride", or: Size(1)), padding: try arguments.padding(),
                dilation: try arguments.size("dilation", or: Size(1)), groups: try arguments.int("groups", or: 1),
                bias: try arguments.bool("bias", or: true))
        },
        Entry("LocallyConnected2D", "filters, kernel:, stride:, padding:, bias:") { arguments throws(LayerTextError) in
            LocallyConnected2D(
                try arguments.int("filters"), kernel: try arguments.size("kernel", or: nil),
                stride: try arguments.size("stride", or: Size(1)), padding: try arguments.padding(),
                bias: try arguments.bool("bias", or: true))
        },
        Entry("MaxPool2D", "window, stride:, padding:, ceilMode:") { arguments throws(LayerTextError) in
            let kernel = try arguments.size("window")
            return MaxPool2D(
                kernel, stride: try arguments.size("stride", or: kernel), padding: try arguments.padding(),
                ceilMode: try arguments.bool("ceilMode", or: false))
        },
        Entry("AveragePool2D", "window, stride:, padding:, countsPadding:, ceilMode:") {
            arguments throws(LayerTextError) in
            let kernel = try arguments.size("window")
            return AveragePool2D(
                kernel, stride: try arguments.size("stride", or: kernel), padding: try arguments.padding(),
                countsPadding: try arguments.bool("countsPadding", or: true),
                ceilMode: try arguments.bool("ceilMode", or: false))
        },
        Entry("GlobalAveragePool2D", "") { _ in GlobalAveragePool2D() },
        Entry("GlobalMaxPool2D", "") { _ in GlobalMaxPool2D() },
        Entry("AdaptiveAveragePool2D", "size") { arguments throws(LayerTextError) in
            AdaptiveAveragePool2D(try arguments.size("size"))
        },
        Entry("ChannelMaxPool", "channels, stride:") { arguments throws(LayerTextError) in
            let channels = try arguments.int("channels")
            return ChannelMaxPool(channels, stride: try arguments.int("stride", or: channels))
        },
        Entry("Dense", "units, bias:") { arguments throws(LayerTextError) in
            Dense(try arguments.int("units"), bias: try arguments.bool("bias", or: true))
        },
        Entry("Flatten", "") { _ in Flatten() },
        Entry("Dropout", "rate") { arguments throws(LayerTextError) in Dropout(try arguments.number("rate")) },
        Entry("BatchNorm", "epsilon:, momentum:, affine:, frozen:") { arguments throws(LayerTextError) in
            BatchNorm(
                epsilon: try arguments.number("epsilon", or: 1e-5), momentum: try arguments.number("momentum", or: 0.1),
                affine: try arguments.bool("affine", or: true), frozen: try arguments.bool("frozen", or: false))
        },
        Entry("LocalResponseNorm", "size, alpha:, beta:, k:") { arguments throws(LayerTextError) in
            LocalResponseNorm(
                try arguments.int("size"), alpha: try arguments.number("alpha", or: 1e-4),
                beta: try arguments.number("beta", or: 0.75), k: try arguments.number("k", or: 1))
        },
        Entry("ZeroPadding2D", "side") { arguments throws(LayerTextError) in ZeroPadding2D(try arguments.int("side")) },
        Entry("ReLU", "") { _ in ReLU() }, Entry("ReLU6", "") { _ in ReLU6() },
        Entry("LeakyReLU", "slope") { arguments throws(LayerTextError) in
            LeakyReLU(try arguments.number("slope", at: 0, or: 0.01))
        },
        Entry("ELU", "alpha") { arguments throws(LayerTextError) in ELU(try arguments.number("alpha", at: 0, or: 1)) },
        Entry("GELU", "") { _ in GELU() }, Entry("SiLU", "") { _ in SiLU() }, Entry("Tanh", "") { _ in Tanh() },
        Entry("Sigmoid", "") { _ in Sigmoid() }, Entry("Softmax", "") { _ in Softmax() },
    ]
}

/// A text that describes no layer.
public struct LayerTextError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with it.
    public let problem: String
    /// What may have been meant; nil where nothing is near.
    public let hint: String?

    init(problem: String, hint: String? = nil) {
        self.problem = problem
        self.hint = hint
    }

    public var description: String { problem + (hint.map { "; \($0)" } ?? "") }
}
