import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct ClassOrderTests {
    private static let folders = (0..<12).map(String.init).sortedByBytes()

    @Test func labelsFollowTheModelsClasses() throws {
        let folder = try PictureFolder((0..<12).map { "\($0)/x.png" })
        try folder.write(
            Data(("path,label\n" + (0..<12).map { "\($0)/x.png,\($0)\n" }.joined()).utf8), to: "t.csv")
        let table = try DatasetCatalog.open(folder.url.appending(path: "t.csv").path)
        #expect(table.train.classes == (0..<12).map(String.init) && table.train.classes != Self.folders)
        for part in [[String]?.none, Self.folders, (0..<12).map(String.init)] {
            let data = try EvaluationData(
                table, input: [3, 6, 5], preprocessing: Preprocessing(fitting: ImageFitting(size: Size(6, 5))),
                classes: part)
            let expected = part ?? table.train.classes
            #expect(data.dataset.classes == expected)
            for index in 0..<12 {
                let name = data.dataset.imageName(at: index).prefix { $0 != "/" }
                for label in [data.dataset.label(at: index), data.tenCrops.label(at: 10 * index)] {
                    #expect(expected[label] == name)
                }
            }
            let pixels = try data.dataset.values(at: 3)
            #expect(pixels[1] == Float(PictureFolder.picture(3).pixels[3]) / 255)
        }
    }

    @Test func onlyTheSameNamesAreOrdered() throws {
        #expect(ClassOrder(["b", "a"], in: ["a", "b"])?.target(.label(0)) == .label(1))
        #expect(ClassOrder(["cafe\u{301}", "a"], in: ["a", "caf\u{E9}"])?.target(.label(0)) == .label(1))
        #expect(ClassOrder(["a", "c"], in: ["a", "b"]) == nil && ClassOrder(["a"], in: ["a", "b"]) == nil)
        #expect(ClassOrder(["a", "a"], in: ["a", "b"]) == nil && ClassOrder(["a", "b"], in: ["a", "a"]) == nil)
    }
}
