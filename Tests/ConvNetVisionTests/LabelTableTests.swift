import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// Tables of pictures that have any number of classes.
@Suite struct LabelTableTests {
    private func open(_ tables: [String: String]) throws -> DatasetParts {
        let folder = try PictureFolder([])
        for (path, text) in tables { try folder.write(Data(text.utf8), to: path) }
        return try folder.open()
    }

    private func problem(_ tables: [String: String]) -> String {
        do {
            _ = try open(tables)
            return "none"
        } catch let error as DatasetError {
            if case .badTable(_, let line, let problem) = error { return "\(line): \(problem)" }
            return "\(error)"
        } catch {
            return "\(error)"
        }
    }

    private func targets(_ dataset: any Dataset) -> [Target] { (0..<dataset.count).map(dataset.target) }

    @Test(arguments: ["path", "file", "filename", "image"])
    func aColumnOfLists(column: String) throws {
        let train = try open(["labels.csv": "\(column),labels\na.png, cat ;outdoor\nb.png,\nc.png,outdoor;dog;dog\n"])
            .train
        #expect(train.targetKind == .labels && train.classes == ["cat", "dog", "outdoor"])
        #expect(targets(train) == [.labels([0, 2]), .labels([]), .labels([1, 2])])
        #expect((0..<3).map(train.imageName) == ["a.png", "b.png", "c.png"])
    }

    @Test func aColumnForEachClass() throws {
        let images = try open([
            "labels.csv": "file,outdoor,cat,part\na.png,1,0,train\nb.png,0,0,train\nc.png,1,1,test\n"
        ])
        #expect(images.train.classes == ["outdoor", "cat"] && images.train.targetKind == .labels)
        #expect(targets(images.train) == [.labels([0]), .labels([])])
        #expect(images.test.map(targets) == [.labels([0, 1])])
    }

    /// What `label` holds is a name, whatever it is made of.
    @Test func oneLabelStaysOne() throws {
        let train = try open(["labels.csv": "path,label\na.png,cat;outdoor\nb.png,cat\n"]).train
        #expect(train.targetKind == .label && train.classes == ["cat", "cat;outdoor"])
    }

    @Test func tablesInTheParts() throws {
        let images = try open([
            "train/labels.csv": "path,labels\na.png,cat;dog\nb.png,\n", "test/labels.csv": "path,labels\na.png,dog\n",
        ])
        #expect(images.train.name.hasSuffix(" (train)") && images.train.imageName(at: 0) == "train/a.png")
        #expect(images.test?.classes == ["cat", "dog"] && images.test.map(targets) == [.labels([1])])
        let one = try open(["train/labels.csv": "path,label\na.png,x\n", "val/labels.csv": "path,label\nb.png,x\n"])
        #expect(one.validation?.targetKind == .label && one.validation?.count == 1)
        // Columns may come in another order.
        let columns = try open([
            "train/labels.csv": "file,cat,dog\na.png,1,0\n", "test/labels.csv": "file,dog,cat\nb.png,1,0\n",
        ])
        #expect(columns.test.map(targets) == [.labels([1])])
    }

    @Test(arguments: [
        ("path,label,labels\na.png,x,y\n", "1: there are a column 'label'"),
        ("path,file,label\na.png,b.png,x\n", "1: the columns 'path' and 'file' may both name the pictures"),
        ("name,label\na.png,x\n", "1: there must be a column 'path' that names the pictures"),
        ("path\na.png\n", "1: there must be a column 'label' with the class of each picture, 'labels' with"),
        ("path,labels,index\na.png,x,0\n", "1: a column 'index' tells the position of a picture's one class"),
        ("path,labels\na.png,\n", "1: no picture has a class"),
        (
            "path,cat,dog\na.png,1,0\nb.png,1,yes\n",
            "3: the column 'dog' is a class, since there is no 'label' and no 'labels': it "
                + "has 0 or 1 in each row, not 'yes'"
        ),
        ("path,cat,dog\na.png,1,0.5\n", "2: the column 'dog' is a class"),
        ("path,cat,\na.png,1,0\n", "1: a column has no name"),
        ("path,labels\na.png,x;y\na.png,x\n", "3: 'a.png' has the labels 'x' here and 'x;y' in line 2"),
        ("path,labels\na.png,caf\u{e9}\nb.png,cafe\u{301}\n", "3: the label "),
    ])
    func mistakesAreNamed(table: String, sentence: String) {
        #expect(problem(["labels.csv": table]).hasPrefix(sentence), "\(problem(["labels.csv": table]))")
    }

    @Test(arguments: [
        (
            ["train/labels.csv": "path,labels\na.png,x\n", "test/labels.csv": "path,labels\na.png,y\n"],
            "2: the class 'y' is none of those"
        ),
        (
            ["train/labels.csv": "path,labels\na.png,x\n", "test/labels.csv": "path,label\na.png,x\n"],
            "1: its pictures have one class"
        ),
        (
            ["train/labels.csv": "path,x\na.png,1\n", "test/labels.csv": "path,x,y\na.png,1,0\n"],
            "1: its columns of classes are not"
        ),
        (["train/labels.csv": "path,labels\na.png,x\n", "test/x/a.png": ""], "'"),
        (
            ["train/labels.csv": "path,labels,part\na.png,x,test\n"],
            "2: the part is test here, in the directory for train"
        ),
        (
            ["train/labels.csv": "path,labels\n../b.png,x\n", "test/labels.csv": "path,labels\n../b.png,x\n"],
            "2: '../b.png' is in the part train, too: line 2"
        ),
    ])
    func partsHaveToAgree(tables: [String: String], sentence: String) {
        let problem = problem(tables)
        #expect(problem.hasPrefix(sentence) && problem != "none", "\(problem)")
    }

    @Test func repeatedRowsCountOnce() throws {
        let images = try open(["labels.csv": "path,labels\na.png,x;y\n./a.png,y;x\n"])
        #expect(images.train.count == 1)
        #expect(images.notices.first?.advice.contains("--balance weights") == true)
    }

    // MARK: What is done with them

    private func pictures(_ sets: [[String]]) throws -> (folder: PictureFolder, parts: DatasetParts) {
        let folder = try PictureFolder([])
        var table = "path,labels\n"
        for (index, names) in sets.enumerated() {
            let image = Image(
                channels: 1, height: 8, width: 8, pixels: (0..<64).map { UInt8(($0 * 37 + index * 91) % 251) })
            try folder.write(PNG.encode(image), to: "\(index).png")
            table += "\(index).png,\(names.joined(separator: ";"))\n"
        }
        try folder.write(Data(table.utf8), to: "labels.csv")
        return (folder, try folder.open())
    }

    @Test func targetsGoAllTheWay() throws {
        let sets = (0..<20).map { $0 % 4 == 0 ? [] : $0 % 4 == 1 ? ["b"] : ["a", "b"] }
        let (folder, parts) = try pictures(sets)
        defer { withExtendedLifetime(folder) {} }
        var preparation = DataPreparation()
        preparation.validationFraction = 0.2
        let data = try preparation.prepare(parts, networkInput: [1, 8, 8])
        #expect(data.training.targetKind == .labels && data.validation?.targetKind == .labels)
        #expect(data.training.count + (data.validation?.count ?? 0) == 20)
        // Each class's share of 4.
        #expect(data.validation.map { ($0.count, $0.classCounts) }! == (4, [2, 3]))
        let evaluation = try EvaluationData(
            parts, input: [1, 8, 8], preprocessing: data.preprocessing, classes: ["b", "a"], threads: 1
        ) { _, _ in }
        #expect(evaluation.dataset.classes == ["b", "a"] && evaluation.dataset.targetKind == .labels)
        #expect(
            evaluation.dataset.target(at: 1) == .labels([0]) && evaluation.dataset.target(at: 2) == .labels([0, 1]))
        #expect(evaluation.tenCrops.target(at: 25) == .labels([0, 1]) && evaluation.tenCrops.targetKind == .labels)
    }

    @Test func anExportIsTheSameDataset() throws {
        let (folder, parts) = try pictures([["b", "a"], [], ["c"]])
        let directory = folder.url.appending(path: "export")
        try DatasetExport.write(parts, to: directory)
        let again = try DatasetCatalog.open(directory.path)
        #expect(again.train.classes == parts.train.classes && targets(again.train) == targets(parts.train))
        #expect(
            try again.train.picture(at: 2).decode(Decoding(channels: 1))
                == parts.train.picture(at: 2).decode(Decoding(channels: 1)))
        let (other, bad) = try pictures([["Label"]])
        #expect(throws: DatasetError.badClassName("Label")) {
            try DatasetExport.write(bad, to: other.url.appending(path: "export"))
        }
    }

    @Test func checksCountEachClass() throws {
        let (folder, parts) = try pictures([["b", "a"], [], ["a"], ["b"]])
        let check = try DatasetCheck(parts, threads: 1)
        #expect(check.parts[0].classCounts == [2, 2] && check.parts[0].readable == 4)
        #expect(check.parts[0].withoutClass == 1 && check.parts[0].classesPerPicture == 1)
        #expect(!check.findings.contains { $0.kind == .conflictingLabels })
        // The same picture with other classes.
        try folder.write(Data(contentsOf: folder.url.appending(path: "0.png")), to: "copy.png")
        let table = try String(contentsOf: folder.url.appending(path: "labels.csv"), encoding: .utf8) + "copy.png,a\n"
        try folder.write(Data(table.utf8), to: "labels.csv")
        let conflict = try DatasetCheck(folder.open(), threads: 1).findings.first { $0.kind == .conflictingLabels }
        #expect(conflict?.examples.first?.pictures.map(\.label) == ["a, b", "a"])
    }
}
