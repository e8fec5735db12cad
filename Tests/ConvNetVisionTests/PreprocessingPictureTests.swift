import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// The steps between a picture and a network, each with the values that come of it.
@Suite struct PreprocessingPictureTests {
    private func fixture(_ kind: String) throws -> ImageFile {
        let fixture = try #require(PNGFixture.all.first { $0.kind == kind })
        return try ImageFile(fixture.data, name: "\(kind).png")
    }

    /// (255, 0, 0), (0, 128, 255), (9, 99, 199), of opacity 64, 128, 254: the bytes that Pillow gives.
    @Test(
        arguments: [
            (.white, [255, 191, 191, 127, 191, 255, 10, 100, 199]), (.black, [64, 0, 0, 0, 64, 128, 9, 99, 198]),
            (.ignored, [255, 0, 0, 0, 128, 255, 9, 99, 199]),
        ] as [(Background, [UInt8])])
    func transparencyIsSeenThrough(background: Background, pixels: [UInt8]) throws {
        let picture = try fixture("RGB with alpha 64, 128, 254")
        let preprocessing = Preprocessing(background: background)
        #expect(try preprocessing.image(of: picture, for: [3, 1, 3]).pixels == pixels)
    }

    /// Planes, one after the other, of bytes divided by 255 or by what is said, and then normalised.
    @Test func valuesAreScaledAndNormalised() throws {
        let picture = try fixture("8-bit RGB")
        let red: [Float] = [255, 0, 0, 12, 250, 1]
        let plain = try Preprocessing.identity.values(of: .picture(picture), shape: [3, 2, 3])
        #expect(plain.count == 18 && Array(plain.prefix(6)) == red.map { $0 / 255 })
        let bytes = Preprocessing(mean: [127, 127, 127], standardDeviation: [128, 128, 128], divisor: 1)
        #expect(
            try Array(bytes.values(of: .picture(picture), shape: [3, 2, 3]).prefix(6)) == red.map { ($0 - 127) / 128 })
    }

    @Test func coloursBecomeGreyAndGreyColours() throws {
        let picture = try fixture("8-bit RGB")
        let grey = try Preprocessing.identity.values(of: .picture(picture), shape: [1, 2, 3])
        #expect(grey == [76, 150, 29, 132, 163, 2].map { $0 / 255 })
        let imageNet = Preprocessing(
            mean: Normalization.imageNet.mean, standardDeviation: Normalization.imageNet.standardDeviation)
        let values = try imageNet.values(of: .picture(fixture("8-bit grey")), shape: [3, 2, 3])
        let byte: [Float] = [0, 1, 127, 128, 254, 255]
        let expected = zip(imageNet.mean, imageNet.standardDeviation).flatMap { mean, deviation in
            byte.map { ($0 / 255 - mean) / deviation }
        }
        #expect(values == expected)
    }

    @Test func whatDoesNotFitIsNamed() throws {
        let picture = DatasetItem.picture(try fixture("8-bit RGB"))
        #expect(throws: PictureError.size(file: "8-bit RGB.png", expected: Size(4, 4), received: Size(2, 3))) {
            try Preprocessing.identity.values(of: picture, shape: [3, 4, 4])
        }
        #expect(throws: PictureError.notPictures([2, 2, 3])) {
            try Preprocessing.identity.values(of: picture, shape: [2, 2, 3])
        }
        #expect(throws: ModelError.imageSize(expected: [1, 2, 2], received: 3)) {
            try Preprocessing.identity.values(of: .array([1, 2, 3]), shape: [1, 2, 2])
        }
    }

    // MARK: Files

    /// To the byte what versions before have written.
    @Test func usualOnesAreWrittenAsEver() throws {
        let usual = Preprocessing(
            mean: [0.5], standardDeviation: [0.25], fitting: ImageFitting(size: Size(2, 3), shorterSide: 4))
        let text =
            #"{"fitting":{"interpolation":"bilinear","mode":"crop","obeysOrientation":true,"shorterSide":4,"size":[2,3]},"#
            + #""mean":[0.5],"standardDeviation":[0.25]}"#
        #expect(String(decoding: try JSONEncoder.sorted.encode(usual), as: UTF8.self) == text)
        #expect(try JSONDecoder().decode(Preprocessing.self, from: Data(text.utf8)) == usual)
        let identity = #"{"mean":[],"standardDeviation":[]}"#
        #expect(String(decoding: try JSONEncoder.sorted.encode(Preprocessing.identity), as: UTF8.self) == identity)
        #expect(try JSONDecoder().decode(Preprocessing.self, from: Data(identity.utf8)) == .identity)
    }

    @Test(arguments: [
        Preprocessing(channels: 3), Preprocessing(obeysOrientation: false), Preprocessing(background: .ignored),
        Preprocessing(mean: [127], standardDeviation: [128], divisor: 1),
        Preprocessing(fitting: ImageFitting(size: Size(4), mode: .pad), obeysOrientation: false, background: .black),
    ])
    func everythingIsKept(preprocessing: Preprocessing) throws {
        let data = try JSONEncoder.sorted.encode(preprocessing)
        #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == preprocessing)
    }

    // MARK: Answers that are given

    /// Headers are read once, and no picture, where nothing has to be measured.
    @Test(arguments: [false, true])
    func nothingIsMeasuredThatIsGiven(isWhole: Bool) throws {
        let folder = try PictureFolder((0..<20).map { "a/\($0).png" } + (0..<20).map { "b/\($0).png" }, channels: 1)
        var images = try folder.open()
        let counted = CountedImages(images.train)
        images.train = counted
        var preparation = DataPreparation()
        let whole = Preprocessing(
            mean: [0.5, 0.5, 0.5], standardDeviation: [0.25, 0.25, 0.25], fitting: ImageFitting(size: Size(12)),
            background: .black)
        if isWhole { preparation.preprocessing = whole } else { preparation.normalization = .imageNet }
        let data = try preparation.prepare(images, networkInput: [3, 96, 96])
        #expect(counted.reads.allSatisfy { $0 == 0 } && counted.looks.allSatisfy { $0 == 1 })
        #expect(data.imageShape == (isWhole ? [3, 12, 12] : [3, 6, 5]))
        #expect(data.preprocessing.mean == (isWhole ? [0.5, 0.5, 0.5] : [0.485, 0.456, 0.406]))
        #expect(data.preprocessing.channels == 3)
        if isWhole { #expect(data.preprocessing == whole) }
        #expect(data.training.count + (data.validation?.count ?? 0) == 40)
    }

    @Test func brokenPicturesAreSkippedWhereNothingIsMeasured() throws {
        let folder = try PictureFolder((0..<20).map { "a/\($0).png" } + (0..<20).map { "b/\($0).png" })
        try folder.write(PNG.encode(PictureFolder.picture(1)).dropLast(30), to: "a/3.png")
        var preparation = DataPreparation()
        preparation.normalization = .imageNet
        preparation.skipsBadImages = true
        let data = try preparation.prepare(folder.open(), networkInput: [3, 96, 96])
        #expect(data.skipped.map(\.path) == ["a/3.png"])
        try folder.write(Data("no picture".utf8), to: "a/4.png")
        preparation.skipsBadImages = false
        #expect(throws: DatasetError.self) { try preparation.prepare(folder.open(), networkInput: [3, 96, 96]) }
    }

    /// Arrays are a dataset like any other.
    @Test func arraysAreDividedAndMeasured() throws {
        let labels = (0..<20).map { $0 % 2 }
        let arrays = try ArrayDataset(
            images: (0..<80).map { Float($0 % 4) }, shape: [1, 2, 2], labels: labels, classes: ["a", "b"])
        var preparation = DataPreparation()
        preparation.validationFraction = 0.2
        let data = try preparation.prepare(
            DatasetParts(name: "arrays", train: arrays), networkInput: [3, 96, 96])
        #expect(data.imageShape == [1, 2, 2] && data.preprocessing.fitting == nil)
        #expect(data.preprocessing.mean == [1.5] && data.training.count == 16)
    }
}
