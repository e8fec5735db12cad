import CommandTestSupport
import ConvNet
import Foundation
import Testing

@Suite struct CompareTests {
    /// A network that is named twice, in whatever spelling, is one.
    @Test func table() async throws {
        let outcome = try await Workplace().run("compare", "lenet5", "convnet4", "LeNet_5")
        #expect(
            outcome.output == """
                network     input  parameters  multiply-adds  activations    weights  field
                ───────────────────────────────────────────────────────────────────────────
                lenet5    1×28×28      61.7 k          417 k     58.6 KiB  241.0 KiB     16
                convnet4  1×28×28       468 k         18.7 M    638.5 KiB    1.8 MiB     16

                """)
        #expect(outcome.errors == "")
        #expect(outcome.ending == .exit(0))
    }

    /// Ten crops beside ten crops, as the paper has them: 18 layers without shortcuts are as good as with, 34 are worse.
    @Test func accuraciesAreMeasuredAlike() async throws {
        let names = ["plain18", "resnet18", "plain34", "resnet34"]
        let outcome = try await Workplace().run(["compare"] + names + ["--json"])
        let networks = try #require((try outcome.json() as? [String: Any])?["networks"] as? [[String: Any]])
        let accuracies = networks.compactMap { $0["accuracy"] as? [String: Any] }
        #expect(accuracies.map { $0["top1_accuracy"] as? Double } == [0.7206, 0.7212, 0.7146, 0.7497])
        #expect(Set(accuracies.map { $0["evaluation"] as? String }) == ["validation, ten crops"])

        let mixed = try await Workplace().run("compare", "resnet18", "resnet50", "plain18").output.split(
            separator: "\n")
        #expect(mixed[0].contains("  measured on  "))
        #expect(mixed[2].contains("69.8 %") && mixed[2].contains("  validation, single centre crop  "))
        #expect(mixed[4].contains("72.1 %") && mixed[4].contains("  validation, ten crops  "))
    }

    /// What one output of a dense network sees is what `summary` says of it.
    @Test func aDenseNetworkSeesTheWholeImage() async throws {
        let lines = try await Workplace().run("compare", "mlp", "lenet5").output.split(separator: "\n")
        #expect(lines[2].hasPrefix("mlp ") && lines[2].hasSuffix(" 28"))
    }

    @Test func namesAndModelFilesAsJSON() async throws {
        let place = try await Workplace.withModel()
        let outcome = try await place.run("compare", "lenet5", Workplace.model, "--json")
        let networks = try #require((try outcome.json() as? [String: Any])?["networks"] as? [[String: Any]])
        #expect(networks.map { $0["name"] as? String } == ["lenet5", Workplace.model])
        #expect(networks.map { $0["input_shape"] as? [Int] } == [[1, 28, 28], [1, 12, 12]])
        for network in networks {
            #expect(
                network.keys.sorted() == [
                    "activation_bytes", "input_shape", "multiply_adds", "name", "parameter_bytes", "parameters",
                    "receptive_field",
                ])
        }
        let totals = try NetworkCatalog.entry(named: "lenet5").network().summary().totals
        #expect(networks[0]["parameters"] as? Int == totals.parameterCount)
        #expect(networks[0]["multiply_adds"] as? Int == totals.multiplyAdds)
    }

    @Test func page() async throws {
        let place = try Workplace()
        let outcome = try await place.run("compare", "lenet5", "resnet20", "--html", "page.html", "--json")
        #expect(outcome.errors == "the page is in page.html\n")
        #expect(try outcome.keys() == ["networks"])
        #expect(try place.text("page.html").hasPrefix("<!DOCTYPE html>"))
        #expect(try place.text("page.html").contains("<td title=\"61,706\">61.7 k</td>"))
        #expect(try place.contents() == ["page.html"])
    }

    @Test func errors() async throws {
        let place = try Workplace()
        try await place.expect(
            ["compare", "lenet5", "resnet2O"], failsWith: "Unknown network 'resnet2O'. Did you mean 'resnet20'?")
        try await place.expect(
            ["compare", "lenet5", "none.safetensors"],
            failsWith: "\(place.file("none.safetensors").path): cannot be read: No such file or directory")
        try await place.expect(
            ["compare", "lenet5", "--html", "none/page.html"],
            failsWith: "\(place.file("none/page.html").path): not written: cannot open its directory: "
                + "No such file or directory")
        try await place.expect(["compare"], failsWith: "Missing expected argument '<networks> ...'")
    }
}
