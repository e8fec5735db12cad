import CommandTestSupport
import ConvNetRuns
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ConvNetCommand
@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining
@testable import ConvNetVision

#if CONVNET_ONEDNN
@testable import OneDNNEngine
#endif

/// Every kind of file that the product reads, tampered with at random: it is read, and what it gives can be used, or it is
/// refused with a short sentence; nothing crashes, and nothing takes longer than ten seconds.
///
/// A hundredth of what `make fuzz` tries, which runs these tests with the variable CONVNET_TAMPER under the address sanitizer,
/// where an allocation beyond 1.2 GiB (a little more than the largest picture may take) ends the process. The file that did it is
/// left in the directory that the variable names.
@Suite(.serialized) struct TamperTests {
    private static let place = ProcessInfo.processInfo.environment["CONVNET_TAMPER"].map { URL(filePath: $0) }

    /// - Parameters:
    ///   - name: of the file.
    ///   - seeds: what is tampered with.
    ///   - others: whole files that lie beside it.
    ///   - leastRefused: the share of files that must not be taken for whole ones.
    private func tamper(
        _ name: String, count: Int, seeds: [Data], beside others: [String: Data] = [:], leastRefused: Double,
        _ tamper: (Data, inout SplitMix64) -> Data, read: (URL, Int) async throws -> Void
    ) async throws {
        let scratch = try ScratchDirectory()
        let directory = Self.place ?? scratch.url
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, data) in others { try data.write(to: directory.appending(path: name)) }
        let file = directory.appending(path: name)
        let count = Self.place == nil ? count / 100 : count
        let watch = try Watch(name)
        var generator = SplitMix64(seed: 41)
        var refused = 0
        for number in 0..<count {
            try tamper(seeds[number % seeds.count], &generator).write(to: file)
            watch.begin(number)
            do {
                try await read(file, number)
            } catch {
                refused += 1
                let sentence = "\(error)"
                #expect(!sentence.isEmpty && sentence.utf8.count < 10_000, "\(name), number \(number)")
            }
        }
        watch.end()
        for name in others.keys + [name] { try? FileManager.default.removeItem(at: directory.appending(path: name)) }
        #expect(Double(refused) >= leastRefused * Double(count), "\(refused) of \(count) were refused")
    }

    /// Ends the process where one file takes longer than ten seconds. Only tenths of a second count in which a task had its turn: beside
    /// other tests, which keep all threads busy, a reader waits for one, and so does a task that is begun after it.
    private final class Watch: Sendable {
        private let state = Mutex<(number: Int, tenths: Int)?>(nil)
        private let isOver = Atomic(false)

        init(_ name: String) throws {
            try SystemThread.start(name: "watch", for: "watching") { [self] in
                let hadTurn = Flag(true)
                while !isOver.load(ordering: .relaxed) {
                    usleep(100_000)
                    guard hadTurn.value.exchange(false, ordering: .relaxed) else { continue }
                    Task.detached { hadTurn.value.store(true, ordering: .relaxed) }
                    state.withLock { state in
                        state?.tenths += 1
                        if let (number, tenths) = state, tenths > 100 {
                            fatalError("\(name), number \(number), takes longer than ten seconds")
                        }
                    }
                }
            }
        }

        private final class Flag: Sendable {
            let value: Atomic<Bool>
            init(_ value: Bool) { self.value = Atomic(value) }
        }

        func begin(_ number: Int) { state.withLock { $0 = (number, 0) } }

        func end() {
            state.withLock { $0 = nil }
            isOver.store(true, ordering: .relaxed)
        }
    }

    // MARK: Models and checkpoints

    private func saved(_ network: Network, _ preprocessing: Preprocessing = .identity) async throws -> Data {
        let scratch = try ScratchDirectory()
        let url = scratch.file("model.safetensors")
        let model = try Model(
            network, classes: Corners.classes, preprocessing: preprocessing, engine: ReferenceEngine())
        try await model.save(to: url)
        return try Data(contentsOf: url)
    }

    @Test func models() async throws {
        let fitting = Preprocessing(mean: [0.5], standardDeviation: [0.25], fitting: ImageFitting(size: Size(8)))
        let seeds = try await [
            saved(Corners.network(), fitting), saved(Corners.residualNetwork()), saved(Corners.linearNetwork()),
        ]
        let engines = try Engines.names.map { try Engines.make(named: $0) }
        let png = try PNG.encode(Image(channels: 1, height: 3, width: 4, pixels: [UInt8](1...12)))
        try await tamper(
            "model.safetensors", count: 20_000, seeds: seeds, beside: ["picture.png": png], leastRefused: 0.5
        ) {
            SafetensorsTampering.tamper($0, using: &$1)
        } read: { url, number in
            let file = try ModelFile(contentsOf: url)
            let summary = file.network.summary()
            #expect(!summary.description.isEmpty)
            let shape = file.network.inputShape
            guard shape.count < 1 << 16, summary.totals.multiplyAdds < 1 << 24 else { return }
            let model = try await Model.load(file, engine: engines[number % engines.count])
            let probabilities = try await model.probabilities([Float](repeating: 0.5, count: shape.count))
            #expect(probabilities.count == file.classes.count)
            _ = try await file.verification?.check(model)
            guard file.preprocessing.fitting.map({ $0.size == shape.size }) ?? true else { return }
            _ = try await model.predict(imageAt: url.deletingLastPathComponent().appending(path: "picture.png"))
        }
    }

    private static let trainer = Trainer(epochs: 3, batchSize: 4, learningRate: 0.05, optimizer: SGD(momentum: 0.9))

    private func train(resuming checkpoint: TrainingCheckpoint?, with listener: sending any TrainingListener)
        async throws
    {
        _ = try await Self.trainer.train(
            Corners.model(), on: Corners.dataset(count: 10), validation: Corners.dataset(count: 4),
            resuming: checkpoint, listeners: [listener])
    }

    private func checkpoint() async throws -> Data {
        let scratch = try ScratchDirectory()
        let url = scratch.file("training.safetensors")
        try await train(
            resuming: nil,
            with: TrainingObserver { event, run in
                guard run.steps == 4 else { return .continue }
                try run.checkpoint().write(to: url)
                return .stop
            })
        return try Data(contentsOf: url)
    }

    @Test func checkpoints() async throws {
        try await tamper(
            "training.safetensors", count: 5000, seeds: [checkpoint()], leastRefused: 0.3,
            { SafetensorsTampering.tamper($0, using: &$1) },
            read: { url, _ in
                try await train(resuming: TrainingCheckpoint(contentsOf: url), with: TrainingObserver())
            })
    }

    @Test func metrics() async throws {
        let scratch = try ScratchDirectory()
        let url = scratch.file("metrics.jsonl")
        try await train(resuming: nil, with: MetricsFile(url))
        let file = scratch.file("training.safetensors")
        try await checkpoint().write(to: file)
        let start = try TrainingCheckpoint(contentsOf: file)
        try await tamper(
            "metrics.jsonl", count: 2000, seeds: [Data(contentsOf: url)], leastRefused: 0,
            { $0.tamperedText(using: &$1) },
            read: { url, _ in try await train(resuming: start, with: MetricsFile(url)) })
    }

    // MARK: Settings and datasets

    @Test func splits() async throws {
        let images = try Corners.dataset(count: 20)
        let seed = try JSONEncoder().encode(
            SplitFile(images, training: Array(0..<12), validation: [12, 13, 14], test: [15, 19]))
        try await tamper(
            "split.json", count: 2000, seeds: [seed], leastRefused: 0.3, { $0.tamperedText(using: &$1) },
            read: { url, _ in _ = try SplitFile(contentsOf: url).positions(in: images) })
    }

    @Test func settings() async throws {
        let seed = """
            dataset: /data/photos
            model: resnet20
            epochs: 10
            batch-size: 32
            optimizer: sgd
            learning-rate: 0.05
            schedule: one-cycle
            groups:
              - parameters: "*.bias"
                weight-decay: 0
            seed: 7
            """
        try await tamper(
            "config.yaml", count: 2000, seeds: [Data(seed.utf8)], leastRefused: 0.1, { $0.tamperedText(using: &$1) },
            read: { url, _ in _ = try RunConfiguration(contentsOf: url) })
    }

    @Test func tables() async throws {
        let png = try PNG.encode(Image(channels: 1, height: 2, width: 2, pixels: [1, 2, 3, 4]))
        let seeds = [
            "path,label,part\na.png,\"cat, grey\",train\nb.png,dog,test\n", "path,label\r\nb.png,1\r\na.png,02\r\n",
        ]
        try await tamper(
            "labels.csv", count: 2000, seeds: seeds.map { Data($0.utf8) },
            beside: ["a.png": png, "b.png": png], leastRefused: 0.1,
            { $0.tamperedText(using: &$1) },
            read: { url, _ in
                let images = try DatasetCatalog.open(url.path).train
                for index in 0..<images.count { #expect(images.classes.indices.contains(images.label(at: index))) }
            })
    }

    @Test func arrays() async throws {
        let idx = SyntheticDataset.idx([3, 2, 2], [UInt8](0..<12))
        for (name, seed) in [("images-idx3-ubyte", idx), ("images-idx3-ubyte.gz", gzipped(idx))] {
            try await tamper(
                name, count: 2000, seeds: [seed], leastRefused: 0.2, { $0.tampered(using: &$1) },
                read: { url, _ in
                    let sizes = try IDXFile(contentsOf: url, rank: 3).sizes
                    #expect(sizes.count == 3)
                })
        }
        let cifar = Data((0..<2 * 3073).map { UInt8(truncatingIfNeeded: $0 % 3073 == 0 ? $0 % 2 : $0) })
        try await tamper(
            "batch.bin", count: 2000, seeds: [cifar], leastRefused: 0.1, { $0.tampered(using: &$1) },
            read: { url, _ in
                let images = try CIFARDataset(contentsOf: [url], variant: .cifar10, name: "c", classes: ["a", "b"])
                for index in 0..<images.count { #expect(images.label(at: index) < 2) }
            })
    }

    // MARK: Pictures

    private static let seeds = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fuzz/Seeds/images")

    @Test(arguments: ["png", "jpg", "webp"])
    func pictures(kind: String) async throws {
        let files = try FileManager.default.contentsOfDirectory(at: Self.seeds, includingPropertiesForKeys: nil)
        let seeds = try files.filter { $0.pathExtension == kind }.sorted { $0.path < $1.path }.map {
            try Data(contentsOf: $0)
        }
        guard !seeds.isEmpty else { return }
        try await tamper(
            "picture.\(kind)", count: 2000, seeds: seeds, leastRefused: 0.1, { $0.tampered(using: &$1) },
            read: { url, number in
                let file = try ImageFile(contentsOf: url)
                let image = try file.decode(channels: number % 2 == 0 ? 3 : 1)
                #expect(image.pixels.count == image.channels * image.height * image.width)
                _ = ImageFitting(size: Size(7, 5)).fit(image)
            })
    }

    // MARK: The tuner's cache

    #if CONVNET_ONEDNN
    @Test func choices() async throws {
        let key = "conv 16×3×32×32 → 16"
        let seed = try JSONEncoder().encode([key: "winograd", "another": "direct"])
        try await tamper(
            "algorithms.json", count: 2000, seeds: [seed], leastRefused: 0, { $0.tamperedText(using: &$1) },
            read: { url, _ in
                let table = AlgorithmTable(file: url)
                _ = table[key]
                table.remember(["new": .narrow])
                #expect(AlgorithmTable(file: url)["new"] == .narrow)
            })
    }
    #endif
}
