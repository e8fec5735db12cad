import Foundation
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

@Suite struct EvaluationTests {
    // MARK: The rank of a class

    private func rank(of label: Int, in logits: [Float]) -> Int {
        logits.withUnsafeBufferPointer { topKRank(of: label, in: $0) }
    }

    @Test func rankIsTheNumberOfLargerLogits() {
        let logits: [Float] = [0.5, 3, -1, 2]
        #expect((0..<4).map { rank(of: $0, in: logits) } == [2, 0, 3, 1])
    }

    @Test func equalLogitsRankByIndex() {
        #expect((0..<4).map { rank(of: $0, in: [1, 1, 1, 1]) } == [0, 1, 2, 3])
        #expect((0..<4).map { rank(of: $0, in: [1, 2, 1, 2]) } == [2, 0, 3, 1])
        #expect((0..<2).map { rank(of: $0, in: [-0.0, 0.0]) } == [0, 1])
    }

    @Test func notANumberComesLast() {
        #expect((0..<3).map { rank(of: $0, in: [.nan, 1, 2]) } == [3, 1, 0])
        #expect((0..<3).map { rank(of: $0, in: [.nan, .nan, .nan]) } == [3, 3, 3])
        #expect((0..<3).map { rank(of: $0, in: [-.infinity, .nan, .infinity]) } == [1, 3, 0])
    }

    @Test func rankInARowOfABatch() {
        let logits: [Float] = [9, 9, 9, 1, 2, 3, 9, 9, 9]
        logits.withUnsafeBufferPointer { buffer in
            #expect((0..<3).map { topKRank(of: $0, in: UnsafeBufferPointer(rebasing: buffer[3..<6])) } == [2, 1, 0])
        }
    }

    // MARK: Sums

    private func evaluation(_ batches: [(logits: [Float], labels: [Int32])]) -> Evaluation {
        let metrics: [any Metric] = [MeanLoss(), Accuracy(), TopAccuracy(5)]
        var sums = EvaluationSums(
            metrics, classes: batches.first.map { $0.logits.count / $0.labels.count } ?? 2, outputs: .exclusive)
        for batch in batches {
            let targets = batch.labels.map { Target.label(Int($0)) }
            batch.logits.withUnsafeBufferPointer { sums.add(logits: $0, targets: targets) }
        }
        return sums.evaluation
    }

    /// Two classes with logits 0 and ln 3 have the probabilities 1/4 and 3/4.
    @Test func numbersByHand() {
        let ln3 = Float(log(3.0))
        let found = evaluation([([0, ln3, 0, ln3, 0, ln3], [1, 1, 0]), ([0, 0], [0])])
        #expect(abs(found.loss - (2 * log(4.0 / 3) + log(4.0) + log(2.0)) / 4) < 1e-7)
        // Of equal logits the first counts as the answer.
        #expect(found.accuracy == 0.75)
        #expect(found.top5Accuracy == 1)
        #expect(found.imageCount == 4)
    }

    @Test func topFiveOfSeven() {
        let logits: [Float] = [7, 6, 5, 4, 3, 2, 1]
        let found = evaluation((0..<7).map { (logits, [Int32($0)]) })
        #expect(found.accuracy == 1.0 / 7)
        #expect(found.top5Accuracy == 5.0 / 7)
    }

    @Test func nothingSeen() {
        #expect(evaluation([]) == Evaluation(loss: 0, accuracy: 0, top5Accuracy: 0, imageCount: 0))
    }

    @Test func keysInFiles() throws {
        let evaluation = Evaluation(loss: 0.5, accuracy: 0.25, top5Accuracy: 1, imageCount: 4)
        let json = String(decoding: try JSONEncoder.sorted.encode(evaluation), as: UTF8.self)
        #expect(json == #"{"accuracy":0.25,"images":4,"loss":0.5,"top5_accuracy":1}"#)
    }

    // MARK: Models

    /// More images than one batch of the evaluation takes, and the last batch shorter.
    @Test(arguments: [1, 127, 128, 129, 300])
    func shortLastBatch(count: Int) async throws {
        let model = try Corners.model(seed: 4)
        let dataset = try Corners.dataset(count: count, seed: 8)
        let found = try await model.evaluate(dataset)
        var batches: [(logits: [Float], labels: [Int32])] = []
        for index in 0..<count {
            batches.append((try await model.logits(dataset.values(at: index)), [Int32(dataset.label(at: index))]))
        }
        let expected = evaluation(batches)
        #expect(found.imageCount == count)
        #expect(found.accuracy == expected.accuracy)
        #expect(abs(found.loss - expected.loss) < 1e-9)
    }

    @Test func preprocessingIsApplied() async throws {
        let images = try Corners.dataset(count: 9)
        let scaled = Preprocessing(mean: [0.5], standardDeviation: [0.25])
        let plain = try Model(Corners.network(), classes: Corners.classes, engine: ReferenceEngine())
        let model = try Model(
            Corners.network(), classes: Corners.classes, preprocessing: scaled, engine: ReferenceEngine())
        let pixels = try (0..<9).flatMap { try images.values(at: $0) }
        let prepared = try ArrayDataset(
            images: pixels.map { ($0 - 0.5) / 0.25 }, shape: Corners.shape,
            labels: (0..<9).map(images.label), classes: Corners.classes)
        #expect(try await model.evaluate(images) == plain.evaluate(prepared))
        #expect(try await model.logits(pixels) == plain.logits(pixels.map { ($0 - 0.5) / 0.25 }))
    }
}
