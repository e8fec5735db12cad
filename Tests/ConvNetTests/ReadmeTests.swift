import Foundation
import Testing

/// The program in the README is one that is built with the package.
@Suite struct ReadmeTests {
    @Test func firstProgramIsTheSnippet() throws {
        let package = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL
        let readme = try String(contentsOf: package.appending(path: "README.md"), encoding: .utf8)
        let snippet = try String(contentsOf: package.appending(path: "Snippets/FirstNetwork.swift"), encoding: .utf8)
        #expect(readme.contains("```swift\n\(snippet)```\n"))
    }
}
