import Foundation
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

@Suite struct PreprocessingTests {
    private func dataset(_ images: [Float], shape: Shape) throws -> ArrayDataset {
        try ArrayDataset(
            images: images, shape: shape, labels: [Int](repeating: 0, count: images.count / shape.count),
            classes: ["0"])
    }

    // MARK: Measuring

    /// By the textbook: the mean, then the mean square of what differs from it.
    private func plain(_ values: [Float]) -> (mean: Double, deviation: Double) {
        let values = values.map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.map { ($0 - mean) * ($0 - mean) }
        return (mean, (squares.reduce(0, +) / Double(values.count)).squareRoot())
    }

    @Test(arguments: [[1, 1, 1], [1, 1, 7], [1, 28, 28], [3, 5, 9], [3, 2, 2]])
    func agreesWithThePlainFormulas(shape: [Int]) throws {
        let shape = Shape(shape)
        let count = 40
        var images = RandomStream(seed: 1, purpose: .synthesis).uniform(count * shape.count, low: 0, high: 1)
        let area = shape.height * shape.width
        // Each channel lies elsewhere: a mix-up would show.
        for position in images.indices { images[position] += Float(position / area % shape.channels) * 3 }
        let found = try Preprocessing(measuring: dataset(images, shape: shape))
        #expect(found.mean.count == shape.channels)
        for channel in 0..<shape.channels {
            let expected = plain(images.indices.filter { $0 / area % shape.channels == channel }.map { images[$0] })
            #expect(abs(Double(found.mean[channel]) - expected.mean) < 1e-5)
            #expect(abs(Double(found.standardDeviation[channel]) - expected.deviation) < 1e-5)
        }
    }

    /// Where values are large and close together, sums of squares lose all their digits.
    @Test func largeMeans() throws {
        let images = (0..<400).map { 10_000 + Float($0 % 4) }
        let found = try Preprocessing(measuring: dataset(images, shape: [1, 10, 10]))
        #expect(found.mean == [10_001.5])
        #expect(abs(found.standardDeviation[0] - 1.25.squareRoot().float) < 1e-6)
    }

    @Test(arguments: [0, 1, 0.1, 0.7, 1e-6, 123.456, -1e10] as [Float])
    func constantChannelsGetADeviationOfOne(value: Float) throws {
        let found = try Preprocessing(
            measuring: dataset([Float](repeating: value, count: 50 * 784), shape: [1, 28, 28]))
        #expect(found == Preprocessing(mean: [value], standardDeviation: [1]))
    }

    @Test func onlyTheConstantChannelGetsOne() throws {
        let image: [Float] = [0.3, 0.3, 0.3, 0.3, 0, 1, 0, 1]
        let found = try Preprocessing(measuring: dataset(image + image, shape: [2, 2, 2]))
        #expect(found == Preprocessing(mean: [0.3, 0.5], standardDeviation: [1, 0.5]))
    }

    @Test func noImages() throws {
        let found = try Preprocessing(measuring: dataset([], shape: [2, 3, 3]))
        #expect(found == Preprocessing(mean: [0, 0], standardDeviation: [1, 1]))
    }

    private struct Unreadable: Dataset, Error {
        let name = "unreadable"
        let count = 1
        let imageShape: Shape? = [1, 1, 1]
        let classes = ["0"]
        func target(at index: Int) -> Target { .label(0) }
        func item(at index: Int) throws -> DatasetItem { throw self }
    }

    @Test func errorsInReadingArePassedOn() {
        #expect(throws: Unreadable.self) { try Preprocessing(measuring: Unreadable()) }
    }

    // MARK: Applying

    private func apply(_ preprocessing: Preprocessing, to image: [Float], shape: Shape) -> [Float] {
        var image = image
        image.withUnsafeMutableBufferPointer { preprocessing.normalize($0, shape: shape) }
        return image
    }

    @Test func eachChannelItsOwnNumbers() {
        let preprocessing = Preprocessing(mean: [1, 2, 3], standardDeviation: [1, 2, 4])
        #expect(
            apply(preprocessing, to: [1, 3, 0, 4, 7, -1], shape: [3, 1, 2]) == [0, 2, -1, 1, 1, -1])
    }

    @Test func identityChangesNothing() {
        #expect(apply(.identity, to: [1, -2, .infinity], shape: [3, 1, 1]) == [1, -2, .infinity])
    }

    @Test func measuredImagesHaveMeanZeroAndDeviationOne() throws {
        let images = RandomStream(seed: 2, purpose: .synthesis).normal(300, mean: 5, standardDeviation: 0.25)
        let measured = try Preprocessing(measuring: dataset(images, shape: [1, 10, 30]))
        let found = plain(apply(measured, to: images, shape: [1, 10, 30]))
        #expect(abs(found.mean) < 1e-5)
        #expect(abs(found.deviation - 1) < 1e-5)
    }

    // MARK: Validation

    @Test(
        arguments: [
            ([0.5], [], "1 means and 0 standard deviations for 1 channels"),
            ([], [1], "0 means and 1 standard deviations for 1 channels"),
            ([0, 0], [1, 1], "2 means and 2 standard deviations for 1 channels"),
            ([.nan], [1], "means must be finite, standard deviations finite and above 0"),
            ([.infinity], [1], "means must be finite, standard deviations finite and above 0"),
            ([0], [0], "means must be finite, standard deviations finite and above 0"),
            ([0], [-1], "means must be finite, standard deviations finite and above 0"),
            ([0], [.infinity], "means must be finite, standard deviations finite and above 0"),
            ([0], [.nan], "means must be finite, standard deviations finite and above 0"),
            ([0], [.leastNonzeroMagnitude], "a mean of 0.0 and a standard deviation of 1e-45 leave no finite number"),
            ([3e38], [0.1], "a mean of 3e+38 and a standard deviation of 0.1 leave no finite number"),
        ] as [([Float], [Float], String)])
    func refused(mean: [Float], deviation: [Float], problem: String) throws {
        let preprocessing = Preprocessing(mean: mean, standardDeviation: deviation)
        let error = try #require(throws: ModelError.self) { try preprocessing.validate(for: [1, 2, 2]) }
        #expect("\(error)" == "unusable preprocessing: \(problem)")
        // A model refuses what the validation refuses.
        let network = try Network(input: [1, 2, 2]) { Flatten() }
        #expect(throws: error) { try Model(network, preprocessing: preprocessing, engine: ReferenceEngine()) }
    }

    @Test(arguments: ["[1,2,3]", "[1]", "[]", "3", "[1,2.5]"])
    func aSizeIsTwoNumbers(text: String) throws {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Size.self, from: Data(text.utf8)) }
        #expect(try JSONDecoder().decode(Size.self, from: Data("[1,2]".utf8)) == Size(1, 2))
    }

    @Test func accepted() throws {
        try Preprocessing.identity.validate(for: [3, 2, 2])
        try Preprocessing(mean: [0, -1, 1], standardDeviation: [1, 0.001, 9]).validate(for: [3, 2, 2])
        let fitting = ImageFitting(size: Size(5, 7), shorterSide: 1 << 15)
        try Preprocessing(mean: [], standardDeviation: [], fitting: fitting).validate(for: [3, 5, 7])
    }

    @Test(
        arguments: [
            (Size(5, 8), 5, [3, 5, 7], "pictures are brought to 5×8 for a network that takes 3×5×7"),
            (Size(7, 5), 5, [3, 5, 7], "pictures are brought to 7×5 for a network that takes 3×5×7"),
            (
                Size(1 << 62, 1 << 62), 5, [3, 5, 7],
                "pictures are brought to 4611686018427387904×4611686018427387904 for a network that takes 3×5×7"
            ),
            (Size(5, 7), 5, [105], "pictures are brought to 5×7 for a network that takes 105"),
            (Size(5, 7), 0, [3, 5, 7], "pictures cannot be resized to 0 and cut to 5×7"),
            (Size(5, 7), 1 << 40, [3, 5, 7], "pictures cannot be resized to 1099511627776 and cut to 5×7"),
        ] as [(Size, Int, Shape, String)])
    func picturesOfAnotherSize(size: Size, shorterSide: Int, input: Shape, problem: String) throws {
        let fitting = ImageFitting(size: size, shorterSide: shorterSide)
        let preprocessing = Preprocessing(mean: [], standardDeviation: [], fitting: fitting)
        #expect(throws: ModelError.preprocessing(problem)) { try preprocessing.validate(for: input) }
    }
}

extension Double {
    fileprivate var float: Float { Float(self) }
}
