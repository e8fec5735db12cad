import ConvNetGraph

/// GoogLeNet's module: convolutions of three sizes and a pooling side by side, the larger ones behind 1×1 convolutions that make
/// few channels of many.
///
/// Szegedy et al., "Going Deeper with Convolutions", 2015, figure 2(b).
struct Inception: Layer {
    private var sizes: InceptionSizes
    private var kernel5: Int
    private var ceilMode: Bool
    private var convolution: @Sendable (_ filters: Int, _ kernel: Int) -> any Layer

    /// - Parameters:
    ///   - kernel5: the kernel of the branch that is 5×5 in the paper.
    ///   - ceilMode: of the pooling, which it makes no difference to.
    ///   - convolution: one that keeps the size, with what belongs to it.
    init(
        _ sizes: InceptionSizes, kernel5: Int, ceilMode: Bool = false,
        convolution: @escaping @Sendable (_ filters: Int, _ kernel: Int) -> any Layer
    ) {
        self.sizes = sizes
        self.kernel5 = kernel5
        self.ceilMode = ceilMode
        self.convolution = convolution
    }

    var body: some Layer {
        Branches {
            convolution(sizes.direct, 1).named("branch1")
            Sequential {
                convolution(sizes.reduction3, 1)
                convolution(sizes.filters3, 3)
            }
            .named("branch2")
            Sequential {
                convolution(sizes.reduction5, 1)
                convolution(sizes.filters5, kernel5)
            }
            .named("branch3")
            Sequential {
                MaxPool2D(3, stride: 1, padding: 1, ceilMode: ceilMode)
                convolution(sizes.pooled, 1)
            }
            .named("branch4")
        }
    }
}

/// The filters of one inception module: a row of the paper's table 1.
struct InceptionSizes {
    /// The paper's name: stage and letter.
    var name: String
    /// 1×1 convolutions by themselves.
    var direct: Int
    /// Before and in the 3×3 convolution.
    var reduction3, filters3: Int
    /// Before and in the 5×5 convolution.
    var reduction5, filters5: Int
    /// Behind the pooling.
    var pooled: Int

    private init(_ name: String, _ direct: Int, _ three: (Int, Int), _ five: (Int, Int), _ pooled: Int) {
        self.name = name
        self.direct = direct
        (reduction3, filters3) = three
        (reduction5, filters5) = five
        self.pooled = pooled
    }

    static let stage3 = [
        InceptionSizes("3a", 64, (96, 128), (16, 32), 32),
        InceptionSizes("3b", 128, (128, 192), (32, 96), 64),
    ]
    static let stage4 = [
        InceptionSizes("4a", 192, (96, 208), (16, 48), 64),
        InceptionSizes("4b", 160, (112, 224), (24, 64), 64),
        InceptionSizes("4c", 128, (128, 256), (24, 64), 64),
        InceptionSizes("4d", 112, (144, 288), (32, 64), 64),
        InceptionSizes("4e", 256, (160, 320), (32, 128), 128),
    ]
    static let stage5 = [
        InceptionSizes("5a", 256, (160, 320), (32, 128), 128),
        InceptionSizes("5b", 384, (192, 384), (48, 128), 128),
    ]
}
