import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// Names come from files of strangers: none moves the cursor, colours, reorders or makes a line of its own.
@Suite struct ControlCharacterTests {
    private static let names = [
        "\u{1B}]0;owned\u{7}", "red\u{1B}[31m", "two\nlines", "carriage\rreturn", "\u{9B}2J", "\u{202E}gpj.exe",
        "tab\tstop",
        "line\u{2028}separator", "delete\u{7F}",
    ]

    private func expectPlain(_ outcome: Workplace.Outcome, sourceLocation: SourceLocation = #_sourceLocation) {
        for text in [outcome.output, outcome.errors] {
            let raw = text.unicodeScalars.filter {
                $0 != "\n"
                    && [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
            }
            #expect(raw.isEmpty, "\(text.debugDescription)", sourceLocation: sourceLocation)
        }
    }

    private func picture(_ seed: UInt8) throws -> Data {
        try PNG.encode(
            Image(channels: 1, height: 12, width: 12, pixels: (0..<144).map { UInt8($0) ^ (seed &* 40) }))
    }

    @Test func classesOfAModel() async throws {
        let place = try await Workplace.withModel()
        let file = place.file(Workplace.model)
        for name in Self.names {
            var model = try ModelFile(contentsOf: file)
            model.classes = [name, "b", "c", "d"]
            try model.write(to: file)
            let predict = try await place.run("predict", "run", "--dataset", "data", "--index", "0")
            #expect(predict.ending == .exit(0))
            expectPlain(predict)
            #expect(predict.output.split(separator: "\n").count == 5)
            let document = try await place.run("predict", "run", "--dataset", "data", "--index", "0", "--json")
            expectPlain(document)
            let results = try #require(document.json() as? [[String: Any]])
            let predictions = try #require(results[0]["predictions"] as? [[String: Any]])
            #expect(predictions.contains { ($0["label"] as? String).map { Array($0.utf8) } == Array(name.utf8) })
            // The dataset has other classes, which is one line.
            let evaluate = try await place.run("evaluate", "run", "--dataset", "data")
            expectPlain(evaluate)
            #expect(evaluate.errors.split(separator: "\n").count == 1)
        }
    }

    @Test func namesOfPicturesClassesAndFolders() async throws {
        let place = try Workplace()
        for (number, name) in Self.names.enumerated() {
            for index in 0..<4 {
                try place.write(picture(UInt8(number + index)), to: "\(name)/\(name)/\(name)\(index).png")
            }
            for index in 0..<4 { try place.write(picture(UInt8(number * index)), to: "\(name)/other/\(index).png") }
            let train = try await place.run(
                "train", "./\(name)", "--model", "lenet5", "--epochs", "1", "--threads", "1", "--out", "run\(number)")
            #expect(train.ending == .exit(0))
            expectPlain(train)
            expectPlain(try await place.run("evaluate", "run\(number)", "--dataset", "./\(name)"))
            expectPlain(try await place.run("predict", "run\(number)", name))
            expectPlain(try await place.run("datasets", "./\(name)"))
            let preview = try await place.run("datasets", "preview", "./\(name)", "--out", "\(name).png")
            #expect(preview.ending == .exit(0))
            expectPlain(preview)

            try place.write("broken", to: "\(name)/\(name)/\(name).png")
            expectPlain(try await place.run("datasets", "check", "./\(name)"))
            expectPlain(try await place.run("datasets", "check", "./\(name)", "--json"))
            let failure = try await place.run("predict", "run\(number)", "\(name)/\(name)/\(name).png")
            #expect(failure.ending == .exit(1) && failure.errors.split(separator: "\n").count == 1)
            expectPlain(failure)
            expectPlain(try await place.run("evaluate", "run\(number)", "--dataset", "./\(name)"))
            expectPlain(try await place.run("train", "./\(name)", "--model", "lenet5"))
        }
    }

    @Test func argumentsAndSettings() async throws {
        let place = try Workplace()
        for name in Self.names {
            for arguments in [
                [name], ["summary", name], ["summary", "lenet5", "--\(name)"], ["train", name],
                ["train", "--model", name],
                ["evaluate", name, "--dataset", name], ["predict", name, name], ["compare", name, "lenet5"],
                ["train", "data", "--loss", name], ["datasets", name], ["benchmark", "lenet5", "--engine", name],
                ["benchmark", "lenet5", "--mode", name], ["compare", "lenet5", "--html", "none/\(name)"],
            ] {
                let outcome = try await place.run(arguments)
                #expect(outcome.ending == .exit(1) || outcome.ending == .exit(64), "\(arguments)")
                let isUsage = outcome.ending == .exit(64)
                #expect(outcome.errors.split(separator: "\n").count == (isUsage ? 2 : 1), "\(outcome.errors)")
                expectPlain(outcome)
            }
            let escaped = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
            for setting in ["\(escaped): 1", "dataset: data\nmodel: \(escaped)", "dataset: \(escaped)\nmodel: lenet5"] {
                try place.write(setting, to: "c.yaml")
                let outcome = try await place.run("train", "c.yaml")
                #expect(outcome.ending != .exit(0))
                expectPlain(outcome)
            }
        }
    }

    @Test func textsInAModelFile() async throws {
        let place = try await Workplace.withModel()
        let file = try place.data(Workplace.model)
        let header = file[8..<8 + Int(file[0]) + Int(file[1]) << 8]
        for key in [#"convnet.version":"1"#, #"mode\":\"#, #"padding\":\"#, #"kind\":\""#, #"convnet.producer":""#] {
            let text = String(decoding: header, as: UTF8.self)
            guard let place1 = text.range(of: key) else { continue }
            let tampered = text.replacingCharacters(in: place1, with: key + #"\u001b[31m\u0007"#)
            var length = UInt64(tampered.utf8.count).littleEndian
            let data = withUnsafeBytes(of: &length) { Data($0) } + Data(tampered.utf8) + file[header.endIndex...]
            try place.write(data, to: "m.safetensors")
            for arguments in [
                ["summary", "m.safetensors"], ["verify", "m.safetensors"], ["compare", "m.safetensors"],
            ] {
                expectPlain(try await place.run(arguments))
            }
        }
    }

    @Test func namesOfWideLettersAndOfSeveralCodeUnitsAreWhole() async throws {
        let place = try await Workplace.withModel()
        let file = place.file(Workplace.model)
        let names = ["👩\u{200D}👩\u{200D}👧\u{200D}👦", "고양이", "Übung".decomposedStringWithCanonicalMapping, "cat"]
        var model = try ModelFile(contentsOf: file)
        model.classes = names
        try model.write(to: file)
        let lines = try await place.run("predict", "run", "--dataset", "data", "--index", "0").output
            .split(separator: "\n").dropFirst()
        #expect(lines.count == 4)
        for (name, width) in zip(names, [2, 6, 5, 3]) {
            // Six columns, two blanks, and six for the number.
            let padding = String(repeating: " ", count: 6 - width)
            let line = lines.first { Array($0.utf8).starts(with: Array("  \(name)\(padding)  ".utf8)) }
            #expect(line?.hasSuffix(" %") == true, "\(lines)")
        }
    }
}
