import Foundation
import Testing

/// What the README and the articles show as Swift is what is built with the package: a file in Snippets, or the part of
/// one between `// snippet.NAME` and `// snippet.end`.
@Suite struct DocumentationTests {
    private static let package = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

    /// Paths of the README and of all articles, relative to the package.
    static let pages = ["README.md"] + files(in: "Sources", withSuffix: ".md")
    static let snippets = files(in: "Snippets", withSuffix: ".swift")

    @Test func findsAllThereIs() {
        #expect(Self.pages.contains("Sources/ConvNet/ConvNet.docc/Articles/LayerLanguage.md"))
        #expect(Self.snippets.contains("Snippets/FirstNetwork.swift"))
    }

    @Test(arguments: pages)
    func swiftIsThatOfASnippet(_ page: String) throws {
        let known = try Set(Self.snippets.flatMap { Self.parts(of: try Self.text($0)).values })
        for block in Self.swiftBlocks(of: try Self.text(page)) where !Self.isDependency(block) {
            let isKnown = known.contains(block)
            #expect(isKnown, "\(page) shows what no snippet has:\n\(block)")
        }
    }

    /// What is not shown anywhere would only be kept up by habit.
    @Test(arguments: snippets)
    func everyPartIsShown(_ snippet: String) throws {
        let shown = try Set(Self.pages.flatMap { Self.swiftBlocks(of: try Self.text($0)) })
        for (name, part) in Self.parts(of: try Self.text(snippet)) {
            let isShown = shown.contains(part)
            #expect(isShown, "no page shows \(snippet) \(name)")
        }
    }

    /// A line for another package's manifest, which no program can hold.
    private static func isDependency(_ block: String) -> Bool {
        block.hasPrefix(".package(") && block.split(separator: "\n").count == 1
    }

    /// The parts that have a name; the whole, called by an empty one, where none has.
    static func parts(of snippet: String) -> [String: String] {
        var parts: [String: String] = [:]
        var name: Substring?
        for line in snippet.split(separator: "\n", omittingEmptySubsequences: false) {
            if let marker = line.firstMatch(of: /^\s*\/\/ snippet\.(\w+)$/) {
                name = marker.1 == "end" ? nil : marker.1
                if let name { parts[String(name)] = "" }
            } else if let name {
                parts[String(name)]?.append("\(line)\n")
            }
        }
        return parts.isEmpty ? ["": snippet] : parts
    }

    static func swiftBlocks(of page: String) -> [String] {
        page.matches(of: /(?ms)^```swift\n(.*?)^```$/).map { String($0.1) }
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: package.appending(path: path), encoding: .utf8)
    }

    private static func files(in folder: String, withSuffix suffix: String) -> [String] {
        let paths = FileManager.default.subpaths(atPath: package.appending(path: folder).path) ?? []
        return paths.filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }.sorted()
    }
}
