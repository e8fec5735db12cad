import Foundation
import TestSupport
import Testing

@testable import ConvNetGraph
@testable import ConvNetRuns

/// Networks by name, with parameters, from files of layers and from model files.
@Suite struct NetworkSourceTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func write(_ text: String, to name: String = "small.yaml") throws -> String {
        let file = scratch.file(name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    private static let layers = """
        # What everything is for.
        input: 3x12x12
        layers:
          - Conv2D(8, kernel: 3, padding: 1, bias: false)      # (by nine)
          - BatchNorm
          - 'ReLU()'
          - Residual:
              - Conv2D(4, kernel: 3, padding: 1).named("conv1")
              - BatchNorm
            shortcut:
              - Conv2D(4, kernel: 1)
            named: block
          - Residual: [ReLU]
          - Branches:
              - Conv2D(2, kernel: 1x1)
              - Sequential:
                  - Conv2D(3, kernel: 3, padding: 1, weightInitializer: .kaimingNormal(.out))
                  - ReLU
                named: wide
              - Sequential:
          - Gate:
              - AdaptiveAveragePool2D(1)
              - Conv2D(9, kernel: 1).named("gate")
              - HardSigmoid
            named: squeezed
          - Join:
              - ReLU
              - Sequential: [Tanh, ChannelShuffle(3)]
              - Sequential
            by: Add
          - AuxiliaryClassifier:
              - GlobalAveragePool2D
              - Dense(classes)
            weight: 0.5
          - GlobalAveragePool2D
          - Dense(classes).named("fc")

        """

    private static func network(input: Shape, classes: Int) throws -> Network {
        try Network(input: input) {
            Conv2D(8, kernel: 3, padding: 1, bias: false)
            BatchNorm()
            ReLU()
            Residual {
                Conv2D(4, kernel: 3, padding: 1).named("conv1")
                BatchNorm()
            } shortcut: {
                Conv2D(4, kernel: 1)
            }
            .named("block")
            Residual { ReLU() }
            Branches {
                Conv2D(2, kernel: 1)
                Sequential {
                    Conv2D(3, kernel: 3, padding: 1, weightInitializer: .kaimingNormal(.out))
                    ReLU()
                }
                .named("wide")
                Sequential {}
            }
            Gate {
                AdaptiveAveragePool2D(1)
                Conv2D(9, kernel: 1).named("gate")
                HardSigmoid()
            }
            .named("squeezed")
            Join(by: Add()) {
                ReLU()
                Sequential {
                    Tanh()
                    ChannelShuffle(3)
                }
                Sequential {}
            }
            AuxiliaryClassifier(weight: 0.5) {
                GlobalAveragePool2D()
                Dense(classes)
            }
            GlobalAveragePool2D()
            Dense(classes).named("fc")
        }
    }

    @Test func layersInAFileAreThoseInSwift() throws {
        let source = try NetworkSource(try write(Self.layers))
        #expect(source.name == "small" && source.inputShape == [3, 12, 12] && source.classes == 10 && !source.isFixed)
        let whole = try Self.network(input: [3, 12, 12], classes: 10)
        let difference = try source.network().graph.firstDifference(from: whole.graph)
        #expect(difference == nil)
        #expect(try source.network() == Self.network(input: [3, 12, 12], classes: 10))
        #expect(try source.network(for: [1, 9, 8], classes: 3) == Self.network(input: [1, 9, 8], classes: 3))
    }

    /// The file may change; what a run keeps does not.
    @Test(arguments: [
        layers, "name: other\n" + layers, "{input: 3x4x4, classes: 2, layers: [Flatten, Dense(classes)]}",
        "---\n# größe\n" + layers, layers.replacing("\n", with: "\r\n"),
        "# a\r# b\rinput: 3x4x4\rlayers:\r  - Flatten\r",
        "{input: 3x4x4, layers: [Flatten, Dense(classes).named(\"\(String(repeating: "long ", count: 30))\")]}",
        layers.replacing("ReLU()'", with: "ReLU()'   \t"), "\n\n  # deep\n  input: 3x4x4\n  layers: [Flatten]\n",
    ])
    func textMakesTheNetworkAgain(text: String) throws {
        let source = try NetworkSource(try write(text))
        let file = scratch.file("config.yaml")
        try RunConfiguration(dataset: "photos", model: source.text).write(to: file)
        let kept = try #require(try RunConfiguration(contentsOf: file).model)
        #expect(kept == source.text)
        let again = try NetworkSource(kept)
        #expect(again.name == (text.hasPrefix("name: ") ? "other" : "small") && again.text == source.text)
        #expect(try again.network() == source.network())
        // Comments included.
        #expect(source.text.contains("# What everything is for.") == text.contains("# What"))
        #expect(try String(contentsOf: file, encoding: .utf8).contains("model: |\n"))
    }

    @Test func settingsKeepTheText() throws {
        let source = try NetworkSource(try write(Self.layers))
        let configuration = RunConfiguration(dataset: "photos", model: source.text)
        let file = scratch.file("config.yaml")
        try configuration.write(to: file)
        #expect(try RunConfiguration(contentsOf: file).model == source.text)
        #expect(try String(contentsOf: file, encoding: .utf8).contains("\n    - Residual:\n"))
    }

    @Test func modelFilesGiveTheirNetwork() async throws {
        let network = try Self.network(input: [3, 12, 12], classes: 2)
        let run = scratch.file("first-1")
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        let model = try Model(network, classes: ["a", "b"], engine: ReferenceEngine())
        try await model.save(to: run.appending(path: "model.safetensors"))
        for path in [run.path, run.path + "/model.safetensors"] {
            let source = try NetworkSource(path)
            #expect(source.name == "first-1" && source.isFixed && source.classes == 2)
            #expect(try source.network() == network)
            #expect(try NetworkSource(source.text).network() == network)
        }
    }

    @Test(arguments: [
        ("resnet20", "resnet20"), ("ResNet(depth: 20, width: 8)", "resnet20(width: 8)"), ("vgg11( )", "vgg11"),
    ])
    func catalog(text: String, name: String) throws {
        let source = try NetworkSource(text)
        #expect(source.name == name && source.text == name && !source.isFixed)
    }

    @Test func directoriesGetNamesWithoutSurprises() throws {
        let path = try write("name: ../a b (c)\ninput: 3x4x4\nlayers: [ReLU]\n")
        #expect(try NetworkSource(path).directoryName == "a-b")
        #expect(try NetworkSource("resnet20(width: 8)").directoryName == "resnet20")
    }

    // MARK: Mistakes

    private static let head = "input: 3x32x32\nlayers:\n"

    @Test(arguments: [
        ("layers: [ReLU]", "it lacks 'input'; say which images it is made for, e.g. input: 3x32x32"),
        ("input: 3x32\nlayers: [ReLU]", "line 1: '3x32' is no shape; write it like input: 3x32x32"),
        ("input: 3x32x32\nlayer: [ReLU]", "line 2: unknown key 'layer'; did you mean 'layers'?"),
        ("input: 3x32x32", "it lacks 'layers'"),
        ("input: 3x32x32\nclasses: ten\nlayers: [ReLU]", "line 2: 'classes' is a number of at least 1"),
        ("input: 3x32x32\nlayers: 3", "line 2: layers are a list; write each in a line of its own, behind '- '"),
        ("- ReLU", "it is not a network of layers"), ("", "it is not a network of layers"),
        ("input: [", "it is not YAML: line 2, column 1: did not find expected node content"),
        ("input: 3x32x32\ngraph: '{}'", "line 1: 'input' does not go with 'graph', which says all of it"),
        (
            "input: &a 3x32x32\nname: *a",
            "it has anchors and aliases (&name, *name), which layers do not need; write out what they stand for"
        ),
        (head + "  - ReLU\n  - AvgPool2D(2)", "line 4: there is no layer 'AvgPool2D'; did you mean 'AveragePool2D'?"),
        (head + "  - Linear(10)", "line 3: there is no layer 'Linear'; did you mean 'Dense'?"),
        (
            head + "  - Conv2D: {filters: 3}",
            "line 3: 'Conv2D:' is made of no layers; write a layer as in Swift, e.g. Conv2D(32, kernel: 3)"
        ),
        (head + "  - Residul:\n    - ReLU", "line 3: 'Residul:' is made of no layers; did you mean 'Residual:'?"),
        (
            head + "  - Residual:\n    - ReLU\n    shortcuts: []",
            "line 5: Residual has no 'shortcuts:'; did you mean 'shortcut:'?"
        ),
        (
            head + "  - Branches:\n    - ReLU\n    - Dense(class)",
            "line 5: Dense has 'class' as units, which is no whole number"
        ),
        ("graph: '{}'", "line 1: its graph cannot be read: version is missing"),
        ("name: [a]\ninput: 3x32x32\nlayers: [ReLU]", "line 1: 'name' is what the network is called"),
        ("input: 3x32x32\ninput: 3x32x32\nlayers: [ReLU]", "it has 'input' more than once"),
        (
            "model: lenet5",
            "line 1: it is a file of settings, not of layers; name the directory of its run, or 'layers'"
        ),
        (head + "  - Residual", "line 3: 'Residual' needs its layers; write it like Residual:"),
        (head + "  - Sequential: [ReLU]\n    named: [a]", "line 4: 'named' is a name"),
        (
            head + "  - Conv2D(4, kernel: 3) // four",
            "line 3: 'Conv2D(4, kernel:' is no layer; one with arguments stands in a line of its own, with nothing behind it but "
                + ".named(…) or ' # …'"
        ),
        (head + "  - - ReLU", "line 3: a list is no layer; name what is made of it, e.g. Sequential:"),
        (head + "  - AuxiliaryClassifier: [ReLU]\n    weight: much", "line 4: 'weight' is a number"),
        (head + "  - Join: [ReLU]", "line 3: Join lacks 'by'; there are 'Add', 'Concatenate', 'Multiply'"),
        (head + "  - Join: [ReLU]\n    by: Ad", "line 4: nothing joins by 'Ad'; did you mean 'Add'?"),
        (head + "  - Gate: [ReLU]\n    by: Add", "line 4: Gate has no 'by:'; it has 'named'"),
    ])
    func mistakesNameTheLine(text: String, sentence: String) throws {
        let path = try write(text)
        let error = #expect(throws: NetworkTextError.self) { try NetworkSource(path) }
        #expect(error?.description == "\(path): \(sentence)")
    }

    /// Where layers do not fit one another, both the layer and its line are named.
    @Test(arguments: [
        (
            "  - ReLU\n  - Conv2D(8, kernel: 40)",
            "layer 1 (line 4): a 40×40 kernel does not fit a 32×32 input with padding 0"
        ),
        (
            "  - Sequential:\n      - ReLU\n      - Conv2D(8, kernel: 33).named(\"deep\")\n    named: stem",
            "layer stem › deep (line 5): a 33×33 kernel does not fit a 32×32 input with padding 0"
        ),
        (
            "  - Residual:\n      - Conv2D(8, kernel: 3)",
            "layer add (line 3): the body makes 8×30×30 and the shortcut 3×32×32, which cannot be added; give the residual a "
                + "shortcut that makes 8×30×30"
        ),
        (
            "  - ReLU().named(a)\n  - ReLU().named(a)",
            "layer a (line 4): the name \"a\" is already taken by another layer here; every name must be unique"
        ),
    ])
    func misfitsNameLineAndLayer(layers: String, sentence: String) throws {
        let path = try write(Self.head + layers)
        let error = #expect(throws: UnsuitableImages.self) { try NetworkSource(path).network() }
        #expect(error?.description == "\(path) cannot be built for images of 3×32×32 in 10 classes: \(sentence)")
    }

    @Test func whatIsNotThereIsSaid() throws {
        let path = scratch.file("none.yaml").path
        let error = #expect(throws: NetworkTextError.self) { try NetworkSource(path) }
        #expect(error?.description == "\(path): there is no such file")
        #expect(throws: UnknownNetwork.self) { try NetworkSource("resnet21") }
    }
}
