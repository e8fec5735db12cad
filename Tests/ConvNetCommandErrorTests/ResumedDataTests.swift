import CommandTestSupport
import Foundation
import Testing

/// A run goes on with the images that it began with, or not at all.
@Suite struct ResumedDataTests {
    private static let refusal = "this checkpoint belongs to another run: "

    private func expectRefusal(
        _ place: Workplace, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
    )
        async throws
    {
        let before = try place.snapshot()
        let outcome = try await place.run("train", "--resume", "--out", "run")
        #expect(outcome.ending == .exit(1), sourceLocation: sourceLocation)
        #expect(outcome.errors.contains("Error: \(Self.refusal)\(sentence)\n"), sourceLocation: sourceLocation)
        #expect(try place.snapshot() == before, sourceLocation: sourceLocation)
    }

    @Test func otherPixelsInTheSameFile() async throws {
        let place = try await Workplace.withModel()
        var images = try place.data("data/train-images-idx3-ubyte")
        images[images.count / 2] ^= 1
        try place.write(images, to: "data/train-images-idx3-ubyte")
        try await expectRefusal(
            place, "its training images have the same names as those of this run, but show something else")
    }

    /// The test images may be others: nothing has been learnt from them.
    @Test func otherTestImages() async throws {
        let place = try await Workplace.withModel()
        var images = try place.data("data/t10k-images-idx3-ubyte")
        images[images.count / 2] ^= 1
        try place.write(images, to: "data/t10k-images-idx3-ubyte")
        #expect(try await place.run("train", "--resume", "--out", "run").ending == .exit(0))
    }

    /// A run on pictures that come in parts, so that no list of names is kept beside it.
    private func placeWithPictures() async throws -> Workplace {
        let place = try Workplace.withDataset()
        try #require(try await place.run("datasets", "export", "data", "--out", "pictures").ending == .exit(0))
        try FileManager.default.moveItem(at: place.file("pictures/test"), to: place.file("pictures/val"))
        try? FileManager.default.removeItem(at: place.file("pictures/labels.csv"))
        let training = Workplace.training(epochs: 1).map { $0 == "data" ? "pictures" : $0 }
        let outcome = try await place.run(training)
        try #require(outcome.ending == .exit(0), "\(outcome.errors)")
        return place
    }

    @Test func otherClasses() async throws {
        let place = try await placeWithPictures()
        for part in ["train", "val"] {
            try FileManager.default.moveItem(
                at: place.file("pictures/\(part)/0"), to: place.file("pictures/\(part)/9"))
        }
        try await expectRefusal(place, "its classes are others: '0' stands where this run has '1'")
    }

    @Test func aPictureOfAnotherClass() async throws {
        let place = try await placeWithPictures()
        let names = try FileManager.default.contentsOfDirectory(atPath: place.file("pictures/train/0").path).sorted()
        try FileManager.default.moveItem(
            at: place.file("pictures/train/0/\(names[0])"), to: place.file("pictures/train/1/\(names[0])"))
        try await expectRefusal(place, "its training images have other names, or come in another order")
    }

    @Test func twoPicturesExchanged() async throws {
        let place = try await placeWithPictures()
        let names = try FileManager.default.contentsOfDirectory(atPath: place.file("pictures/val/2").path).sorted()
        let (first, second) = (place.file("pictures/val/2/\(names[0])"), place.file("pictures/val/2/\(names[1])"))
        let content = try Data(contentsOf: first)
        try Data(contentsOf: second).write(to: first)
        try content.write(to: second)
        try await expectRefusal(
            place, "its validation images have the same names as those of this run, but show something else")
    }
}
