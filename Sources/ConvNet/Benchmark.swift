import ConvNetEngine
import ConvNetGraph
import ConvNetTraining
import Foundation

/// How fast a network runs on this machine, on made-up images.
package struct Benchmark: Sendable, Encodable {
    /// What is measured.
    package enum Mode: String, Sendable, Codable, CaseIterable {
        /// Forward, backward and update.
        case train
        /// Forward only.
        case infer
    }

    /// What the caller called the network.
    package var model: String
    /// Training steps or predictions.
    package var mode: Mode
    /// What was computed with: `fp32` or `bf16`.
    package var precision: String
    /// Images a step.
    package var batch: Int
    /// The threads that the plan computes with: the engine's, or fewer.
    package var threads: Int
    /// The median step.
    package var milliseconds: Double
    /// The mean step, which the rare slow ones have their part in.
    package var meanMilliseconds: Double
    /// How many of a hundred steps take at most how many milliseconds: `50`, `90`, `99`, and `100` for the slowest.
    package var percentiles: [String: Double]
    /// Images a second at the median step.
    package var imagesPerSecond: Double
    /// 10⁹ operations a second, a multiply-add being two; training is counted as three forward passes, auxiliary classifiers
    /// included.
    package var gflops: Double
    /// The plan's feature maps, gradients and workspaces, in 10⁶ bytes.
    package var arenaMB: Double
    /// The most memory that this process has had so far, in 10⁶ bytes.
    package var peakMemoryMB: Double
    /// Name and version.
    package var engine: String
    /// How long compiling the plan took.
    package var compileMilliseconds: Double
    /// Where the time goes, if that was asked for.
    package var profile: Profile?

    private enum CodingKeys: String, CodingKey {
        case model, mode, precision, batch, threads, milliseconds, percentiles, gflops, engine, profile
        case meanMilliseconds = "mean_milliseconds"
        case imagesPerSecond = "images_per_second"
        case arenaMB = "arena_mb"
        case peakMemoryMB = "peak_memory_mb"
        case compileMilliseconds = "compile_milliseconds"
    }

    /// Measures a network.
    ///
    /// - Parameters:
    ///   - name: what the result calls it.
    ///   - seconds: how long to measure, after a warm-up; at least five steps are.
    ///   - profiles: whether to measure each call of the plan, too, and what the machine can do.
    /// - Throws: ``EngineError``.
    package static func measure(
        _ network: Network, name: String, mode: Mode, batchSize: Int, engine: any Engine, seconds: Double = 3,
        profiles: Bool = false
    ) async throws -> Benchmark {
        let model = try Model(network, engine: engine)
        let limits = profiles ? await model.measureLimits() : nil
        let measured =
            switch mode {
            case .train:
                try await model.measureTraining(batchSize: batchSize, seconds: seconds, profiles: limits != nil)
            case .infer:
                try await model.measureInference(batchSize: batchSize, seconds: seconds, profiles: limits != nil)
            }
        let steps = measured.steps.sorted()
        // A clock that stands still shows no time; one tick may have passed.
        let step = max(steps[steps.count / 2], 1e-9)
        let percentiles = [50, 90, 99, 100].map { percent in
            ("\(percent)", steps[(steps.count * percent + 99) / 100 - 1] * 1e3)
        }
        let summary = network.summary()
        let multiplyAdds =
            mode == .train ? 3 * Double(summary.trainingTotals.multiplyAdds) : Double(summary.totals.multiplyAdds)
        let operations = 2 * multiplyAdds * Double(batchSize)
        return Benchmark(
            model: name, mode: mode, precision: engine.precision.rawValue, batch: batchSize, threads: measured.threads,
            milliseconds: step * 1e3, meanMilliseconds: steps.reduce(0, +) / Double(steps.count) * 1e3,
            percentiles: Dictionary(uniqueKeysWithValues: percentiles), imagesPerSecond: Double(batchSize) / step,
            gflops: operations / step / 1e9,
            arenaMB: Double(measured.arenaBytes) / 1e6, peakMemoryMB: Double(peakMemory) / 1e6,
            engine: engine.version, compileMilliseconds: measured.compileSeconds * 1e3,
            profile: limits.map { Profile(limits: $0, calls: measured.calls) })
    }

    /// The largest resident size of this process, in bytes.
    private static var peakMemory: Int {
        var usage = rusage()
        #if os(Linux)
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_maxrss * 1024
        #else
        getrusage(RUSAGE_SELF, &usage)
        return usage.ru_maxrss
        #endif
    }
}

private struct Measurement: Sendable {
    var steps: [Double]
    var threads: Int
    var arenaBytes: Int
    var compileSeconds: Double
    var calls: [PlanCallProfile]

    /// Measures a plan that `run` runs.
    init(_ plan: any Plan, compileSeconds: Double, seconds: Double, profiles: Bool, _ run: () throws -> Void) throws {
        self.compileSeconds = compileSeconds
        threads = plan.threads
        arenaBytes = plan.arenaBytes
        steps = try time(seconds: seconds, run)
        calls = profiles ? try plan.profile(runs: 5, run) : []
    }
}

extension Model {
    fileprivate func measureTraining(batchSize: Int, seconds: Double, profiles: Bool) throws -> Measurement {
        let configuration = TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: SGD(), seed: 0)
        let start = ContinuousClock.now
        return try withTrainingPlan(batchSize: batchSize, configuration) { plan in
            let compiled = (ContinuousClock.now - start) / .seconds(1)
            plan.fillWithNoise()
            for sample in 0..<batchSize {
                plan.labels[sample] = Int32(sample % (plan.logits.count / batchSize))
                plan.samples[sample] = Int32(sample)
            }
            // A small rate, so that hours of noise do not lead to numbers that are slower to compute with.
            return try Measurement(plan, compileSeconds: compiled, seconds: seconds, profiles: profiles) {
                _ = try plan.step(TrainingStep(learningRate: 1e-4, epoch: 0))
            }
        }
    }

    fileprivate func measureInference(batchSize: Int, seconds: Double, profiles: Bool) throws -> Measurement {
        let start = ContinuousClock.now
        return try withInferencePlan(batchSize: batchSize) { plan in
            let compiled = (ContinuousClock.now - start) / .seconds(1)
            plan.fillWithNoise()
            return try Measurement(plan, compileSeconds: compiled, seconds: seconds, profiles: profiles) {
                try plan.run()
            }
        }
    }
}

extension Plan {
    fileprivate func fillWithNoise() {
        _ = images.update(
            fromContentsOf: RandomStream(seed: 0, purpose: .synthesis)
                .normal(images.count, mean: 0, standardDeviation: 1))
    }
}

/// The seconds that each call took, after two calls that do not count.
private func time(seconds: Double, _ body: () throws -> Void) rethrows -> [Double] {
    try body()
    try body()
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    while times.count < 5 || (clock.now - start) / .seconds(1) < seconds {
        times.append(try clock.measure(body) / .seconds(1))
        // A clock that stands still would never end it.
        if times.count >= 1000, clock.now == start { break }
    }
    return times
}
