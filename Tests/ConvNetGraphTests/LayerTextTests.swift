import Testing

@testable import ConvNetGraph

@Suite struct LayerTextTests {
    /// Each layer in two spellings, with all that it takes.
    @Test(
        arguments: [
            ("Conv2D(10, kernel: 5, padding: 2)", Conv2D(10, kernel: 5, padding: 2)),
            (
                " Conv2D( 8 ,kernel:1x7,stride:2x1,padding:0x3,dilation:2,groups:4,bias:false ) ",
                Conv2D(
                    8, kernel: Size(1, 7), stride: Size(2, 1), padding: .symmetric(Size(0, 3)), dilation: 2, groups: 4,
                    bias: false)
            ),
            ("Conv2D(8, kernel: 3, padding: same)", Conv2D(8, kernel: 3, padding: .same)),
            ("LocallyConnected2D(4, kernel: 3, stride: 2)", LocallyConnected2D(4, kernel: 3, stride: 2)),
            ("MaxPool2D(2)", MaxPool2D(2)),
            (
                "MaxPool2D(3, stride: 2, padding: 1, ceilMode: true)",
                MaxPool2D(3, stride: 2, padding: 1, ceilMode: true)
            ),
            (
                "AveragePool2D(3x2, stride: 1, padding: 1, countsPadding: false)",
                AveragePool2D(Size(3, 2), stride: 1, padding: 1, countsPadding: false)
            ),
            ("GlobalAveragePool2D", GlobalAveragePool2D()), ("GlobalMaxPool2D()", GlobalMaxPool2D()),
            ("AdaptiveAveragePool2D(7)", AdaptiveAveragePool2D(7)), ("ChannelMaxPool(2)", ChannelMaxPool(2)),
            ("ChannelMaxPool(3, stride: 1)", ChannelMaxPool(3, stride: 1)), ("Dense(10)", Dense(10)),
            ("Dense(10, bias: false)", Dense(10, bias: false)), ("Flatten()", Flatten()),
            ("Dropout(0.25)", Dropout(0.25)),
            ("BatchNorm()", BatchNorm()),
            (
                "BatchNorm(epsilon: 1e-3, momentum: 0.2, affine: false, frozen: true)",
                BatchNorm(epsilon: 1e-3, momentum: 0.2, affine: false, frozen: true)
            ),
            ("LocalResponseNorm(5, alpha: 0.1, beta: 0.5, k: 2)", LocalResponseNorm(5, alpha: 0.1, beta: 0.5, k: 2)),
            ("ZeroPadding2D(3)", ZeroPadding2D(3)), ("ReLU", ReLU()), ("ReLU6()", ReLU6()),
            ("LeakyReLU()", LeakyReLU()),
            ("LeakyReLU(0.2)", LeakyReLU(0.2)), ("ELU(0.5)", ELU(0.5)), ("GELU", GELU()), ("SiLU", SiLU()),
            ("Tanh", Tanh()), ("Sigmoid", Sigmoid()), ("Softmax()", Softmax()),
            ("HardSigmoid", HardSigmoid()), ("HardSwish()", HardSwish()),
            ("Clip(low: -1, high: 6.5)", Clip(low: -1, high: 6.5)), ("PReLU", PReLU()),
            ("PReLU(shared: true, initialWeight: 0.1)", PReLU(shared: true, initialWeight: 0.1)),
            ("ChannelAffine", ChannelAffine()), ("StochasticDepth(0.2)", StochasticDepth(0.2)),
            ("ChannelSlice(3, count: 4)", ChannelSlice(3, count: 4)),
            ("ChannelPadding(after: 2)", ChannelPadding(after: 2)),
            ("ChannelPadding(before: 1, after: 2)", ChannelPadding(before: 1, after: 2)),
            ("ChannelShuffle(2)", ChannelShuffle(2)),
            // As layers describe themselves, in Swift.
            (
                "Conv2D(8, kernel: Size(1, 7), padding: .symmetric(Size(0, 3)), weightInitializer: .kaimingNormal(.out))",
                Conv2D(
                    8, kernel: Size(1, 7), padding: .symmetric(Size(0, 3)), weightInitializer: .kaimingNormal(.out))
            ),
            (
                "Conv2D(8, kernel: 3, padding: .asymmetric(top: 1, bottom: 2, left: 3, right: 4), biasInitializer: .constant(0))",
                Conv2D(
                    8, kernel: 3, padding: .asymmetric(top: 1, bottom: 2, left: 3, right: 4),
                    biasInitializer: .constant(0))
            ),
            (
                "Dense(3, weightInitializer: normal(standardDeviation: 0.5), biasInitializer: .uniform(low: -1, high: 2))",
                Dense(
                    3, weightInitializer: .normal(standardDeviation: 0.5), biasInitializer: .uniform(low: -1, high: 2))
            ),
            ("Dense(3, weightInitializer: xavierNormal)", Dense(3, weightInitializer: .xavierNormal())),
            (
                "ZeroPadding2D(Edges(top: 1, bottom: 0, left: 2, right: 3))",
                ZeroPadding2D(Edges(top: 1, bottom: 0, left: 2, right: 3))
            ),
            ("Reshape(3, 4, 5)", Reshape(3, 4, 5)), ("GELU(.tanh)", GELU(.tanh)),
        ] as [(String, any Layer & Hashable & Sendable)])
    func isTheLayer(text: String, expected: any Layer & Hashable & Sendable) throws {
        let layer = try LayerText.layer(text)
        #expect((layer as? any Hashable).map { AnyHashable($0) } == AnyHashable(expected))
    }

    /// Names are types'.
    @Test func everyNameIsATypesOwn() throws {
        let arguments = [
            "Conv2D": "(2, kernel: 3)", "LocallyConnected2D": "(2, kernel: 3)", "Dropout": "(0.5)",
            "StochasticDepth": "(0.5)", "ChannelSlice": "(0, count: 2)", "ChannelPadding": "(after: 2)",
            "Clip": "(low: 0, high: 1)",
        ]
        for name in LayerText.names {
            let needsNumber = LayerText.usage(of: name)?.contains("()") == false
            let layer =
                try (try? LayerText.layer(name)) ?? LayerText.layer(name + (arguments[name] ?? "(2)"))
            #expect("\(type(of: layer))" == name && needsNumber == (LayerText.usage(of: name) != "\(name)()"))
        }
    }

    @Test(arguments: [
        ("AvgPool2D(2)", "there is no layer 'AvgPool2D'; did you mean 'AveragePool2D'?"),
        ("GlobalAvgPool2D", "there is no layer 'GlobalAvgPool2D'; did you mean 'GlobalAveragePool2D'?"),
        (
            "nn.Linear(10)",
            "'nn.Linear(10)' is not written like a layer; write one like 'Conv2D(10, kernel: 5, padding: 2)'"
        ),
        ("Linear(10)", "there is no layer 'Linear'; did you mean 'Dense'?"),
        ("conv2d(1, kernel: 3)", "there is no layer 'conv2d'; did you mean 'Conv2D'?"),
        ("Conv2d(1, kernel: 3)", "there is no layer 'Conv2d'; did you mean 'Conv2D'?"),
        ("Conv2D(64, kernel_size: 3)", "Conv2D has no 'kernel_size:'; did you mean 'kernel:'?"),
        (
            "Dense(3, weightInitializer: kaimingNrmal)",
            "there is no initialiser 'kaimingNrmal'; did you mean 'kaimingNormal'?"
        ),
        (
            "Dense(3, weightInitializer: .constant)", ".constant needs value first; write it like .constant(value)"
        ),
        ("Conv2D(8, kernel: Size(3, width: 5))", "Size has no 'width:'; write it like Size(height, width)"),
        ("Dense(3, biasInitializer: .constant(nan))", ".constant has nan, which is no weight"),
        ("Dense(3, biasInitializer: .uniform(low: 5))", ".uniform needs 'high:'; write it like .uniform(low:, high:)"),
        (
            "Conv2D(8, kernel: 3, padding: .asymmetric(top: 1))",
            ".asymmetric needs 'bottom:'; write it like .asymmetric(top:, bottom:, left:, right:)"
        ),
        ("Dense(3).named('a')", "Dense has '3).named('a'' as units, which is no whole number"),
        (
            "Flatten.named(a).named(b)",
            "'Flatten.named(a)' is not written like a layer; write one like 'Conv2D(10, kernel: 5, padding: 2)'"
        ),
        ("GELU(.fast)", "GELU has '.fast' as formula; write it like GELU(formula)"),
        (
            "Conv2D(3, kernel: Size(1, 2, 3))",
            "Size does not take '3' without a label; write it like Size(height, width)"
        ),
        ("Dense(classes)", "Dense has 'classes' as units, which is no whole number"),
        ("Flatten(1)", "Flatten does not take '1' without a label; it takes none: write Flatten"),
        ("Dense(3, bais: true)", "Dense has no 'bais:'; did you mean 'bias:'?"),
        (
            "Dense(3, activation: relu)",
            "Dense has no 'activation:'; write it like Dense(units, bias:, weightInitializer:, biasInitializer:)"
        ),
        (
            "Conv2D(64)",
            "Conv2D needs 'kernel:'; write it like Conv2D(filters, kernel:, stride:, padding:, dilation:, groups:, bias:, weightInitializer:, biasInitializer:)"
        ),
        ("Dense()", "Dense needs units first; write it like Dense(units, bias:, weightInitializer:, biasInitializer:)"),
        (
            "Dense(3, 4)",
            "Dense does not take '4' without a label; write it like Dense(units, bias:, weightInitializer:, biasInitializer:)"
        ),
        ("Dense(3.5)", "Dense has '3.5' as units, which is no whole number"),
        ("Dense(3, bias: yes)", "Dense has 'bias: yes', which is neither true nor false"),
        ("Dense(bias: true, 3)", "Dense has '3' without a label behind one that has its own"),
        ("Dense(3, bias: true, bias: false)", "Dense has 'bias:' more than once"),
        ("MaxPool2D(2y2)", "MaxPool2D has '2y2' as window, which is no size; write 3 or, height first, 3x5"),
        ("Dropout(half)", "Dropout has 'half' as rate, which is no number"),
        ("Dense(3", "'Dense(3' does not end with ')'; write a layer like 'Conv2D(10, kernel: 5, padding: 2)'"),
        (
            "Dense(3,)",
            "'' in 'Dense(3,)' is no argument; write a layer like 'Conv2D(10, kernel: 5, padding: 2)'"
        ),
        ("", "'' is not written like a layer; write one like 'Conv2D(10, kernel: 5, padding: 2)'"),
    ])
    func mistakesAreNamed(text: String, sentence: String) {
        let error = #expect(throws: NetworkTextError.self) { try LayerText.layer(text) }
        #expect(error?.description == sentence)
    }

    @Test func layersMayHaveNames() throws {
        for text in [#"Dense(3).named("fc")"#, "Dense(3).named(fc)", " Dense(3).named( \"fc\" ) "] {
            let layer = try #require(try LayerText.layer(text) as? NamedLayer)
            #expect(layer.name == "fc" && layer.content as? Dense == Dense(3))
        }
    }

    /// The examples of the lectures.
    @Test(
        arguments: [
            (
                "Conv2D(10, kernel: 5, padding: 2)", [3, 32, 32], [10, 32, 32], 760, "(32 + 2·2 − 5) / 1 + 1 = 32",
                "(5·5·3 + 1)·10"
            ),
            (
                "Conv2D(96, kernel: 11, stride: 4)", [3, 227, 227], [96, 55, 55], 34_944, "(227 − 11) / 4 + 1 = 55",
                "(11·11·3 + 1)·96"
            ),
            ("MaxPool2D(2)", [64, 224, 224], [64, 112, 112], 0, "(224 − 2) / 2 + 1 = 112", nil),
            (
                "Conv2D(6, kernel: 3, stride: 2)", [1, 8, 9], [6, 3, 4], 60,
                "(8 − 3) / 2 + 1 = 3, rounded down; (9 − 3) / 2 + 1 = 4", "(3·3·1 + 1)·6"
            ),
            ("Dense(4096)", [9216], [4096], 37_752_832, nil, "(9216 + 1)·4096"),
            (
                "Conv2D(8, kernel: 3, groups: 2, bias: false)", [4, 5, 5], [8, 3, 3], 144, "(5 − 3) / 1 + 1 = 3",
                "3·3·2·8"
            ),
            ("BatchNorm()", [8, 4, 4], [8, 4, 4], 16, nil, "2·8"),
            (
                "LocallyConnected2D(2, kernel: 3)", [3, 4, 5], [2, 2, 3], 336,
                "(4 − 3) / 1 + 1 = 2; (5 − 3) / 1 + 1 = 3", "(3·3·3 + 1)·2·2·3"
            ),
        ] as [(String, [Int], [Int], Int, String?, String?)])
    func arithmeticIsThatOfTheLectures(
        text: String, input: [Int], output: [Int], parameters: Int, size: String?, formula: String?
    ) throws {
        let arithmetic = try LayerArithmetic(of: LayerText.layer(text), input: Shape(input))
        #expect(arithmetic.outputShape == Shape(output) && arithmetic.parameterCount == parameters)
        #expect(arithmetic.sizeFormula == size && arithmetic.parameterFormula == formula)
    }

    @Test func whatDoesNotFitIsSaid() throws {
        let error = #expect(throws: ShapeError.self) {
            try LayerArithmetic(of: Conv2D(8, kernel: 9), input: [3, 5, 5])
        }
        #expect(error?.description == "a 9×9 kernel does not fit a 5×5 input with padding 0")
    }
}
