#if CONVNET_ONEDNN
import ConvNetEngine

/// Chooses the algorithms of a session's convolutions.
final class Tuner {
    /// All choices so far, by what was computed.
    private(set) var choices: [String: ConvolutionAlgorithm] = [:]

    private let choice: AlgorithmChoice
    private let preferred: ConvolutionAlgorithm?
    private var table: AlgorithmTable
    /// Of the session, and of the plan that is being compiled.
    private let sessionThreads: Int
    private var threads: Int
    private let clock = ContinuousClock()
    private var fresh: [String: ConvolutionAlgorithm] = [:]
    private var timeLeft = Tuner.budget

    /// What timing may take in one session; what is left then is estimated.
    private static let budget = Duration.seconds(30)

    /// - Parameter preferred: what is chosen wherever it can be, without asking; nil where there is a choice.
    init(_ choice: AlgorithmChoice, threads: Int, preferred: ConvolutionAlgorithm?) {
        self.choice = choice
        self.preferred = preferred
        table = .shared(threads: threads)
        sessionThreads = threads
        self.threads = threads
    }

    /// What is chosen from now on is for that many threads.
    func use(threads: Int) {
        guard threads != self.threads else { return }
        remember()
        self.threads = threads
        table = .shared(threads: threads)
    }

    /// Choices made elsewhere, which take precedence over what would be chosen here.
    func adopt(_ choices: [String: String]) {
        for (key, name) in choices {
            if let algorithm = ConvolutionAlgorithm(rawValue: name) { self.choices[key] = algorithm }
        }
    }

    /// The algorithm for a pass.
    ///
    /// - Parameters:
    ///   - key: says all that the speed depends on.
    ///   - candidates: those that can compute it, the direct one first.
    ///   - estimate: what is chosen among them without timing.
    ///   - call: makes a call to time, on memory of its own.
    func algorithm(
        _ key: String, _ candidates: [ConvolutionAlgorithm], estimate: ConvolutionAlgorithm,
        call: (ConvolutionAlgorithm) throws -> PlannedCall
    ) throws -> ConvolutionAlgorithm {
        guard candidates.count > 1 else { return .direct }
        if let preferred { return candidates.contains(preferred) ? preferred : .direct }
        let name = threads == sessionThreads ? key : "\(key), threads \(threads)"
        if let known = choices[name], candidates.contains(known) { return known }
        let algorithm: ConvolutionAlgorithm
        switch choice {
        case .exact: algorithm = .direct
        case .estimated: algorithm = candidates.contains(estimate) ? estimate : .direct
        case .measured:
            if let known = table[key], candidates.contains(known) {
                algorithm = known
            } else if timeLeft > .zero {
                algorithm = try table.algorithm(for: key, among: candidates) {
                    let start = clock.now
                    let fastest = try fastest(candidates, call)
                    timeLeft -= clock.now - start
                    fresh[key] = fastest
                    return fastest
                }
            } else {
                algorithm = candidates.contains(estimate) ? estimate : .direct
            }
        }
        choices[name] = algorithm
        return algorithm
    }

    private func fastest(
        _ candidates: [ConvolutionAlgorithm], _ call: (ConvolutionAlgorithm) throws -> PlannedCall
    ) throws -> ConvolutionAlgorithm {
        var best = (algorithm: ConvolutionAlgorithm.direct, time: Duration.seconds(3600))
        for candidate in candidates {
            let time = try time(call(candidate))
            if time < best.time { best = (candidate, time) }
        }
        return best.algorithm
    }

    /// Writes down what was timed since the last time.
    func remember() {
        table.remember(fresh)
        fresh = [:]
    }

    /// The shortest of some runs, after one that warms up.
    private func time(_ planned: PlannedCall) throws -> Duration {
        let arena = try Arena(ArenaLayout(calls: [planned.memory()]))
        let call = try planned.make()
        try call.run()
        let start = clock.now
        var shortest = Duration.seconds(3600)
        var runs = 0
        repeat {
            shortest = min(shortest, try clock.measure { try call.run() })
            runs += 1
        } while runs < 5 && clock.now - start < .milliseconds(40)
        return withExtendedLifetime(arena) { shortest }
    }
}
#endif
