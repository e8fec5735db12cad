import ConvNetEngine
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct ImageGroupsTests {
    private static let names = (0..<40).map { "\($0 % 2 == 0 ? "a" : "b")/patient\($0 / 4)_\($0).png" }

    private func prepare(
        _ names: [String], _ grouping: String, _ change: (inout DataPreparation) -> Void = { _ in }
    ) throws -> PreparedData {
        var preparation = DataPreparation()
        (preparation.grouping, preparation.validationFraction) = (grouping, 0.2)
        change(&preparation)
        let folder = try PictureFolder(names)
        return try preparation.prepare(folder.open(), networkInput: [3, 8, 8])
    }

    @Test func groupsAreCounted() throws {
        let groups = try #require(try prepare(Self.names, "patient([0-9]+)_").groups)
        #expect((groups.imageCount, groups.groupCount, groups.unmatchedCount) == (40, 10, 0))
        #expect("\(groups)" == "40 images in 10 groups; 0 match nothing")
        let mixed = try #require(try prepare(Self.names + ["a/x.png"], "patient([0-9]+)_|patient(none)").groups)
        #expect("\(mixed)" == "41 images in 10 groups; 1 matches nothing")
        #expect(try prepare(Self.names, "patient[02468]").groups?.unmatchedCount == 20)
    }

    @Test(arguments: [
        (
            "Patient([0-9]+)",
            "the grouping 'Patient([0-9]+)' matches no image's name, such as 'a/patient0_0.png'; upper and lower case count"
        ),
        (
            "patient(x)?",
            "the grouping 'patient(x)?' matches no image's name, such as 'a/patient0_0.png'; upper and lower case count"
        ),
        (
            "",
            "the grouping '' matches the same text, '', in the names of all images, so that they cannot be divided; put what tells them apart into (…)"
        ),
        (
            "[0-9]*",
            "the grouping '[0-9]*' matches the same text, '', in the names of all images, so that they cannot be divided; put what tells them apart into (…)"
        ),
        (
            "patient",
            "the grouping 'patient' matches the same text, 'patient', in the names of all images, so that they cannot be divided; put what tells them apart into (…)"
        ),
        (
            "^[ab]",
            "no group can be kept for validation without all images of a class, or more than its share (40 images in 2 groups; 0 match nothing); group by something else, or make the share larger"
        ),
    ])
    func groupingsThatDoNothingAreRefused(grouping: String, sentence: String) throws {
        #expect(throws: SettingError(sentence)) { try prepare(Self.names, grouping) }
    }

    @Test func whatIsNotDividedIsNotGrouped() throws {
        let parts = ["train/a/p1.png", "train/a/p2.png", "val/a/p3.png"]
        for data in [try prepare(parts, "x"), try prepare(Self.names, "x") { $0.validationFraction = 0 }] {
            #expect(data.groups == nil && data.split == nil)
            #expect(data.notices.map(\.headline) == ["nothing is divided, so that grouping by 'x' does nothing"])
        }
        // A test part may be drawn of it all the same.
        #expect(try prepare(parts, "p(.)") { $0.testFraction = 0.5 }.groups?.groupCount == 2)
        #expect(
            try prepare(Self.names, "patient(.)") { ($0.validationFraction, $0.testFraction) = (0, 0.2) }.test?.count
                == 8)
    }
}

@Suite struct UnusablePartTests {
    /// Known before the first epoch, not after the last.
    @Test func aPartWithoutAUsablePictureIsNone() throws {
        let folder = try PictureFolder((0..<10).map { "train/a/\($0).png" } + (0..<10).map { "train/b/\($0).png" })
        for part in ["val", "test"] {
            for name in ["a", "b"] { try folder.write(Data("<html>".utf8), to: "\(part)/\(name)/0.png") }
        }
        let images = try folder.open()
        #expect(images.test?.count == 2)
        var preparation = DataPreparation()
        (preparation.skipsBadImages, preparation.validationFraction) = (true, 0.2)
        let data = try preparation.prepare(images, networkInput: [3, 8, 8])
        // As without the parts: some of the training images validate.
        #expect(data.test == nil && data.validation?.count == 4 && data.training.count == 16)
        #expect(data.split?.validation.count == 4 && data.skipped.count == 4)
        #expect(
            data.notices.map(\.headline) == [
                "none of the 2 pictures of the validation part can be used",
                "none of the 2 pictures of the test part can be used",
            ])
        // And by groups, where there are any.
        preparation.grouping = "/([0-4])"
        let grouped = try preparation.prepare(images, networkInput: [3, 8, 8])
        #expect(grouped.groups?.groupCount == 5 && grouped.notices.count == 2)
        preparation.grouping = nil
        preparation.split = data.split
        #expect(try preparation.prepare(images, networkInput: [3, 8, 8]).validation?.count == 4)
    }
}
