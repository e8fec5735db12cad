import Foundation
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

/// Checkpoints whose metadata was tampered with: refused with an error, or harmless, but never a crash.
@Suite struct CheckpointMetadataTests {
    private let run: ResumableRun
    private let file: URL
    private let directory: ScratchDirectory
    private let content: SafetensorsFile
    private let json: String

    /// Starts from the checkpoint of a run of three epochs of three steps, stopped after the fifth step.
    init() async throws {
        run = try ResumableRun(engine: ReferenceEngine())
        directory = try ScratchDirectory()
        file = directory.file("training.safetensors")
        try await run.checkpoint(stoppedAfterStep: 5).write(to: file)
        // Kept in memory, as the tests write over the file.
        content = try SafetensorsFile(data: Data(contentsOf: file), name: "t")
        json = try #require(content.metadata["convnet.checkpoint"])
    }

    /// Writes the checkpoint with other metadata, and tensors of other shapes where given.
    private func write(_ json: String, tensors: [String: [Float]] = [:]) throws {
        var writer = SafetensorsWriter(metadata: ["convnet.checkpoint": json])
        for name in content.names {
            let values = try tensors[name] ?? content.floats(named: name)
            let shape = tensors[name] == nil ? content.tensors[name]?.shape ?? [] : [values.count]
            try writer.append(name, shape: shape, floats: values)
        }
        // Unlike a writer's own, this does not wait for the disk.
        try writer.encoded().write(to: file)
    }

    private func resume() async throws {
        _ = try await run.run(resuming: TrainingCheckpoint(contentsOf: file))
    }

    private func sentence() async throws -> String {
        let error = try await #require(throws: TrainingError.self) { try await resume() }
        return "\(error)".replacing("this checkpoint belongs to another run: ", with: "")
    }

    @Test func keys() {
        #expect(
            json.hasPrefix(
                #"{"algorithms":{},"arithmetic":\#(ArithmeticVersion.current),"best":{"epoch":1,"validation":{"#))
        for part in [
            #""engine":"reference 1""#, #""finishedEpochs":1"#, #""hasBestParameters":true"#,
            #""optimizerStates":["momentum"]"#, #""parameterNames":["0.weight","0.bias","5.weight","5.bias"]"#,
            #""precision":"fp32""#, #""stepsInEpoch":2"#, #""images":8"#, #""threads":1"#, #""version":2"#,
            #""earlyStopping":{"epochsWithoutImprovement":0}"#,
        ] {
            #expect(json.contains(part), "\(part) in \(json)")
        }
    }

    /// Files of the time when engines had no choice.
    @Test func withoutPrecisionAndAlgorithms() async throws {
        let whole = try await run.run()
        try write(json.replacing(#""algorithms":{},"#, with: "").replacing(#""precision":"fp32","#, with: ""))
        let checkpoint = try TrainingCheckpoint(contentsOf: file)
        #expect(checkpoint.precision == .fp32)
        #expect(checkpoint.algorithms == [:])
        #expect(try await run.run(resuming: checkpoint).checkpoint == whole.checkpoint)
    }

    /// Files of the time before the arithmetic had versions, and of a later one: the run goes on, and can say what differs.
    @Test func otherArithmetic() async throws {
        let key = #""arithmetic":\#(ArithmeticVersion.current),"#
        try write(json.replacing(key, with: ""))
        var checkpoint = try TrainingCheckpoint(contentsOf: file)
        #expect(checkpoint.arithmetic == 1)
        #expect(
            checkpoint.arithmeticDifference(from: run.engine)
                == "the run was made with version 1 of the arithmetic, this is version \(ArithmeticVersion.current)")
        try await resume()

        try write(json.replacing(key, with: #""arithmetic":99,"#))
        checkpoint = try TrainingCheckpoint(contentsOf: file)
        #expect(checkpoint.arithmeticDifference(from: run.engine)?.contains("version 99") == true)

        for (part, other, sentence) in [
            (
                #""engine":"reference 1""#, #""engine":"reference 0""#,
                "the run was made with reference 0, this is reference 1"
            ),
            (#""instructions":"""#, #""instructions":"sse""#, "the run was made with sse, this is "),
            (#""threads":1"#, #""threads":3"#, "the run was made with threads: 3, this is threads: 1"),
        ] {
            try write(json.replacing(part, with: other))
            checkpoint = try TrainingCheckpoint(contentsOf: file)
            #expect(checkpoint.arithmeticDifference(from: run.engine) == sentence)
        }

        try write(json)
        checkpoint = try TrainingCheckpoint(contentsOf: file)
        #expect(checkpoint.arithmeticDifference(from: run.engine) == nil)
        #expect(checkpoint.arithmeticDifference(from: run.engine, algorithms: [:]) == nil)
        #expect(
            checkpoint.arithmeticDifference(from: run.engine, algorithms: ["a": "direct"])
                == "some convolutions are computed by other algorithms than before")
    }

    /// Files of the time when a run did not know its data go on, with whatever there is.
    @Test func withoutTheData() async throws {
        let whole = try await run.run()
        let data = try #require(json.firstMatch(of: /"data":\{.*?\}\},/)?.output)
        try write(json.replacing(data, with: "").replacing(#""instructions":"","#, with: ""))
        let checkpoint = try TrainingCheckpoint(contentsOf: file)
        #expect(checkpoint.data == nil && checkpoint.instructions == nil)
        #expect(try await run.run(resuming: checkpoint).checkpoint == whole.checkpoint)
    }

    // MARK: Hostile numbers

    @Test(arguments: [
        // Where the run stands.
        (#""finishedEpochs":1"#, #""finishedEpochs":-1"#), (#""finishedEpochs":1"#, #""finishedEpochs":4"#),
        (#""finishedEpochs":1"#, #""finishedEpochs":9223372036854775807"#),
        (#""finishedEpochs":1"#, #""finishedEpochs":0"#), (#""finishedEpochs":1"#, #""finishedEpochs":3"#),
        (#""stepsInEpoch":2"#, #""stepsInEpoch":-1"#), (#""stepsInEpoch":2"#, #""stepsInEpoch":4"#),
        (#""stepsInEpoch":2"#, #""stepsInEpoch":9223372036854775807"#), (#""stepsInEpoch":2"#, #""stepsInEpoch":1"#),
        // What it has counted.
        (#""images":8"#, #""images":9223372036854775807"#), (#""images":8"#, #""images":-8"#),
        (#""images":8"#, #""images":7"#), (#""correct":"#, #""correct":-"#),
        (#""correct":"#, #""correct":922337203685477580"#),
        (
            #""earlyStopping":{"epochsWithoutImprovement":0}"#,
            #""earlyStopping":{"epochsWithoutImprovement":9223372036854775807}"#
        ),
        (#""reductions":0"#, #""reductions":9223372036854775807"#), (#""reductions":0"#, #""reductions":-1"#),
        (#""plateau":{"epochsWithoutImprovement":0"#, #""plateau":{"epochsWithoutImprovement":2"#),
        // Which epoch was the best.
        (#""best":{"epoch":1"#, #""best":{"epoch":0"#), (#""best":{"epoch":1"#, #""best":{"epoch":2"#),
        (#""hasBestParameters":true"#, #""hasBestParameters":false"#),
    ])
    func countsThatNoRunHas(original: String, tampered: String) async throws {
        // Zero correct answers would make "-0" of the one replacement that only prefixes.
        #expect(!json.contains(#""correct":0"#))
        try write(json.replacing(original, with: tampered, maxReplacements: 1))
        #expect(try await sentence().hasPrefix("no run stands at epoch "))
    }

    @Test func countsInWords() async throws {
        try write(json.replacing(#""stepsInEpoch":2"#, with: #""stepsInEpoch":4"#))
        #expect(try await sentence() == "no run stands at epoch 1, step 4, with such counts")
    }

    // MARK: Hostile names

    @Test(arguments: [
        #"["0.weight","0.weight","5.weight","5.bias"]"#, #"["0.bias","0.weight","5.weight","5.bias"]"#,
        #"["0.weight"]"#, "[]",
    ])
    func otherParameterNames(names: String) async throws {
        try write(json.replacing(#"["0.weight","0.bias","5.weight","5.bias"]"#, with: names))
        #expect(try await sentence() == "its network has other parameters")
    }

    @Test func repeatedOptimizerStatesAreOne() async throws {
        try write(json.replacing(#"["momentum"]"#, with: #"["momentum","momentum"]"#))
        let whole = try await run.run()
        #expect(try await run.run(resuming: TrainingCheckpoint(contentsOf: file)).checkpoint == whole.checkpoint)
    }

    @Test func missingOptimizerState() async throws {
        try write(json.replacing(#"["momentum"]"#, with: "[]"))
        #expect(try await sentence() == "it has no optimizer state \"momentum\"")
    }

    @Test func namesWithoutTensors() async throws {
        try write(json.replacing(#"["momentum"]"#, with: #"["momentum","variance"]"#))
        await #expect(throws: SafetensorsError.self) { try await resume() }
        try write(json.replacing(#""5.bias"]"#, with: #""6.bias"]"#))
        await #expect(throws: SafetensorsError.self) { try await resume() }
    }

    @Test(arguments: ["best.5.bias", "optimizer.momentum.5.bias"])
    func tensorsOfOtherShapes(name: String) async throws {
        try write(json, tensors: [name: [1, 2]])
        #expect(try await sentence() == "\(name) has another shape than its parameter")
    }

    // MARK: Other text

    @Test func otherVersion() async throws {
        try write(json.replacing(#""version":2"#, with: #""version":4"#))
        #expect(try await sentence() == "\(file.path) has version 4, not 2 or 3")
    }

    /// The first version had no history of validations, and other settings.
    @Test func formerVersion() async throws {
        try write(#"{"version":1,"settings":{"epochs":3}}"#)
        #expect(try await sentence() == "\(file.path) has version 1, not 2 or 3")
    }

    @Test(arguments: ["", "{", "[]", "null", "{}", #"{"version":2}"#, String(repeating: "[", count: 50_000)])
    func brokenJSON(text: String) async throws {
        try write(text)
        #expect(try await sentence() == "the metadata of \(file.path) cannot be read")
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(seed: UInt64) async throws {
        var generator = SplitMix64(seed: seed)
        var refused = 0
        for _ in 0..<250 {
            try write(json.mutatedJSON(using: &generator))
            do {
                try await resume()
            } catch is TrainingError {
                refused += 1
            } catch is SafetensorsError {
                refused += 1
            }
        }
        // Changes to the engine's name, the times and the losses are nobody's business.
        #expect(refused > 125)
    }
}
