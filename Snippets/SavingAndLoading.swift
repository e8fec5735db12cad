import ConvNet
import Foundation

let network = try Network(input: [1, 2, 2]) {
    Flatten()
    Dense(2)
}
let pixels: [Float] = [0, 0.25, 0.5, 1]
let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: directory) }
let file = directory.appending(path: "model.safetensors")
let model = try Model(network, classes: ["light", "dark"])

// snippet.save
try await model.save(to: file)
// snippet.end

// snippet.predict
let loaded = try await Model.load(file)
for prediction in try await loaded.predict(pixels: pixels, top: 3) {  // C×H×W, 0 ... 1
    print(prediction.label, prediction.probability)
}
// snippet.end

// snippet.verify
if let verification = try ModelFile(contentsOf: file).verification {
    print(try await verification.check(loaded).relativeDifference)  // 0.0
}
// snippet.end
