import ConvNet
import Foundation

/// Grey images of 12×12 pixels with horizontal, vertical or diagonal stripes under noise as strong as they are.
func stripes(_ count: Int, seed: Double) throws -> ArrayDataset {
    let pixels = (0..<count * 144).map { i in
        let (image, y, x) = (i / 144, i / 12 % 12, i % 12)
        let place = [y, x, x + y][image % 3] + image / 3
        let noise = (sin(Double(i) * 12.9898 + seed) * 43758.5453).truncatingRemainder(dividingBy: 1)
        return Float(place % 4 < 2 ? 1 : 0) + Float(noise)
    }
    return try ArrayDataset(
        images: pixels, shape: [1, 12, 12], labels: (0..<count).map { $0 % 3 },
        classes: ["horizontal", "vertical", "diagonal"])
}

let network = try Network(input: [1, 12, 12]) {
    Conv2D(8, kernel: 3, padding: 1, bias: false)
    BatchNorm()
    ReLU()
    Residual {
        Conv2D(8, kernel: 3, padding: 1, bias: false)
        BatchNorm()
    }
    ReLU()
    GlobalAveragePool2D()
    Dense(3)
}
let (training, test) = try (stripes(1200, seed: 1), stripes(300, seed: 2))
let model = try Model(network, classes: training.classes)
try await Trainer(epochs: 5, learningRate: 0.05, optimizer: SGD(momentum: 0.9)).train(model, on: training)

let file = FileManager.default.temporaryDirectory.appending(path: "stripes-\(UUID()).safetensors")
try await model.save(to: file)
let accuracy = try await Model.load(file).evaluate(test).accuracy
print(model.engineVersion, "classifies", accuracy, "of the test images correctly")
exit(accuracy > 0.95 ? 0 : 1)
