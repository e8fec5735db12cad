import Foundation
import Testing

@testable import ConvNetCore

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

    @Test func table() throws {
        // conv: 1200·(9 + 1) and 1200·4·4·9; head: 4800·10.
        #expect(
            "\(try small().summary())" == """
                layer  operation                                         output  parameters  multiply-adds  field
                ─────────────────────────────────────────────────────────────────────────────────────────────────
                conv   Conv2D(1200, kernel: 3, stride: 2, padding: 1)  1200×4×4      12,000        172,800    3×3
                1      ReLU()                                          1200×4×4           0              0    3×3
                pool   MaxPool2D(2)                                    1200×2×2           0              0    5×5
                3      Flatten()                                           4800           0              0    5×5
                4      Dropout(0.5)                                        4800           0              0    5×5
                head   Dense(10, bias: false)                                10      48,000         48,000    8×8
                ─────────────────────────────────────────────────────────────────────────────────────────────────
                total                                                                60,000        220,800
                activations 211.2 kB an image, weights 240.0 kB
                """)
    }

    @Test func json() throws {
        let network = try Network(input: [3, 4, 4]) {
            Conv2D(2, kernel: Size(1, 3), bias: false)
            Flatten()
            Dense(5)
        }
        // conv: 2·3·3 parameters and 2·4·2 outputs of 9 multiply-adds; dense: (16 + 1)·5 and 16·5.
        #expect(
            String(decoding: try JSONEncoder.sorted.encode(network.summary()), as: UTF8.self)
                == #"{"layers":["#
                + #"{"activation_bytes":64,"kind":"conv2d","multiply_adds":144,"output_shape":[2,4,2],"parameters":18,"#
                + #""path":"0","receptive_field":[1,3],"stride":[1,1]},"#
                + #"{"activation_bytes":64,"kind":"flatten","multiply_adds":0,"output_shape":[16],"parameters":0,"#
                + #""path":"1","receptive_field":[1,3],"stride":[1,1]},"#
                + #"{"activation_bytes":20,"kind":"dense","multiply_adds":80,"output_shape":[5],"parameters":85,"#
                + #""path":"2","receptive_field":[4,4]}],"#
                + #""totals":{"activation_bytes":148,"multiply_adds":224,"parameter_bytes":412,"parameters":103}}"#)
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
                layer       operation                     output  parameters  multiply-adds  field
                ──────────────────────────────────────────────────────────────────────────────────
                conv        Conv2D(3, kernel: 1)           3×4×4           9             96    1×1
                aux.pool    GlobalAveragePool2D()              3           0              0    4×4
                aux.fc      Dense(5)                           5          20             15    4×4
                aux.output  AuxiliaryOutput(weight: 0.3)       5           0              0    4×4
                flatten     Flatten()                         48           0              0    1×1
                fc          Dense(5)                           5         245            240    4×4
                ──────────────────────────────────────────────────────────────────────────────────
                total                                                    254            336
                activations 404 B an image, weights 1.0 kB
                with auxiliary classifiers: 274 parameters, 351 multiply-adds
                """)
    }

    @Test func jsonTellsAuxiliaryLayers() throws {
        let summary = try withAuxiliaryClassifier().summary()
        #expect(summary.layers.map(\.isAuxiliary) == [false, true, true, true, false, false])
        let json = String(decoding: try JSONEncoder.sorted.encode(summary), as: UTF8.self)
        #expect(json.ranges(of: "\"auxiliary\"").count == 3)
        #expect(json.contains(#"{"activation_bytes":20,"auxiliary":true,"kind":"dense","#))
        #expect(
            json.hasSuffix(
                #""totals":{"activation_bytes":404,"multiply_adds":336,"parameter_bytes":1016,"parameters":254}}"#))
        #expect(summary.trainingTotals.parameters == 274)
    }

    // MARK: Receptive fields

    private func fields(_ network: Network) -> [String] {
        network.graph.receptiveFields.dropFirst().map { field in
            "\(field.size)" + (field.stride.map { " every \($0)" } ?? "")
        }
    }

    /// LeNet-5's: 5, then 6, 14 and 16 pixels.
    @Test func fieldsOfConvolutionsAndPoolings() throws {
        let network = try Network(input: [1, 32, 32]) {
            Conv2D(1, kernel: 5)
            AveragePool2D(2)
            Conv2D(1, kernel: 5)
            AveragePool2D(2)
        }
        #expect(fields(network) == ["5×5 every 1×1", "6×6 every 2×2", "14×14 every 2×2", "16×16 every 4×4"])
    }

    @Test func fieldsOfDilatedAndOblongKernels() throws {
        let network = try Network(input: [1, 40, 40]) {
            Conv2D(1, kernel: 3, dilation: 2)
            Conv2D(1, kernel: Size(1, 7), stride: Size(1, 2))
            Conv2D(1, kernel: 3, dilation: Size(1, 3))
        }
        #expect(fields(network) == ["5×5 every 1×1", "5×11 every 1×2", "7×23 every 1×2"])
    }

    /// What a dense layer sees is everything, and so it is behind it; elsewhere activations change nothing.
    @Test func fieldsOfDenseLayersAndActivations() throws {
        let network = try Network(input: [1, 6, 9]) {
            Conv2D(1, kernel: 3)
            Tanh()
            Flatten()
            Dense(4)
            Sigmoid()
            Dense(2)
        }
        #expect(
            fields(network) == ["3×3 every 1×1", "3×3 every 1×1", "3×3 every 1×1", "6×9", "6×9", "6×9"])
    }

    /// What works across channels sees its own pixel.
    @Test func fieldsOfLayersAcrossChannels() throws {
        let network = try Network(input: [8, 9, 9]) {
            LocalResponseNorm(5)
            LocallyConnected2D(4, kernel: 3, stride: 2)
            ChannelMaxPool(2)
            LocallyConnected2D(4, kernel: Size(1, 2))
        }
        #expect(fields(network) == ["1×1 every 1×1", "3×3 every 2×2", "3×3 every 2×2", "3×5 every 2×2"])
    }

    @Test func fieldsOfVectors() throws {
        #expect(fields(try Network(input: [12]) { Dense(2) }) == ["1×1"])
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
