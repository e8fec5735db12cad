import ConvNet
import Foundation

// snippet.zoo
let vgg = try Network(input: [3, 224, 224]) { VGG(.depth16) }
let resNet = try NetworkCatalog.entry(named: "resnet50").network(input: [3, 64, 64], classes: 10)
print(vgg.parameterCount)  // 138357544
print(resNet.outputShape)  // 10
// snippet.end

// snippet.varied
let wide = try NetworkCatalog.entry(named: "resnet(depth: 20, width: 32, dropout: 0.3)")
let same = try Network(input: wide.inputShape) { CIFARResNet(.depth20, width: 32, dropout: 0.3) }
print(wide.parameters, try wide.network() == same)  // ["width", "dropout"] true
// snippet.end

// snippet.surgery
let trunk = try resNet.prefix(to: "layer4")
let own = try resNet.replacing("fc") { Dense(5) }
let drier = try own.mapOperations { $0.operation is ReLU ? LeakyReLU(0.1) : $0.operation }
print(trunk.outputShape, own.outputShape, drier.parameters == own.parameters)  // 2048×2×2 5 true
print(resNet.stem, resNet.heads, try resNet.withClasses(5).outputShape)  // [conv1] [fc] 5
// snippet.end

// snippet.costs
let summary = vgg.summary()
print(summary.totals.multiplyAdds)  // 15470264320
let first = summary.layers[0]
print(first.outputShape, first.parameterCount, first.multiplyAdds)  // 64×224×224 1792 86704128
// snippet.end

// snippet.weights
func pretrained(_ weights: URL) throws -> Model {
    let network = try Network(input: [3, 224, 224]) { ResNet(.depth50) }
    return try Model(network, weights: SafetensorsFile(contentsOf: weights).weights(for: network))
}
// snippet.end
