import CommandTestSupport
import ConvNet
import Foundation
import Testing

@Suite struct VerifyTests {
    @Test func aChangedWeightIsFound() async throws {
        let place = try await Workplace.withModel()
        var model = try ModelFile(contentsOf: place.file(Workplace.model))
        model.weights["11.bias"]?[2] += 0.5
        try model.write(to: place.file("changed.safetensors"))
        let outcome = try await place.run("verify", "changed.safetensors")
        // A half but for rounding, which depends on the processor.
        let words = try #require(
            outcome.output.wholeMatch(of: /DIFFERENT: 4 images, max \|a − b\| ([0-9.e-]+),(?s:.*)/))
        #expect(abs(try #require(Double(words.1)) - 0.5) < 1e-5)
        #expect(outcome.ending == .exit(1))
        #expect(try await place.run("verify", "changed.safetensors", "--tolerance", "1000").ending == .exit(0))
    }

    /// On the machine that made the case nothing at all differs, where other algorithms would be faster too.
    @Test func computesExactly() async throws {
        let network = try Network(input: [3, 32, 32]) {
            Conv2D(64, kernel: 3, padding: 1)
            ReLU()
            Conv2D(64, kernel: 3, padding: 1)
            GlobalAveragePool2D()
            Flatten()
            Dense(10)
        }
        let place = try Workplace()
        try await Model(network, engine: Engines.makeDefault(threads: 1)).save(to: place.file("m.safetensors"))
        let exact = try await place.run("verify", "m.safetensors", "--threads", "1", "--tolerance", "0")
        #expect(exact.ending == .exit(0), "\(exact.output)\(exact.errors)")
        #expect(try await place.run("verify", "m.safetensors", "--fast-arithmetic").ending == .exit(0))
    }

    /// Weights under PyTorch's names, without what else makes a model file, and a case of their own.
    @Test func weightsForANamedNetworkAreTaken() async throws {
        let network = try Network(input: [1, 28, 28]) { LeNet5() }
        let model = try Model(network, engine: ReferenceEngine(), seed: 5)
        let images = (0..<28 * 28).map { Float($0 % 7) / 7 }
        let parameters = try await model.weights()
        let place = try Workplace()
        var (weights, bare) = (SafetensorsWriter(), SafetensorsWriter())
        for parameter in network.parameters {
            let values = try #require(parameters[parameter.name])
            try weights.append(parameter.name, shape: parameter.shape, floats: values)
            try bare.append(parameter.name, shape: parameter.shape, floats: values)
        }
        try weights.append("images", shape: [1, 1, 28, 28], floats: images)
        try weights.append("logits", shape: [1, 10], floats: try await model.logits(images))
        try weights.write(to: place.file("weights"))
        try bare.write(to: place.file("bare"))

        let outcome = try await place.run("verify", "lenet5", "--weights", "weights")
        #expect(outcome.output.hasPrefix("verified: 1 images, "))
        #expect(outcome.ending == .exit(0))
        try await place.expect(
            ["verify", "lenet5", "--weights", "bare"], failsWith: "lenet5 has no case of its own; give one with --case")
        try await place.expect(
            ["verify", "lenet5", "--weights", "weights", "--case", "bare"],
            failsWith: "bare has no tensors 'images' and 'logits'")
    }

    /// Every name that does not fit is told of at once, in as many lines.
    @Test func weightsForAnotherNetworkAreRefused() async throws {
        let place = try Workplace()
        var weights = SafetensorsWriter()
        for parameter in try Network(input: [1, 28, 28], layers: { LeNet5() }).parameters
        where parameter.name != "7.bias" {
            let shape = parameter.name == "0.weight" ? [6, 5, 5, 1] : parameter.shape
            try weights.append(
                parameter.name == "9.bias" ? "9.bais" : parameter.name, shape: shape,
                floats: Array(repeating: 0, count: parameter.count))
        }
        try weights.append("extra.num_batches_tracked", shape: [1], floats: [0])
        try weights.append("images", shape: [1, 1, 28, 28], floats: Array(repeating: 0, count: 784))
        try weights.append("logits", shape: [1, 10], floats: Array(repeating: 0, count: 10))
        try weights.write(to: place.file("w"))
        try await place.expect(
            ["verify", "lenet5", "--weights", "w"],
            failsWith: """
                the weights in \(place.file("w").path) do not fit the network, nothing was loaded
                  missing, 2 of 10:
                    7.bias
                    9.bias
                  unexpected, 2:
                    9.bais, perhaps the missing 9.bias
                    extra.num_batches_tracked
                  of another shape, 1:
                    0.weight: 6×5×5×1, expected 6×1×5×5
                """)
    }

    @Test func aCaseForAnotherNetworkIsRefused() async throws {
        let place = try await Workplace.withModel()
        for (name, images, logits, sentence) in [
            (
                "other", [1, 1, 9, 9], [1, 4],
                "the case is for 1×9×9 and 4 outputs, the network takes 1×12×12 and has 4"
            ),
            (
                "classes", [1, 1, 12, 12], [1, 3],
                "the case is for 1×12×12 and 3 outputs, the network takes 1×12×12 and has 4"
            ),
            (
                "none", [0, 1, 12, 12], [0, 4],
                "\(place.file("none").path) is not a usable model: \"images\" is 0×1×12×12 and \"logits\" 0×4; "
                    + "expected N×C×H×W and N×classes"
            ),
        ] {
            var file = SafetensorsWriter()
            try file.append("images", shape: images, floats: Array(repeating: 0, count: images.reduce(1, *)))
            try file.append("logits", shape: logits, floats: Array(repeating: 0, count: logits.reduce(1, *)))
            try file.write(to: place.file(name))
            try await place.expect(["verify", Workplace.model, "--case", name], failsWith: sentence)
        }
    }

    /// A difference to something that is no number is none, if one only looks for the largest.
    @Test func aCaseWithLogitsThatAreNoNumbersFails() async throws {
        let place = try await Workplace.withModel()
        var model = try ModelFile(contentsOf: place.file(Workplace.model))
        model.verification?.logits[5] = .nan
        try model.write(to: place.file("nan.safetensors"))
        let outcome = try await place.run("verify", "nan.safetensors", "--tolerance", "1000")
        #expect(outcome.output.hasPrefix("DIFFERENT: "))
        #expect(outcome.ending == .exit(1))
    }
}
