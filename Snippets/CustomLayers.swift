import ConvNet
import ConvNetTesting
import Foundation

// snippet.layer
/// Multiplies each channel by a number that is trained. Touvron et al., "Going Deeper with Image Transformers", 2021.
struct LayerScale: CustomLayer {
    static let kind = "layer_scale"

    var initialValue: Float = 0.1

    func outputShape(for input: Shape) -> Shape { input }

    func parameters(for input: Shape) -> [Parameter] {
        [Parameter(name: "gamma", shape: [input.channels], initializer: .constant(initialValue), fanIn: 1, fanOut: 1)]
    }

    func forward(_ pass: LayerPass) -> [Float] {
        let gamma = pass.parameters[0]
        return pass.input.indices.map { pass.input[$0] * gamma[channel(of: $0, in: pass)] }
    }

    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
        let gamma = pass.parameters[0]
        var gradients = LayerGradients(input: outputGradient, parameters: [gamma.map { _ in 0 }])
        for i in outputGradient.indices {
            let channel = channel(of: i, in: pass)
            gradients.input[i] *= gamma[channel]
            gradients.parameters[0][channel] += outputGradient[i] * pass.input[i]
        }
        return gradients
    }

    private func channel(of element: Int, in pass: LayerPass) -> Int {
        element / (pass.inputShape.height * pass.inputShape.width) % pass.inputShape.channels
    }
}
// snippet.end

// snippet.check
try checkGradients(of: LayerScale(), input: [3, 5, 5])
// snippet.end

let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: directory) }
let file = directory.appending(path: "model.safetensors")

// snippet.join
/// The largest of several arrays, element by element: maxout, of whole layers. Goodfellow et al., "Maxout Networks", 2013.
struct Largest: CustomJoin {
    static let kind = "largest"

    func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard inputs.allSatisfy({ $0 == inputs[0] }) else { throw .custom("all ways end in one shape") }
        return inputs[0]
    }

    func forward(_ pass: LayerPass) -> [Float] {
        pass.input.indices.map { i in pass.inputs.reduce(-.infinity) { max($0, $1[i]) } }
    }

    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
        LayerGradients(
            inputs: pass.inputs.map { input in
                output.indices.map { input[$0] == output[$0] ? outputGradient[$0] : 0 }
            })
    }
}

let maxout = try Network(input: [3, 32, 32]) {
    Join(by: Largest()) {
        Conv2D(16, kernel: 3)
        Conv2D(16, kernel: 3)
    }
    GlobalAveragePool2D()
    Dense(10)
}
// snippet.end

// snippet.load
let network = try Network(input: [1, 8, 8]) {
    Conv2D(4, kernel: 3)
    LayerScale().named("scale")
    Flatten()
    Dense(2)
}
try await Model(network).save(to: file)
let model = try await Model.load(file, customLayers: [LayerScale.self])
// snippet.end

precondition(model.network == network)
precondition(maxout.outputShape == [10])
