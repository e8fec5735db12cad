import ConvNet

let data = try DatasetCatalog.open("fashion-mnist")
let network = try Network(input: [1, 28, 28]) {
    Conv2D(32, kernel: 5)
    ReLU()
    MaxPool2D(2)
    Flatten()
    Dense(10)
}
let model = try Model(network, classes: data.train.classes)
try await Trainer(epochs: 3, learningRate: 0.05).train(model, on: data.train)
print(try await model.evaluate(data.measured.images).accuracy)
