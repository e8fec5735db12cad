#if CONVNET_ONEDNN
import ConvNetEngine
import Foundation
import Testing

@testable import OneDNNEngine

/// Which algorithm a session takes, and whom it asks.
@Suite(.serialized) final class TunerTests {
    /// A number of threads that no session has, for a table of the test's own in the user's cache directory.
    private let threads = 987_654_321
    private let key = UUID().uuidString
    /// What was timed.
    private var timed: [ConvolutionAlgorithm] = []

    deinit {
        let manager = FileManager.default
        guard let caches = manager.urls(for: .cachesDirectory, in: .userDomainMask).first else { return }
        let directory = caches.appending(path: "convnet")
        for name in (try? manager.contentsOfDirectory(atPath: directory.path)) ?? []
        where name.contains("threads-\(threads)-") {
            try? manager.removeItem(at: directory.appending(path: name))
        }
    }

    @Test func exactIsDirect() throws {
        #expect(try ask(tuner(.exact), estimate: .winograd) == .direct)
        #expect(timed == [])
    }

    @Test(arguments: [ConvolutionAlgorithm.direct, .winograd])
    func estimatedIsTheEstimate(estimate: ConvolutionAlgorithm) throws {
        let tuner = tuner(.estimated)
        #expect(try ask(tuner, estimate: estimate) == estimate)
        #expect(tuner.choices == [key: estimate])
        #expect(timed == [])
    }

    @Test(arguments: [ConvolutionAlgorithm.direct, .winograd])
    func measuredIsTheFaster(faster: ConvolutionAlgorithm) throws {
        let tuner = tuner(.measured)
        #expect(try ask(tuner, estimate: faster == .direct ? .winograd : .direct, faster: faster) == faster)
        #expect(Set(timed) == [.direct, .winograd])
        timed = []
        #expect(try ask(tuner, estimate: .direct) == faster)
        #expect(timed == [], "what is known is not timed again")
    }

    @Test func choosesAmongCandidates() throws {
        let all: [ConvolutionAlgorithm] = [.direct, .narrow, .winograd]
        #expect(try ask(tuner(.measured), all, estimate: .direct, faster: .narrow) == .narrow)
        #expect(timed.first == .direct && Set(timed) == Set(all))
        timed = []
        #expect(try ask(tuner(.measured), [.direct], estimate: .winograd, faster: .winograd) == .direct)
        #expect(timed == [], "there is no choice")
    }

    /// Here an algorithm may be missing that there was elsewhere, or where a table was written.
    @Test(arguments: AlgorithmChoice.allCases)
    func choicesThatCannotBeHadAreMadeAgain(choice: AlgorithmChoice) throws {
        let tuner = tuner(choice)
        tuner.adopt([key: "narrow"])
        #expect(try ask(tuner, estimate: .winograd, faster: .winograd) == (choice == .exact ? .direct : .winograd))
        let other = Tuner(choice, threads: threads, preferred: .narrow)
        #expect(try ask(other, estimate: .winograd, faster: .winograd) == .direct)
    }

    @Test func measuredAsksTheTableFirst() throws {
        let first = tuner(.measured)
        #expect(try ask(first, estimate: .direct, faster: .winograd) == .winograd)
        timed = []
        first.remember()
        // As if winograd had become the slower one.
        #expect(try ask(tuner(.measured), estimate: .direct, faster: .direct) == .winograd)
        #expect(timed == [])
        // Those who do not measure do not ask.
        #expect(try ask(tuner(.exact), estimate: .winograd) == .direct)
        #expect(try ask(tuner(.estimated), estimate: .direct) == .direct)
    }

    @Test(arguments: AlgorithmChoice.allCases)
    func adoptedChoicesWin(choice: AlgorithmChoice) throws {
        let tuner = tuner(choice)
        tuner.adopt([key: "winograd", "another": "fourier"])
        #expect(tuner.choices == [key: .winograd])
        #expect(try ask(tuner, estimate: .direct, faster: .direct) == .winograd)
        #expect(timed == [])
        tuner.adopt([key: "direct"])
        #expect(try ask(tuner, estimate: .winograd, faster: .winograd) == .direct)
    }

    @Test(arguments: AlgorithmChoice.allCases)
    func whatIsPreferredIsTaken(choice: AlgorithmChoice) throws {
        let tuner = Tuner(choice, threads: threads, preferred: .winograd)
        tuner.adopt([key: "direct"])
        #expect(try ask(tuner, estimate: .direct, faster: .direct) == .winograd)
        #expect(timed == [])
    }

    // MARK: Asking

    private func tuner(_ choice: AlgorithmChoice) -> Tuner { Tuner(choice, threads: threads, preferred: nil) }

    private func ask(
        _ tuner: Tuner, _ candidates: [ConvolutionAlgorithm] = [.direct, .winograd], estimate: ConvolutionAlgorithm,
        faster: ConvolutionAlgorithm = .direct
    ) throws -> ConvolutionAlgorithm {
        try tuner.algorithm(key, candidates, estimate: estimate) { algorithm in
            timed.append(algorithm)
            return PlannedCall(purpose: "nothing", memory: { [] }) { Nap(milliseconds: algorithm == faster ? 0 : 5) }
        }
    }

    private final class Nap: PlanCall {
        let milliseconds: UInt32

        init(milliseconds: UInt32) { self.milliseconds = milliseconds }

        func run() { usleep(1000 * milliseconds) }
    }
}
#endif
