import ConvNet

// snippet.block
struct ConvBlock: Layer {
    var filters: Int
    var isNormalized = true

    var body: some Layer {
        Conv2D(filters, kernel: 3, padding: 1, bias: !isNormalized).named("conv")
        if isNormalized {
            BatchNorm().named("norm")
        }
        ReLU()
    }
}
// snippet.end

// snippet.network
let network = try Network(input: [3, 32, 32]) {
    for (index, filters) in [16, 32, 64].enumerated() {
        ConvBlock(filters: filters).named("block\(index + 1)")
        MaxPool2D(2)
    }
    GlobalAveragePool2D()
    Dense(10)
}
print(network.parameters.map(\.name))  // block1.conv.weight, block1.norm.weight, … 7.weight, 7.bias
print(network.summary())
// snippet.end

// snippet.residual
struct ResidualBlock: Layer {
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
                    Conv2D(filters, kernel: 1, stride: stride, bias: false).named("projection")
                }
            }
        }
        ReLU()
    }
}
// snippet.end

// snippet.branches
struct InceptionBlock: Layer {
    var body: some Layer {
        Branches {
            Conv2D(16, kernel: 1).named("branch1")
            Sequential {
                Conv2D(16, kernel: 1)
                ReLU()
                Conv2D(24, kernel: 3, padding: 1)
            }
            .named("branch2")
            Sequential {
                MaxPool2D(3, stride: 1, padding: 1)
                Conv2D(8, kernel: 1)
            }
            .named("branch3")
        }
        ReLU()
    }
}
// snippet.end

// snippet.gates
/// Squeeze and excitation: the means of all channels tell how much of each channel passes.
struct Squeeze: Layer {
    var channels: Int

    var body: some Layer {
        WithShape { input in
            Gate {
                AdaptiveAveragePool2D(1)
                Conv2D(channels, kernel: 1).named("fc1")
                ReLU()
                Conv2D(input.channels, kernel: 1).named("fc2")
                Sigmoid()
            }
        }
    }
}

let squeezed = try Network(input: [16, 8, 8]) {
    Squeeze(channels: 4).named("squeeze")
    Join(by: Add()) {
        Conv2D(16, kernel: 1)
        Conv2D(16, kernel: 3, padding: 1)
        Sequential {}
    }
}
print(squeezed.parameters[0].name, squeezed.outputShape)  // squeeze.fc1.weight 16×8×8
// snippet.end

// snippet.auxiliary
let deep = try Network(input: [3, 32, 32]) {
    InceptionBlock()
    MaxPool2D(2)
    AuxiliaryClassifier(weight: 0.3) {
        AdaptiveAveragePool2D(4)
        Flatten()
        Dense(10).named("fc")
    }
    .named("aux1")
    InceptionBlock()
    GlobalAveragePool2D()
    Dense(10)
}
print(deep.parameters.filter(\.isAuxiliary).map(\.name))  // aux1.fc.weight, aux1.fc.bias
// snippet.end

let mixed = try Network(input: [3, 32, 32]) {
    ResidualBlock(filters: 32, stride: 2)
    InceptionBlock()
    Flatten()
    Dense(10)
}
precondition(network.parameters.last?.name == "7.bias" && mixed.graph.nodes.contains { $0.shape == [48, 16, 16] })

// snippet.error
do {
    _ = try Network(input: [3, 7, 7]) {
        Sequential {
            Conv2D(64, kernel: 11).named("conv1")
        }
        .named("features")
    }
} catch let error as NetworkError {
    print(error)  // features › conv1: an 11×11 kernel does not fit a 7×7 input with padding 0
}
// snippet.end
