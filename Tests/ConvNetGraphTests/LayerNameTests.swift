import Testing

@testable import ConvNetGraph

/// Parameters are called as PyTorch calls them, so that its weights load without a table of names.
@Suite struct LayerNameTests {
    private func weights(
        input: Shape = [1, 8, 8], @LayerBuilder _ layers: () -> LayerList
    ) throws -> [String] {
        try Network(input: input, layers: layers).parameters.map(\.name).filter { $0.hasSuffix("weight") }
    }

    private func error(@LayerBuilder _ layers: () -> LayerList) throws -> NetworkError? {
        #expect(throws: NetworkError.self) { try Network(input: [1, 8, 8], layers: layers) }
    }

    @Test func positionsCountEveryLayer() throws {
        let names = try weights {
            Conv2D(1, kernel: 1)
            ReLU()
            MaxPool2D(2)
            Conv2D(1, kernel: 1)
            Conv2D(1, kernel: 1).named("last")
            Flatten()
            Dense(2)
        }
        #expect(names == ["0.weight", "3.weight", "last.weight", "6.weight"])
    }

    @Test func weightComesBeforeBias() throws {
        let network = try Network(input: [1, 8, 8]) {
            Conv2D(1, kernel: 1).named("conv1")
            Conv2D(1, kernel: 1, bias: false).named("conv2")
            Flatten()
            Dense(2).named("fc")
        }
        let names = network.parameters.map(\.name)
        #expect(names == ["conv1.weight", "conv1.bias", "conv2.weight", "fc.weight", "fc.bias"])
    }

    @Test func nestedSequential() throws {
        let names = try weights {
            Sequential {
                Conv2D(1, kernel: 1)
                Sequential {
                    ReLU()
                    Conv2D(1, kernel: 1)
                }
                Conv2D(1, kernel: 1)
            }
            Conv2D(1, kernel: 1)
        }
        #expect(names == ["0.0.weight", "0.1.1.weight", "0.2.weight", "1.weight"])
    }

    /// torchvision's AlexNet and VGG: `features` and `classifier`.
    @Test func namedSequential() throws {
        let names = try weights {
            Sequential {
                Conv2D(1, kernel: 1)
                ReLU()
                Conv2D(1, kernel: 1)
            }
            .named("features")
            Flatten()
            Sequential {
                Dropout(0.5)
                Dense(2)
            }
            .named("classifier")
        }
        #expect(names == ["features.0.weight", "features.2.weight", "classifier.1.weight"])
    }

    @Test func oneNamedSequentialKeepsItsName() throws {
        let names = try weights { Sequential { Conv2D(1, kernel: 1) }.named("features") }
        #expect(names == ["features.0.weight"])
    }

    @Test func emptyContainersHaveAPosition() throws {
        let names = try weights {
            Sequential {}
            Empty()
            Conv2D(1, kernel: 1)
        }
        #expect(names == ["2.weight"])
    }

    @Test func compositeLayersAreContainers() throws {
        let names = try weights {
            Block()
            Conv2D(1, kernel: 1)
            Block().named("block")
        }
        #expect(names == ["0.conv1.weight", "0.1.weight", "1.weight", "block.conv1.weight", "block.1.weight"])
    }

    @Test func compositeLayersInSequential() throws {
        let names = try weights {
            Sequential {
                Block()
                Block()
            }
            .named("layer1")
            Sequential { Block() }.named("layer2")
        }
        #expect(
            names == [
                "layer1.0.conv1.weight", "layer1.0.1.weight", "layer1.1.conv1.weight", "layer1.1.1.weight",
                "layer2.0.conv1.weight", "layer2.0.1.weight",
            ])
    }

    @Test func aSoleContainerAddsNoLevel() throws {
        #expect(try weights { Block() } == ["conv1.weight", "1.weight"])
        #expect(try weights { Wrapper() } == ["conv1.weight", "1.weight"])
        #expect(try weights { Sequential { Conv2D(1, kernel: 1) } } == ["0.weight"])
        let names = try weights {
            Wrapper()
            ReLU()
        }
        #expect(names == ["0.conv1.weight", "0.1.weight"])
    }

    @Test func residualNetwork() throws {
        let names = try weights { ResNetLike() }
        #expect(
            names == [
                "conv1.weight", "layer1.0.conv1.weight", "layer1.0.1.weight", "layer1.1.conv1.weight",
                "layer1.1.1.weight", "fc.weight",
            ])
        let paths = try Network(input: [1, 8, 8]) { ResNetLike() }.graph.nodes.map(\.path.description)
        #expect(paths.prefix(4) == ["network", "conv1", "1", "layer1 › 0 › conv1"])
    }

    @Test func withShapeAddsNoLevel() throws {
        let names = try weights {
            Conv2D(3, kernel: 1)
            WithShape { input in
                Conv2D(input.channels, kernel: 1)
                if input.channels == 3 { Conv2D(5, kernel: 1).named("projection") }
            }
            Conv2D(1, kernel: 1)
        }
        #expect(names == ["0.weight", "1.weight", "projection.weight", "3.weight"])
        #expect(try weights { WithShape { _ in Block() } } == ["conv1.weight", "1.weight"])
        #expect(try weights { WithShape { _ in WithShape { _ in Conv2D(1, kernel: 1) } } } == ["0.weight"])
        #expect(try weights { WithShape { _ in Conv2D(1, kernel: 1) }.named("stem") } == ["stem.0.weight"])
    }

    /// A function with a builder returns a list, which is no container either.
    @Test func listsAddNoLevel() throws {
        @LayerBuilder func block(count: Int) -> LayerList {
            for _ in 0..<count { Block() }
        }
        #expect(try weights { block(count: 1) } == ["conv1.weight", "1.weight"])
        let names = try weights {
            block(count: 2)
            Conv2D(1, kernel: 1)
        }
        #expect(names == ["0.conv1.weight", "0.1.weight", "1.conv1.weight", "1.1.weight", "2.weight"])
    }

    @Test func withShapeGivesTheShapeThatReachesIt() throws {
        let network = try Network(input: [3, 9, 7]) {
            WithShape { input in Conv2D(input.channels * 2, kernel: Size(input.height, 1)) }
            WithShape { input in AveragePool2D(input.size) }
            Flatten()
            WithShape { input in Dense(input.count + input.rank) }
        }
        #expect(network.graph.nodes.map(\.shape) == [[3, 9, 7], [6, 1, 7], [6, 1, 1], [6], [7]])
    }

    @Test func theOutermostOfSeveralNamesCounts() throws {
        #expect(try weights { Conv2D(1, kernel: 1).named("inner").named("outer") } == ["outer.weight"])
        #expect(try weights { Block().named("inner").named("outer") } == ["outer.conv1.weight", "outer.1.weight"])
    }

    @Test func duplicateNames() throws {
        let twice = try error {
            Conv2D(1, kernel: 1).named("conv")
            ReLU().named("conv")
        }
        #expect(twice == NetworkError(path: LayerPath(["conv"]), problem: .duplicateName("conv")))
        let position = try error {
            Conv2D(1, kernel: 1).named("1")
            Sequential { ReLU() }
        }
        #expect(position == NetworkError(path: LayerPath(["1"]), problem: .duplicateName("1")))
        let nested = try error {
            Sequential {
                Block().named("a")
                Sequential {}.named("a")
            }
            .named("features")
        }
        #expect(nested == NetworkError(path: LayerPath(["features", "a"]), problem: .duplicateName("a")))
    }

    @Test func equalNamesInDifferentContainers() throws {
        let names = try weights {
            Block().named("a")
            Block().named("b")
            Conv2D(1, kernel: 1).named("conv1")
        }
        #expect(names == ["a.conv1.weight", "a.1.weight", "b.conv1.weight", "b.1.weight", "conv1.weight"])
    }

    @Test(arguments: ["", ".", "a.b", ".weight"])
    func invalidNames(name: String) throws {
        #expect(try error { ReLU().named(name) } == NetworkError(path: LayerPath(), problem: .invalidName(name)))
        let nested = try error { Sequential { Block().named(name) }.named("features") }
        #expect(nested == NetworkError(path: LayerPath(["features"]), problem: .invalidName(name)))
    }

    @Test(arguments: ["ß", "a b", "weight", "a/b", "名"])
    func unusualNames(name: String) throws {
        #expect(try weights { Conv2D(1, kernel: 1).named(name) } == ["\(name).weight"])
    }
}

private struct Block: Layer {
    var body: some Layer {
        Conv2D(1, kernel: 1).named("conv1")
        Conv2D(1, kernel: 1)
    }
}

private struct Wrapper: Layer {
    var body: some Layer { Block() }
}

private struct Empty: Layer {
    var body: some Layer {}
}

private struct ResNetLike: Layer {
    var body: some Layer {
        Sequential {
            Conv2D(1, kernel: 3, padding: 1).named("conv1")
            ReLU()
            Sequential {
                for _ in 0..<2 { Block() }
            }
            .named("layer1")
            Flatten()
            Dense(10).named("fc")
        }
    }
}
