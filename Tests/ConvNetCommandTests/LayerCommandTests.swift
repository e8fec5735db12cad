import CommandTestSupport
import Foundation
import Testing

@Suite struct LayerCommandTests {
    @Test func printsTheArithmetic() async throws {
        let outcome = try await Workplace().run("layer", "Conv2D(10, kernel: 5, padding: 2)", "--input", "3x32x32")
        #expect(
            outcome.output == """
                Conv2D(10, kernel: 5, padding: 2)
                input          3×32×32
                output         10×32×32: (32 + 2·2 − 5) / 1 + 1 = 32
                parameters     760: (5·5·3 + 1)·10 = 760
                multiply-adds  768,000

                """)
        #expect(outcome.errors == "" && outcome.ending == .exit(0))
    }

    @Test func takesFeaturesToo() async throws {
        let outcome = try await Workplace().run("layer", "Dense(3)", "--input", "4", "--json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(document["parameters"] as? Int == 15 && document["parameter_formula"] as? String == "(4 + 1)·3")
        #expect(document["output_shape"] as? [Int] == [3] && document["size_formula"] == nil)
    }

    @Test(arguments: [
        ("AvgPool2D(2)", "3x8x8", "there is no layer 'AvgPool2D'; did you mean 'AveragePool2D'?", 1),
        ("Dense(3)", "3x8x8", "expects a flat input, received a feature map 3×8×8; put Flatten() before it", 1),
        (
            "Dense(3)", "3x8",
            "--input is CxHxW, or a number of features, with sizes of at least 1, e.g. 3x224x224, received '3x8'", 64
        ),
    ])
    func mistakesAreNamed(layer: String, input: String, sentence: String, status: Int) async throws {
        let outcome = try await Workplace().run("layer", layer, "--input", input)
        #expect(outcome.errors.hasPrefix("Error: \(sentence)\n"), "\(outcome.errors)")
        #expect(outcome.ending == .exit(Int32(status)) && outcome.output == "")
    }
}
