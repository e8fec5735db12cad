import TestSupport
import Testing

@testable import ConvNetGraph
@testable import ConvNetTraining

/// Every change of what a run learns from is noticed when it goes on.
@Suite struct DataFingerprintTests {
    private static let pixels: [Float] = [0, 0.25, 0.5, 0.75, 1, 0.125]

    private func dataset(
        _ pixels: [Float] = pixels, labels: [Int] = [0, 1, 0], classes: [String] = ["ant", "bee"],
        name: String = "insects"
    ) throws -> ArrayDataset {
        try ArrayDataset(images: pixels, shape: [1, 1, 2], labels: labels, classes: classes, name: name)
    }

    private func fingerprint(
        of training: any Dataset, validation: (any Dataset)? = nil, _ preprocessing: Preprocessing = .identity
    ) -> DataFingerprint {
        DataFingerprint(
            classes: training.classes, preprocessing: preprocessing, training: training, validation: validation)
    }

    @Test func equalDataIsEqual() throws {
        let recorded = fingerprint(of: try dataset(), validation: try dataset())
        #expect(fingerprint(of: try dataset(), validation: try dataset()).difference(from: recorded) == nil)
    }

    @Test func everyDifferenceIsNamed() throws {
        let recorded = fingerprint(of: try dataset())
        func expect(_ other: DataFingerprint, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation) {
            #expect(other.difference(from: recorded) == sentence, sourceLocation: sourceLocation)
        }
        let others = "its classes are others: "
        expect(fingerprint(of: try dataset(classes: ["bee", "ant"])), others + "'ant' stands where this run has 'bee'")
        expect(
            fingerprint(of: try dataset(classes: ["ant", "bee", "wasp"])), "it has 2 classes, this run has 3")
        expect(
            fingerprint(of: try dataset([0, 0.25], labels: [0])), "it has 3 training images, this run has 1")
        expect(
            fingerprint(of: try dataset(name: "beetles")),
            "its training images have other names, or come in another order")
        expect(
            fingerprint(of: DatasetSubset(of: try dataset(), indices: [2, 1, 0], name: "insects")),
            "its training images have other names, or come in another order")
        expect(fingerprint(of: try dataset(labels: [0, 1, 1])), "its training images have other labels")
        for position in Self.pixels.indices {
            var pixels = Self.pixels
            pixels[position].negate()
            expect(
                fingerprint(of: try dataset(pixels)),
                "its training images have the same names as those of this run, but show something else")
        }
        let exchanged = Array(Self.pixels[2...3] + Self.pixels[0...1] + Self.pixels[4...5])
        expect(
            fingerprint(of: try dataset(exchanged)),
            "its training images have the same names as those of this run, but show something else")
        expect(
            fingerprint(of: try dataset(), validation: try dataset()),
            "it has no validation images, this run has some")
        expect(
            fingerprint(of: try dataset(), Preprocessing(mean: [0.5], standardDeviation: [1])),
            "its images are brought to the network in another way (size, mean or standard deviation)")
    }

    @Test func validationCountsToo() throws {
        let recorded = fingerprint(of: try dataset(), validation: try dataset())
        #expect(
            fingerprint(of: try dataset(), validation: try dataset(labels: [1, 1, 1])).difference(from: recorded)
                == "its validation images have other labels")
        #expect(
            fingerprint(of: try dataset()).difference(from: recorded)
                == "it has validation images, this run has none")
    }

    /// Names that Unicode takes for equal are two.
    @Test func namesAreBytes() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let recorded = fingerprint(of: try dataset(classes: [composed, "tea"]))
        #expect(
            fingerprint(of: try dataset(classes: [decomposed, "tea"])).difference(from: recorded)?
                .hasPrefix("its classes are others") == true)
        #expect(
            fingerprint(of: try dataset(classes: [composed, "tea"], name: decomposed)).training
                != fingerprint(of: try dataset(classes: [composed, "tea"], name: composed)).training)
    }

    @Test func softTargetsAreLabels() throws {
        func soft(_ targets: [Float]) throws -> ArrayDataset {
            try ArrayDataset(
                images: [0, 1], shape: [1, 1, 1], softTargets: targets, classes: ["a", "b"], name: "soft")
        }
        let recorded = fingerprint(of: try soft([0.9, 0.1, 0.2, 0.8]))
        #expect(
            fingerprint(of: try soft([0.8, 0.2, 0.2, 0.8])).difference(from: recorded)
                == "its training images have other labels")
    }

    /// A dataset that knows nothing of its contents is compared by names and labels.
    @Test func unknownContentsAreNotCompared() throws {
        struct Blank: Dataset {
            let name = "insects"
            let count = 3
            let imageShape: Shape? = [1, 1, 2]
            let classes = ["ant", "bee"]
            func target(at index: Int) -> Target { .label(index % 2) }
            func item(at index: Int) -> DatasetItem { .array([0, 0]) }
        }
        let blank = fingerprint(of: Blank())
        #expect(blank.training.contents == nil)
        #expect(blank.difference(from: fingerprint(of: try dataset())) == nil)
        #expect(fingerprint(of: try dataset()).difference(from: blank) == nil)
    }
}
