import ConvNetGraph
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct ImageTableTests {
    private func open(_ table: String) throws -> DatasetParts {
        let folder = try PictureFolder([])
        try folder.write(Data(table.utf8), to: "labels.csv")
        return try folder.open()
    }

    @Test func orderAndNamesAreTheTables() throws {
        let images = try open(
            "\u{FEFF}path,label,index,part\r\nz.png,\"T-shirt, top\",1,train\r\n\"a \"\"b\"\".png\",Bag,0,train\r\nq.png,Bag,0,test\r\n"
        )
        #expect(images.train.classes == ["Bag", "T-shirt, top"])
        #expect(images.train.listing == ["z.png T-shirt, top", "a \"b\".png Bag"])
        #expect(images.test?.listing == ["q.png Bag"])
    }

    @Test func withoutIndicesClassesAreSorted() throws {
        #expect(try open("label,path\n10,a.png\n9,b.png\n").train.classes == ["9", "10"])
        #expect(try open("label,path\nb,a.png\na,b.png\n").train.classes == ["a", "b"])
    }

    @Test(arguments: [
        ("", 1), ("path\nx.png\n", 1), ("path,label\nx.png\n", 2), ("path,label\n\"x.png,a\n", 2),
        ("path,label\nx\"y.png,a\n", 2), ("path,label\n\"x\"y,a\n", 2), ("path,label,part\nx.png,a,trian\n", 2),
        ("path,label,index\nx.png,a,-1\n", 2), ("path,label,index\nx.png,a,0\ny.png,b,0\n", 3),
        ("path,label,index\nx.png,a,0\ny.png,b,7\n", 1), ("path,label,index\nx.png,a,0\ny.png,a,1\n", 1),
    ])
    func mistakesAreFound(table: String, line: Int) {
        do {
            _ = try open(table)
            Issue.record("no error")
        } catch DatasetError.badTable(_, let found, _) {
            #expect(found == line)
        } catch {
            Issue.record("\(error)")
        }
    }

    // MARK: Order

    /// The same in every process: a set's order is not.
    @Test func equalNumbersAreInTheOrderOfTheirBytes() throws {
        #expect(
            try open("label,path\n1,a\n+1,b\n01,c\n0,d\n-0,e\n001,f\n").train.classes == [
                "-0", "0", "+1", "001", "01", "1",
            ])
        #expect(
            try open("label,path\n9,a\n99999999999999999999,b\n10,c\n").train.classes == [
                "10", "9", "99999999999999999999",
            ])
        #expect(try open("label,path\n\u{1F408},a\n\u{E9},b\nz,c\n").train.classes == ["z", "\u{E9}", "\u{1F408}"])
    }

    // MARK: Repeated rows

    @Test func rowsThatRepeatOthersCountOnce() throws {
        let images = try open(
            "path,label,part\na.png,x,train\nb.png,y,train\n./a.png,x,train\nc.png,x,test\nc.png,x,test\n")
        #expect(images.train.listing == ["a.png x", "b.png y"] && images.test?.listing == ["c.png x"])
        #expect(
            images.notices.map(\.headline) == [
                "2 rows repeat others and count once: line 4 names the picture of line 2"
            ])
        #expect(try open("path,label\na.png,x\nA.png,x\n").notices.isEmpty)
    }

    @Test(arguments: NameTests.alike)
    func pathsAreBytes(one: String, other: String) throws {
        let images = try open("path,label\n\(one).png,x\n\(other).png,y\n")
        #expect(
            (0..<2).map { ExactText(images.train.imageName(at: $0)) }
                == ["\(one).png", "\(other).png"].map(ExactText.init))
    }

    /// However a path is written.
    @Test(arguments: [
        "a.png", "./a.png", "./././a.png", "b/../a.png", ".//a.png", "HERE/a.png", "HERE/./b/../a.png",
        "HERE/../NAME/a.png",
        "link/../a.png", "there/a.png/../../a.png",
    ])
    func rowsThatContradictOthersAreRefused(path: String) throws {
        let folder = try PictureFolder(["a.png", "b/c.png"])
        // Behind the link, `..` is where it leads to.
        try FileManager.default.createSymbolicLink(
            atPath: folder.url.appending(path: "link").path, withDestinationPath: "b")
        let path = path.replacing("HERE", with: folder.url.path).replacing("NAME", with: folder.url.lastPathComponent)
        for (row, problem) in [
            ("y,train", "has the label 'y' here and 'x' in line 2"),
            ("x,test", "is in the part test here and in train in line 2"),
        ] {
            let table = "path,label,part\na.png,x,train\nb.png,y,train\n\(path),\(row)\n"
            try folder.write(Data(table.utf8), to: "labels.csv")
            #expect(
                throws: DatasetError.badTable(
                    file: folder.url.appending(path: "labels.csv").path, line: 4, problem: "'\(path)' \(problem)")
            ) { try folder.open() }
        }
    }

    @Test(arguments: NameTests.alike)
    func labelsThatReadAlikeAreRefused(one: String, other: String) throws {
        for table in [
            "path,label\na,\(one)\nb,tea\nc,\(other)\n", "path,label,index\na,\(one),0\nb,tea,1\nc,\(other),0\n",
            "path,label,part\na,\(one),train\nb,tea,train\nc,\(other),test\n",
        ] {
            let error = try #require(throws: DatasetError.self) { try open(table) }
            let (one, other) = (ExactText(one).escaped, ExactText(other).escaped)
            #expect(
                error.description.hasSuffix(
                    ", line 4: the label '\(other)' reads like '\(one)' in line 2, and is written with other characters; write both "
                        + "alike."))
        }
    }

    @Test func aPathHasNoNUL() throws {
        let error = try #require(throws: DatasetError.self) { try open("path,label\na.png\0.txt,x\n") }
        #expect(error.description.hasSuffix(", line 2: a path cannot have a NUL character."))
    }

    // MARK: Without training

    @Test func rowsToMeasureWithAreEnough() throws {
        let folder = try PictureFolder(["1.png", "2.png"])
        try folder.write(Data("path,label,part\n1.png,b,test\n2.png,a,test\n".utf8), to: "labels.csv")
        #expect(throws: DatasetError.self) { try folder.open() }
        let images = try DatasetCatalog.open(folder.url.path, needsTraining: false)
        #expect(images.train.count == 0 && images.test?.listing == ["1.png b", "2.png a"])
        #expect(images.test?.classes == ["a", "b"])
        #expect(
            try DatasetCatalog.open(folder.url.path, parts: [.test], needsTraining: false).measured.images.count == 2)
        try folder.write(Data("path,label,part\n".utf8), to: "labels.csv")
        #expect(throws: DatasetError.self) { try DatasetCatalog.open(folder.url.path, needsTraining: false) }
    }

    /// A combining mark makes another character of the comma before it, and no other byte.
    @Test(arguments: ["a,\u{301}b", "\"\u{301}", "x\n\u{301}", "plain \u{301}", "a\"b,c\r\nd", "\r", ""])
    func fieldsAreReadAsTheyWereWritten(field: String) throws {
        let table = try CSVFile("one,two\n\(CSVFile.quoted(field)),x\n", file: "t.csv")
        #expect(table.rows.map { $0.fields.map(ExactText.init) } == [[field, "x"].map(ExactText.init)])
    }
}
