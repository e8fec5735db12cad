import Foundation
import Testing

@testable import ConvNetGraph

@Suite struct SummaryTests {
    private func small() throws -> Network {
        try Network(input: [1, 8, 8]) {
            Conv2D(1200, kernel: 3, stride: 2, padding: 1).named("conv")
            ReLU()
            MaxPool2D(2).named("pool")
            Flatten()
            Dropout(0.5)
            Dense(10, bias: false).named("head")
        }
    }

    /// conv: 1200·(9 + 1) and 1200·4·4·9; head: 4800·10. 4·(2·19,200 + 3·4,800 + 10) bytes.
    @Test func table() throws {
        #expect(
            "\(try small().summary(batchSize: 10))" == """
                layer  operation           output  parameters  multiply-adds     memory  field  stride  offset
                ─────────────────────────────────────────────────────────────────────────────────────────────────
                conv   Conv2D 3×3 s2 p1  1200×4×4      12,000        172,800   75.0 KiB      3       2      -1  ¹
                1      ReLU              1200×4×4           0              0   75.0 KiB      3       2      -1
                pool   MaxPool2D 2×2 s2  1200×2×2           0              0   18.8 KiB      5       4      -1
                3      Flatten               4800           0              0   18.8 KiB      5       4      -1
                4      Dropout(0.5)          4800           0              0   18.8 KiB      5       4      -1
                head   Dense                   10      48,000         48,000       40 B      8
                ─────────────────────────────────────────────────────────────────────────────────────────────────
                total                                  60,000        220,800  206.3 KiB

                ¹ (8 − 3 + 2·1) / 2 = 3.5 is not whole: only a row and a column of padding are left out

                memory: activations 206.3 KiB an image, weights 234.4 KiB
                training with 10 images a step takes 4.7 MiB: 10 · 2 · 206.3 KiB of activations and their gradients, 3 · 234.4 KiB of
                  weights, their gradients and momentum
                """)
    }

    /// The columns that matter least go first; numbers and paths stay whole however narrow it is.
    @Test func narrowTables() throws {
        let summary = try small().summary()
        func header(_ width: Int) -> String {
            summary.description(fitting: width).split(separator: "\n").first.map(String.init) ?? ""
        }
        #expect(summary.description(fitting: 1000) == summary.description)
        #expect(header(97) == header(1000))
        #expect(header(96).hasSuffix("memory  field  stride"))
        #expect(header(88).hasSuffix("memory  field"))
        #expect(header(80) == "layer  operation           output  parameters  multiply-adds     memory")
        #expect(header(60) == "layer    output  parameters  multiply-adds     memory")
        #expect(header(10) == "layer  parameters  multiply-adds")
        let narrow = summary.description(fitting: 60).split(separator: "\n")
        #expect(narrow.allSatisfy { $0.count <= 60 })
        #expect(narrow.contains("left out, since the terminal is narrow: operation, field,"))
        #expect(narrow.contains("  stride and offset"))
        #expect(narrow[2] == "conv   1200×4×4      12,000        172,800   75.0 KiB  ¹")
    }

    /// Equal notes are one, and have the number of the first.
    @Test func notesAreGrouped() throws {
        let network = try Network(input: [1, 9, 9]) {
            MaxPool2D(2)
            Conv2D(1, kernel: 1, stride: 2)
            Conv2D(1, kernel: 1, stride: 2)
        }
        let lines = "\(network.summary())".split(separator: "\n")
        #expect(lines[2].hasSuffix("  ¹") && lines[3].hasSuffix("  ²") && lines[4].hasSuffix("  ²"))
        #expect(
            lines[7...8] == [
                "¹ (9 − 2 + 2·0) / 2 = 3.5 is not whole: the last row and column are never seen",
                "² the stride of 2 exceeds the kernel of 1: pixels between windows are never seen",
            ])
    }

    /// Everything in float32: 2·4 bytes an image for each output, 3·4 bytes for each parameter.
    @Test func trainingMemory() throws {
        let network = try Network(input: [1, 4, 4]) {
            Conv2D(2, kernel: 3)
            BatchNorm()
            Flatten()
            Dense(5)
        }
        // Running statistics are not trained: 20 + 4 + 45 parameters; 8 + 8 + 8 + 5 outputs.
        let memory = network.summary(batchSize: 7).training
        #expect(memory == network.summary().totals.trainingMemory(batchSize: 7))
        #expect((memory.activationBytes, memory.activationGradientBytes) == (4 * 29 * 7, 4 * 29 * 7))
        #expect((memory.parameterBytes, memory.parameterGradientBytes, memory.momentumBytes) == (276, 276, 276))
        #expect(memory.totalBytes == 2 * 4 * 29 * 7 + 3 * 276)
        #expect(network.summary().totals.trainingMemory(batchSize: .max).totalBytes == .max)
    }

    /// What the table's other columns tell is left out.
    @Test(
        arguments: [
            (Conv2D(64, kernel: 3, bias: false, weightInitializer: .kaimingNormal()), "Conv2D 3×3"),
            (
                Conv2D(64, kernel: Size(1, 7), stride: Size(2, 1), padding: .symmetric(Size(0, 3))),
                "Conv2D 1×7 s2×1 p0×3"
            ),
            (Conv2D(64, kernel: 3, padding: .same, dilation: 2, groups: 4), "Conv2D 3×3 p2 d2 g4"),
            (Conv2D(64, kernel: 3, stride: 2, padding: .same), "Conv2D 3×3 s2 p0+1"),
            (Conv2D(64, kernel: 3, padding: .asymmetric(top: 1, bottom: 2, left: 0, right: 0)), "Conv2D 3×3 p1+2×0"),
            (MaxPool2D(2), "MaxPool2D 2×2 s2"), (GlobalAveragePool2D(), "GlobalAveragePool2D"),
            (AdaptiveAveragePool2D(7), "AdaptiveAveragePool2D"), (ZeroPadding2D(1), "ZeroPadding2D(1)"),
            (BatchNorm(epsilon: 1e-3), "BatchNorm(epsilon: 0.001)"), (LeakyReLU(0.2), "LeakyReLU(0.2)"),
            (BatchNorm(epsilon: 1e-3, momentum: 0.01, affine: false), "BatchNorm"),
        ] as [(any Layer, String)])
    func operations(layer: any Layer, label: String) throws {
        #expect(try Network(input: [4, 8, 8]) { layer }.summary().layers[0].label == label)
    }

    @Test func json() throws {
        let network = try Network(input: [3, 4, 4]) {
            Conv2D(2, kernel: Size(1, 3), bias: false)
            MaxPool2D(Size(3, 2))
            Flatten()
            Dense(5)
        }
        // conv: 2·3·3 parameters and 2·4·2 outputs of 9 multiply-adds; dense: (2 + 1)·5 and 2·5.
        #expect(
            String(decoding: try JSONEncoder.sorted.encode(network.summary(batchSize: 8)), as: UTF8.self)
                == #"{"layers":["#
                + #"{"activation_bytes":64,"kind":"conv2d","multiply_adds":144,"offset":[0,0],"output_shape":[2,4,2],"#
                + #""parameters":18,"path":"0","receptive_field":[1,3],"stride":[1,1],"unseen_columns":0,"unseen_rows":0},"#
                + #"{"activation_bytes":8,"kind":"max_pool2d","multiply_adds":0,"note":"height: (4 − 3 + 2·0) / 3 ≈ 0.333 is "#
                + #"not whole: the last row is never seen","offset":[0,0],"output_shape":[2,1,1],"parameters":0,"path":"1","#
                + #""receptive_field":[3,4],"stride":[3,2],"unseen_columns":0,"unseen_rows":1},"#
                + #"{"activation_bytes":8,"kind":"flatten","multiply_adds":0,"offset":[0,0],"output_shape":[2],"#
                + #""parameters":0,"path":"2","receptive_field":[3,4],"stride":[3,2],"unseen_columns":0,"unseen_rows":0},"#
                + #"{"activation_bytes":20,"kind":"dense","multiply_adds":10,"offset":[0,0],"output_shape":[5],"#
                + #""parameters":15,"path":"3","receptive_field":[4,4],"unseen_columns":0,"unseen_rows":0}],"#
                + #""totals":{"activation_bytes":100,"multiply_adds":154,"parameter_bytes":132,"parameters":33},"#
                + #""training":{"activation_bytes":800,"activation_gradient_bytes":800,"batch_size":8,"momentum_bytes":132,"#
                + #""parameter_bytes":132,"parameter_gradient_bytes":132,"total_bytes":1996}}"#)
    }

    // MARK: Auxiliary classifiers

    private func withAuxiliaryClassifier() throws -> Network {
        try Network(input: [2, 4, 4]) {
            Conv2D(3, kernel: 1).named("conv")
            AuxiliaryClassifier {
                GlobalAveragePool2D().named("pool")
                Dense(5).named("fc")
            }
            .named("aux")
            Flatten().named("flatten")
            Dense(5).named("fc")
        }
    }

    /// Totals are what evaluation needs.
    @Test func auxiliaryClassifiersAreListedButNotCounted() throws {
        // conv: 3·(2 + 1) and 16·3·2; aux.fc: 5·(3 + 1) and 3·5; fc: 5·(48 + 1) and 48·5.
        #expect(
            "\(try withAuxiliaryClassifier().summary())" == """
                layer       operation                     output  parameters  multiply-adds  memory  field  stride  offset
                ──────────────────────────────────────────────────────────────────────────────────────────────────────────
                conv        Conv2D 1×1                     3×4×4           9             96   192 B      1       1       0
                aux.pool    GlobalAveragePool2D                3           0              0    12 B      4
                aux.fc      Dense                              5          20             15    20 B      4
                aux.output  AuxiliaryOutput(weight: 0.3)       5           0              0    20 B      4
                flatten     Flatten                           48           0              0   192 B      1       1       0
                fc          Dense                              5         245            240    20 B      4
                ──────────────────────────────────────────────────────────────────────────────────────────────────────────
                total                                                    254            336   404 B

                with auxiliary classifiers, which only training computes: 274 parameters, 351 multiply-adds
                memory: activations 404 B an image, weights 1016 B
                training with 64 images a step takes 60.2 KiB: 64 · 2 · 456 B of activations and their gradients, 3 · 1.1 KiB of
                  weights, their gradients and momentum
                """)
    }

    @Test func jsonTellsAuxiliaryLayers() throws {
        let summary = try withAuxiliaryClassifier().summary()
        #expect(summary.layers.map(\.isAuxiliary) == [false, true, true, true, false, false])
        let json = String(decoding: try JSONEncoder.sorted.encode(summary), as: UTF8.self)
        #expect(json.ranges(of: "\"auxiliary\"").count == 3)
        #expect(json.contains(#"{"activation_bytes":20,"auxiliary":true,"kind":"dense","#))
        #expect(
            json.contains(
                #""totals":{"activation_bytes":404,"multiply_adds":336,"parameter_bytes":1016,"parameters":254},"#))
        #expect(summary.trainingTotals.parameterCount == 274)
    }

    /// Valid networks, which a model file may hold, whose numbers exceed an integer.
    @Test func numbersBeyondAnInteger() throws {
        let strides = try Network(input: [1, 1, 1]) {
            for _ in 0..<4 { MaxPool2D(1, stride: Int(Int32.max)) }
            Conv2D(1, kernel: 3, padding: 1)
        }
        #expect(strides.summary().layers.last?.receptiveField == Size(.max))
        // Each has 46,340² outputs of 46,340² multiply-adds.
        let costs = try Network(input: [1, 1, 1]) {
            for _ in 0..<3 { Conv2D(1, kernel: 46_340, padding: .same, bias: false) }
            Conv2D(1, kernel: 46_340, padding: 46_339)
        }
        #expect("\(costs.summary())".contains("total"))
    }
}
