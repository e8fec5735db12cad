import ArgumentParser
import ConvNetGraph
import ConvNetRuns
import Foundation

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks that a model gives the numbers on this machine that its author's machine gave.",
        discussion: """
            convnet verify runs/lenet5-1
            convnet verify lenet5 --weights weights.safetensors --case case.safetensors

            The most exact algorithms compute, so that rounding errors hide no other difference. \
            --fast-arithmetic and --precision bf16 show what faster ones make of the model, and \
            may need a larger --tolerance.
            """)

    @Argument(help: "A run's directory, a model file or a network's name.")
    var model: String

    @Option(help: "Weights for a network given by name: a safetensors file with its parameters' names.")
    var weights: String?

    @Option(
        name: .customLong("case"), help: "A file with tensors 'images' and 'logits'. (default: the model file itself)")
    var caseFile: String?

    @Option(help: "The largest difference allowed, relative to the largest logit.")
    var tolerance = 1e-4

    @Flag(help: "Compute with the fastest algorithms, as other commands do, not with the most exact ones.")
    var fastArithmetic = false

    @OptionGroup var engine: EngineOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(tolerance >= 0) { throw ValidationError("--tolerance must be 0 or more, received \(tolerance)") }
    }

    private struct Report: Encodable {
        var result: VerificationResult
        var tolerance: Double
        var passed: Bool
        var engine: String

        private enum CodingKeys: String, CodingKey {
            case images, tolerance, passed, engine
            case largestDifference = "max_absolute_difference"
            case relativeDifference = "max_relative_difference"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(result.imageCount, forKey: .images)
            try container.encode(result.largestDifference, forKey: .largestDifference)
            try container.encode(result.relativeDifference, forKey: .relativeDifference)
            try container.encode(tolerance, forKey: .tolerance)
            try container.encode(passed, forKey: .passed)
            try container.encode(engine, forKey: .engine)
        }
    }

    func run() async throws {
        let (model, verification) = try await load()
        let result = try await WaitingLine(.terminal).during("verifying") { try await verification.check(model) }
        let passed = result.relativeDifference <= tolerance
        if output.json {
            try Terminal.write(
                json: Report(result: result, tolerance: tolerance, passed: passed, engine: model.engineVersion))
        } else {
            Terminal.write(
                "\(passed ? "verified" : "DIFFERENT"): \(result.imageCount) images, "
                    + "max |a − b| \(result.largestDifference), max |a − b| / max |b| \(result.relativeDifference), "
                    + "tolerance \(tolerance), \(model.engineVersion)")
        }
        if !passed { throw ExitCode.failure }
    }

    private func makeEngine() throws -> any Engine {
        try engine.makeEngine(fastArithmetic ? .measured : .exact)
    }

    private func load() async throws -> (Model, VerificationCase) {
        if case .modelFile(let url) = try NetworkReference(model) {
            if weights != nil {
                throw ValidationError("--weights goes with a network's name; a model file has its own")
            }
            let file = try ModelFile(contentsOf: url)
            let verification = try verification(orIn: file.verification)
            return (try await Model.load(file, engine: makeEngine()), verification)
        } else {
            guard let weights else { throw ValidationError("a network given by name needs --weights") }
            let file = try SafetensorsFile.opened(URL(filePath: weights))
            let verification = try verification(orIn: VerificationCase(in: file))
            // The case says for which images and for how many classes the weights are.
            let network = try NetworkSource(model).network(for: verification.imageShape, classes: verification.classes)
            let model = try Model(
                network, weights: try file.weights(for: network), engine: makeEngine())
            return (model, verification)
        }
    }

    /// The case that was asked for, or else the model's own.
    private func verification(orIn own: @autoclosure () throws -> VerificationCase?) throws -> VerificationCase {
        guard let caseFile else {
            guard let own = try own() else {
                throw ValidationError("\(model) has no case of its own; give one with --case")
            }
            return own
        }
        guard let verification = try VerificationCase(in: try SafetensorsFile.opened(URL(filePath: caseFile)))
        else { throw ValidationError("\(caseFile) has no tensors 'images' and 'logits'") }
        return verification
    }
}
