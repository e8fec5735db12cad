import Testing

@testable import ConvNetGraph

/// Networks that part and come together: their shapes, names and graphs.
@Suite struct BranchingNetworkTests {
    /// The design's example: names as torchvision's `state_dict` has them.
    private struct BasicBlock: Layer {
        var filters: Int
        var stride = 1

        var body: some Layer {
            Residual {
                Conv2D(filters, kernel: 3, stride: stride, padding: 1, bias: false).named("conv1")
                BatchNorm().named("bn1")
                ReLU()
                Conv2D(filters, kernel: 3, padding: 1, bias: false).named("conv2")
                BatchNorm().named("bn2")
            } shortcut: {
                WithShape { input in
                    if stride != 1 || input.channels != filters {
                        Sequential {
                            Conv2D(filters, kernel: 1, stride: stride, bias: false)
                            BatchNorm()
                        }
                        .named("downsample")
                    }
                }
            }
            ReLU()
        }
    }

    @Test func residualBlocksHaveTorchvisionsNames() throws {
        let network = try Network(input: [4, 8, 8]) {
            Sequential {
                BasicBlock(filters: 4)
                BasicBlock(filters: 8, stride: 2)
            }
            .named("layer1")
        }
        #expect(network.outputShape == [8, 4, 4])
        let norm = ["weight", "bias", "running_mean", "running_var"]
        func block(_ index: Int, _ downsample: Bool) -> [String] {
            let name = "layer1.\(index)"
            return ["\(name).conv1.weight"] + norm.map { "\(name).bn1.\($0)" } + ["\(name).conv2.weight"]
                + norm.map { "\(name).bn2.\($0)" }
                + (downsample
                    ? ["\(name).downsample.0.weight"] + norm.map { "\(name).downsample.1.\($0)" } : [])
        }
        #expect(network.parameters.map(\.name) == block(0, false) + block(1, true))
        // Running statistics are no parameters to be counted: 2·4·4·9 + 2·8, and 8·4·9 + 8·8·9 + 8·4 + 3·16.
        #expect(network.parameterCount == 304 + 944)
    }

    @Test func gatesMultiplyTheirInput() throws {
        let graph = try Network(input: [6, 3, 3]) {
            ReLU()
            Gate {
                AdaptiveAveragePool2D(1)
                Conv2D(2, kernel: 1).named("fc1")
                Conv2D(6, kernel: 1).named("fc2")
                Sigmoid()
            }
        }
        .graph
        #expect(graph.nodes.map { "\($0.path)" } == ["network", "0", "1", "fc1", "fc2", "4", "multiply"])
        #expect(graph.nodes[6].inputs == [1, 5])
        #expect(graph.outputShape == [6, 3, 3])
    }

    @Test func severalWaysAreJoinedByAnOperation() throws {
        let graph = try Network(input: [6, 3, 3]) {
            Join(by: Add()) {
                Conv2D(6, kernel: 1)
                Sequential {}
                Sequential {
                    Tanh()
                    Conv2D(6, kernel: 1)
                }
                .named("third")
            }
        }
        .graph
        #expect(graph.nodes.map { "\($0.path)" } == ["network", "0", "third › 0", "third › 1", "add"])
        #expect(graph.nodes[4].inputs == [1, 0, 3])
        // What Residual and Branches are.
        let residual = try Network(input: [6, 3, 3]) { Residual { Conv2D(6, kernel: 1) } }
        let joined = try Network(input: [6, 3, 3]) {
            Join(by: Add()) {
                Conv2D(6, kernel: 1)
                LayerList()
            }
        }
        #expect(residual.graph == joined.graph)
    }

    @Test func waysThatCannotBeJoined() throws {
        func sentence(@LayerBuilder _ layers: () -> LayerList) throws -> String {
            let error = try #require(throws: NetworkError.self) { try Network(input: [6, 3, 3], layers: layers) }
            return "\(error)"
        }
        let sum = try sentence {
            Join(by: Add()) {
                ReLU()
                Tanh()
                Conv2D(5, kernel: 1)
            }
        }
        #expect(sum == "add: branch 2 makes 5×3×3, which cannot be added to the 6×3×3 of branch 0")
        let product = try sentence { Gate { GlobalAveragePool2D() } }
        #expect(
            product
                == "multiply: 6×3×3 and 6 cannot be multiplied: the shapes are equal, or one of them is C×1×1 with the "
                + "other's channels")
        #expect(try sentence { Join(by: Multiply()) { Sigmoid() } } == "multiply: takes 2 inputs, received 1")
        #expect(try Network(input: [6, 3, 3]) { Branches { ReLU() } }.graph.nodes.count == 2)
        #expect(try sentence { Join(by: Multiply()) {} } == "multiply: takes 2 inputs, received 0")
        #expect(try sentence { Join(by: Add()) {} } == "add: takes at least 2 inputs, received 0")
        #expect(
            try sentence { Join(by: Multiply()) { for _ in 0..<3 { ReLU() } } }
                == "multiply: takes 2 inputs, received 3")
    }

    @Test func residualReadsItsInputTwice() throws {
        let graph = try Network(input: [2, 3, 3]) {
            ReLU()
            Residual {
                Conv2D(2, kernel: 1)
                Tanh()
            }
            Sigmoid()
        }.graph
        #expect(graph.nodes.map(\.inputs) == [[], [0], [1], [2], [3, 1], [4]])
        #expect(graph.nodes.map(\.path.dotted) == ["", "0", "1", "2", "add", "3"])
    }

    @Test func namedResidualIsALevel() throws {
        let graph = try Network(input: [2, 3, 3]) {
            Residual { Conv2D(2, kernel: 1) }.named("block")
            Residual { Conv2D(2, kernel: 1) }
            Residual { Conv2D(2, kernel: 1) }
        }.graph
        #expect(
            graph.nodes.dropFirst().map(\.path.dotted) == ["block.0", "block.add", "1", "add", "2", "add2"])
    }

    @Test func emptyWaysPassTheInputOn() throws {
        let doubled = try Network(input: [2, 3, 3]) { Residual {} }.graph
        #expect(doubled.nodes.map(\.inputs) == [[], [0, 0]])
        let beside = try Network(input: [2, 3, 3]) {
            Branches {
                Sequential {}
                Conv2D(5, kernel: 3, padding: 1)
            }
        }
        #expect(beside.outputShape == [7, 3, 3])
        #expect(beside.graph.nodes.map(\.inputs) == [[], [0], [0, 1]])
    }

    /// GoogLeNet's names: a named branch is a level, an unnamed one is called by its position.
    @Test func branchesAddNoLevel() throws {
        let network = try Network(input: [3, 8, 8]) {
            Branches {
                Conv2D(2, kernel: 1).named("branch1")
                Sequential {
                    Conv2D(3, kernel: 1)
                    Conv2D(4, kernel: 3, padding: 1)
                }
                .named("branch2")
                Sequential {
                    MaxPool2D(3, stride: 1, padding: 1)
                    Conv2D(1, kernel: 1)
                }
                for _ in 0..<2 { Conv2D(1, kernel: 1) }
            }
            .named("inception")
        }
        #expect(network.outputShape == [9, 8, 8])
        #expect(
            network.parameters.map(\.name).filter { $0.hasSuffix("weight") } == [
                "inception.branch1.weight", "inception.branch2.0.weight", "inception.branch2.1.weight",
                "inception.2.1.weight", "inception.3.weight", "inception.4.weight",
            ])
    }

    @Test func singleBranchIsAChain() throws {
        let graph = try Network(input: [3, 8, 8]) { Branches { ReLU() } }.graph
        #expect(graph.nodes.count == 2)
    }

    /// Shapes inside are those where the layers stand, not those of what was lowered last.
    @Test func shapesInsideAreTheOnesThatReach() throws {
        let network = try Network(input: [3, 8, 8]) {
            Branches {
                Conv2D(7, kernel: 1, stride: 2)
                WithShape { Conv2D($0.channels + 1, kernel: 1, stride: 2) }
            }
        }
        #expect(network.outputShape == [11, 4, 4])
    }

    @Test func receptiveFieldsAreThoseOfTheLargestWay() throws {
        let fields = try Network(input: [3, 9, 9]) {
            Branches {
                Conv2D(1, kernel: 1, stride: 2)
                Conv2D(1, kernel: 5, stride: 2, padding: 2)
            }
            Residual { Conv2D(2, kernel: 3, padding: 1) }
            GlobalAveragePool2D()
        }.graph.receptiveFields
        #expect(fields.map(\.size.height) == [1, 1, 5, 5, 9, 9, 9])
        #expect(fields.map(\.stride?.height) == [1, 2, 2, 2, 2, 2, nil])
    }

    /// Checked against the rectangles themselves.
    @Test func adaptivePoolingSeesItsLargestRectangle() throws {
        for input in 1...14 {
            for output in 1...14 {
                let pool = AdaptiveAveragePool2D(output)
                let rows = pool.averagingWindows(for: Size(input)).rows
                let largest = (0..<output).map { rows.range(at: $0).count }.max()
                #expect(pool.window(for: [[1, input, input]])?.kernel.height == largest, "\(input) to \(output)")
            }
        }
    }

    @Test func summaryListsWhereWaysMeet() throws {
        let layers = try Network(input: [3, 4, 4]) { Residual { Conv2D(3, kernel: 1) } }.summary().layers
        #expect(layers.map(\.path) == ["0", "add"])
        #expect(layers.map(\.kind) == ["conv2d", "add"])
        #expect(layers.map(\.activationBytes) == [192, 192])
    }
}
