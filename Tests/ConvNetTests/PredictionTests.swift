import ConvNet
import ConvNetTesting
import Foundation
import TestSupport
import Testing

@Suite struct PredictionTests {
    /// A network whose logits are its biases, whatever it sees.
    private func model(logits: [Float], input: Shape = [1, 2, 3]) async throws -> Model {
        let network = try Network(input: input) {
            Flatten()
            Dense(logits.count)
        }
        let classes = logits.indices.map { "class \($0)" }
        let model = try Model(network, classes: classes, engine: ReferenceEngine())
        try await model.setWeights([
            "1.weight": [Float](repeating: 0, count: logits.count * input.count), "1.bias": logits,
        ])
        return model
    }

    private let pixels = [Float](repeating: 0.5, count: 6)

    // MARK: Number

    /// Plans are for powers of two: what the rest of their images hold is nobody's logits.
    @Test(arguments: 1...9)
    func anyNumberOfImagesIsPredictedOn(count: Int) async throws {
        let network = try Network(input: [1, 4, 4]) {
            Conv2D(5, kernel: 3)
            BatchNorm()
            ReLU()
            Flatten()
            Dense(3)
        }
        let model = try Model(network, classes: ["a", "b", "c"], engine: Engines.makeDefault(threads: 1), seed: 2)
        let images = (0..<16 * count).map { (index: Int) -> Float in Float((index * 37 + 11) % 101) / 50 - 1 }
        // More of them before, which are left in the plan.
        _ = try await model.logits((0..<16 * 16).map { _ in Float(3) })
        let logits = try await model.logits(images)
        let reference = try Model(network, classes: model.classes, engine: ReferenceEngine(), seed: 2)
        #expect(relativeError(logits, try await reference.logits(images)) < 1e-5)
        let dataset = try ArrayDataset(
            images: images, shape: [1, 4, 4], labels: [Int](repeating: 0, count: count), classes: model.classes)
        let probabilities = try await model.probabilities(of: dataset).flatMap { $0 }
        #expect(relativeError(probabilities, try await model.probabilities(images)) < 1e-6)
    }

    // MARK: Order

    @Test func mostProbableFirst() async throws {
        let ln2 = Float(log(2.0))
        let found = try await model(logits: [0, 2 * ln2, ln2]).predict(pixels: pixels)
        #expect(found.map(\.index) == [1, 2, 0])
        #expect(found.map(\.label) == ["class 1", "class 2", "class 0"])
        for (prediction, expected) in zip(found, [4.0 / 7, 2.0 / 7, 1.0 / 7]) {
            #expect(abs(Double(prediction.probability) - expected) < 1e-6)
        }
    }

    @Test func equalOnesByIndex() async throws {
        let found = try await model(logits: [1, 2, 1, 2, 1, 2]).predict(pixels: pixels, top: 6)
        #expect(found.map(\.index) == [1, 3, 5, 0, 2, 4])
    }

    @Test(arguments: [(1, 1), (3, 3), (7, 7), (8, 7), (.max, 7), (0, 0), (-1, 0)])
    func top(asked: Int, received: Int) async throws {
        let model = try await model(logits: [0, 1, 2, 3, 4, 5, 6])
        #expect(try await model.predict(pixels: pixels, top: asked).count == received)
    }

    @Test func fiveUnlessSaidOtherwise() async throws {
        let model = try await model(logits: [0, 1, 2, 3, 4, 5, 6])
        #expect(try await model.predict(pixels: pixels).map(\.index) == [6, 5, 4, 3, 2])
    }

    /// Logits that would overflow in e^x.
    @Test func largeLogits() async throws {
        let found = try await model(logits: [1000, 999, -1000]).predict(pixels: pixels)
        #expect(found.map(\.index) == [0, 1, 2])
        let sum: Float = found.map(\.probability).reduce(0, +)
        #expect(abs(sum - 1) < 1e-6)
        #expect(found[2].probability == 0)
    }

    // MARK: Pixels

    @Test(arguments: [0, 5, 7, 12])
    func otherNumberOfPixels(count: Int) async throws {
        let model = try await model(logits: [0, 1])
        let error = try await #require(throws: ModelError.self) {
            try await model.predict(pixels: [Float](repeating: 0, count: count))
        }
        #expect("\(error)" == "images are 1×2×3 (6 values each), received \(count) values")
    }

    @Test func severalImagesAtOnce() async throws {
        let model = try await model(logits: [0, 0])
        #expect(try await model.probabilities(pixels + pixels + pixels) == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
        for count in [0, 5, 13] {
            await #expect(throws: ModelError.imageSize(expected: [1, 2, 3], received: count)) {
                try await model.logits([Float](repeating: 0, count: count))
            }
        }
    }

    // MARK: Pictures

    private func png(channels: Int, height: Int, width: Int, in directory: ScratchDirectory) throws -> URL {
        let url = directory.file("picture.png")
        let pixels = (0..<channels * height * width).map { UInt8($0 * 7 % 256) }
        try PNG.encode(Image(channels: channels, height: height, width: width, pixels: pixels)).write(to: url)
        return url
    }

    /// The logits are the sums of all pixels and of the first.
    private func summingModel(input: Shape) async throws -> Model {
        let model = try await model(logits: [0, 0], input: input)
        let weights = [Float](repeating: 1, count: input.count) + [1] + [Float](repeating: 0, count: input.count - 1)
        try await model.setWeights(["1.weight": weights, "1.bias": [0, 0]])
        return model
    }

    @Test(arguments: [1, 3])
    func pictureOfTheRightSize(channels: Int) async throws {
        let directory = try ScratchDirectory()
        let url = try png(channels: channels, height: 2, width: 3, in: directory)
        let model = try await summingModel(input: [channels, 2, 3])
        let planes = try ImageFile(contentsOf: url).decode(channels: channels).planes
        #expect(try await model.predict(imageAt: url) == model.predict(pixels: planes))
    }

    /// Colours become grey, and grey becomes three equal channels.
    @Test(arguments: [(3, 1), (1, 3)])
    func pictureOfOtherChannels(picture: Int, network: Int) async throws {
        let directory = try ScratchDirectory()
        let url = try png(channels: picture, height: 2, width: 3, in: directory)
        let model = try await summingModel(input: [network, 2, 3])
        let planes = try ImageFile(contentsOf: url).decode(channels: network).planes
        #expect(planes.count == network * 6)
        #expect(try await model.predict(imageAt: url) == model.predict(pixels: planes))
    }

    @Test(arguments: [(3, 2), (2, 2), (4, 6)])
    func pictureOfAnotherSize(height: Int, width: Int) async throws {
        let directory = try ScratchDirectory()
        let url = try png(channels: 1, height: height, width: width, in: directory)
        let model = try await model(logits: [0, 1])
        let error = try await #require(throws: PictureError.self) { try await model.predict(imageAt: url) }
        #expect(
            "\(error)" == "\(url.path) is \(height)×\(width) pixels (height × width), "
                + "but the network takes 2×3; resize it first")
    }

    @Test(arguments: [[2, 2, 3], [6]])
    func networksThatTakeNoPictures(input: [Int]) async throws {
        let directory = try ScratchDirectory()
        let url = try png(channels: 1, height: 2, width: 3, in: directory)
        let model = try Model(
            Network(input: Shape(input)) {
                Flatten()
                Dense(2)
            }, engine: ReferenceEngine())
        let error = try await #require(throws: PictureError.self) { try await model.predict(imageAt: url) }
        #expect("\(error)" == "the network takes \(Shape(input)), which is neither a grey nor a colour picture")
    }

    @Test func filesThatAreNoPictures() async throws {
        let directory = try ScratchDirectory()
        let model = try await model(logits: [0, 1])
        let text = directory.file("notes.txt")
        try Data("not a picture".utf8).write(to: text)
        await #expect(throws: ImageError.self) { try await model.predict(imageAt: text) }
        await #expect(throws: DatasetError.self) { try await model.predict(imageAt: directory.file("none.png")) }
    }
}
