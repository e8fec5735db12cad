import Testing

@testable import ConvNetGraph

@Suite struct ReceptiveFieldTests {
    private func fields(_ network: Network) -> [String] {
        network.graph.receptiveFields.dropFirst().map { field in
            "\(field.size)" + (field.stride.map { " every \($0) from \(field.offset)" } ?? "")
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
        #expect(
            fields(network) == [
                "5×5 every 1×1 from 0", "6×6 every 2×2 from 0", "14×14 every 2×2 from 0", "16×16 every 4×4 from 0",
            ])
    }

    @Test func fieldsOfDilatedAndOblongKernels() throws {
        let network = try Network(input: [1, 40, 40]) {
            Conv2D(1, kernel: 3, dilation: 2)
            Conv2D(1, kernel: Size(1, 7), stride: Size(1, 2))
            Conv2D(1, kernel: 3, dilation: Size(1, 3))
        }
        #expect(
            fields(network) == [
                "5×5 every 1×1 from 0", "5×11 every 1×2 from 0", "7×23 every 1×2 from 0",
            ])
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
            fields(network)
                == Array(repeating: "3×3 every 1×1 from 0", count: 3) + Array(repeating: "6×9", count: 3))
    }

    /// What works across channels sees its own pixel.
    @Test func fieldsOfLayersAcrossChannels() throws {
        let network = try Network(input: [8, 9, 9]) {
            LocalResponseNorm(5)
            LocallyConnected2D(4, kernel: 3, stride: 2)
            ChannelMaxPool(2)
            LocallyConnected2D(4, kernel: Size(1, 2))
        }
        #expect(
            fields(network) == [
                "1×1 every 1×1 from 0", "3×3 every 2×2 from 0", "3×3 every 2×2 from 0", "3×5 every 2×2 from 0",
            ])
    }

    @Test func fieldsOfVectors() throws {
        #expect(fields(try Network(input: [12]) { Dense(2) }) == ["1×1"])
    }

    // MARK: Where fields begin

    @Test func paddingMovesFields() throws {
        let network = try Network(input: [1, 32, 32]) {
            Conv2D(1, kernel: 7, stride: 2, padding: 3)
            MaxPool2D(3, stride: 2, padding: 1)
            Conv2D(1, kernel: 3, padding: .asymmetric(top: 2, bottom: 0, left: 0, right: 2))
            ZeroPadding2D(Edges(top: 1, bottom: 0, left: 0, right: 0))
        }
        #expect(
            fields(network) == [
                "7×7 every 2×2 from -3", "11×11 every 4×4 from -5", "19×19 every 4×4 from -13, -5",
                "19×19 every 4×4 from -17, -5",
            ])
    }

    /// The table in the source's section on modern networks: receptive field, effective stride, effective padding. They are
    /// TF-Slim's: stages reduce in their last block, and pooling pads as TensorFlow does.
    @Test func publishedFields() throws {
        func lastField(_ size: Int, @LayerBuilder _ layers: () -> LayerList) throws -> String? {
            fields(try Network(input: [3, size, size], layers: layers)).last
        }
        let alexNet = try lastField(224) {
            Conv2D(1, kernel: 11, stride: 4)
            MaxPool2D(3, stride: 2)
            Conv2D(1, kernel: 5, padding: .same)
            MaxPool2D(3, stride: 2)
            for _ in 0..<3 { Conv2D(1, kernel: 3, padding: .same) }
            MaxPool2D(3, stride: 2)
        }
        #expect(alexNet == "195×195 every 32×32 from -64")
        let vgg16 = try lastField(224) {
            for convolutions in [2, 2, 3, 3, 3] {
                for _ in 0..<convolutions { Conv2D(1, kernel: 3, padding: .same) }
                MaxPool2D(2)
            }
        }
        #expect(vgg16 == "212×212 every 32×32 from -90")
        let resNet50 = try lastField(224) {
            Conv2D(1, kernel: 7, stride: 2, padding: 3)
            MaxPool2D(3, stride: 2, padding: .same)
            for (stage, blocks) in [3, 4, 6, 3].enumerated() {
                for block in 1...blocks {
                    let stride = block == blocks && stage < 3 ? 2 : 1
                    Residual {
                        Conv2D(1, kernel: 1)
                        Conv2D(1, kernel: 3, stride: stride, padding: 1)
                    } shortcut: {
                        MaxPool2D(1, stride: stride)
                    }
                }
            }
        }
        #expect(resNet50 == "483×483 every 32×32 from -239")
    }

    /// From the smallest start to the largest end, which no branch alone may see.
    @Test func fieldsThatJoin() throws {
        let network = try Network(input: [1, 9, 9]) {
            Branches {
                Conv2D(1, kernel: Size(1, 3), padding: .asymmetric(top: 0, bottom: 0, left: 2, right: 0))
                Conv2D(1, kernel: Size(1, 3), padding: .asymmetric(top: 0, bottom: 0, left: 0, right: 2))
                Conv2D(1, kernel: Size(5, 1), padding: .symmetric(Size(2, 0)))
            }
            Residual { Conv2D(3, kernel: 3, padding: .asymmetric(top: 0, bottom: 2, left: 1, right: 1)) }
        }
        // Columns -2 ..< 3 and rows -2 ..< 3; then rows -2 ..< 5 and columns -3 ..< 4, with the shortcut inside.
        #expect(fields(network)[3] == "5×5 every 1×1 from -2")
        #expect(fields(network).last == "7×7 every 1×1 from -2, -3")
    }

    /// Where one way sees everything, so does the sum, however far another one reaches into the padding.
    @Test func fieldsThatJoinWithTheWhole() throws {
        let network = try Network(input: [1, 4, 4]) {
            Residual {
                Conv2D(1, kernel: 3, padding: 1)
            } shortcut: {
                Flatten()
                Dense(16)
                Reshape(1, 4, 4)
            }
            Conv2D(1, kernel: 3, padding: 1)
        }
        #expect(fields(network).suffix(2) == ["4×4", "4×4"])
    }
}
