import Foundation
import Testing

/// Modules import one another in one direction only, and only those that they are meant to know.
@Suite struct ImportTests {
    /// Each of the package's modules, and those of the package that its files may import. What a module may import stands
    /// above it, so that there is no circle.
    private static let modules: [(name: String, imports: Set<String>)] = [
        ("ConvNetPages", []),
        ("ConvNetGraph", ["CFiles", "CZlib", "ConvNetPages"]),
        ("ConvNetEngine", ["ConvNetGraph", "ConvNetPages"]),
        ("ConvNetTraining", ["CPixels", "ConvNetEngine", "ConvNetGraph", "ConvNetPages"]),
        ("ConvNetZoo", ["ConvNetGraph"]),
        ("ConvNetFormats", ["ConvNetGraph", "ConvNetPages"]),
        (
            "ConvNetVision",
            [
                "CHEIF", "CJPEG", "CPNG", "CWebP", "CZlib", "ConvNetEngine", "ConvNetGraph", "ConvNetPages",
                "ConvNetTraining",
            ]
        ),
        ("OneDNNEngine", ["CKernels", "COneDNN", "ConvNetEngine", "ConvNetGraph"]),
        ("ConvNetTesting", ["ConvNetEngine", "ConvNetGraph"]),
        (
            "ConvNet",
            [
                "ConvNetEngine", "ConvNetFormats", "ConvNetGraph", "ConvNetPages", "ConvNetTraining", "ConvNetVision",
                "ConvNetZoo", "OneDNNEngine",
            ]
        ),
        (
            "ConvNetRuns",
            [
                "ConvNet", "ConvNetEngine", "ConvNetFormats", "ConvNetGraph", "ConvNetPages", "ConvNetTraining",
                "ConvNetVision", "ConvNetZoo",
            ]
        ),
        ("ConvNetRunIndex", ["ConvNetGraph", "ConvNetPages", "ConvNetRuns"]),
        (
            "ConvNetCommand",
            [
                "ConvNet", "ConvNetGraph", "ConvNetPages", "ConvNetRunIndex", "ConvNetRuns", "ConvNetTraining",
                "ConvNetVision",
            ]
        ),
    ]

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    private static func swiftFiles(in folder: URL) throws -> [URL] {
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    /// The modules that a file imports, whatever stands before the word: `@_exported import class Module.Name` is `Module`.
    private static func imports(of file: URL) throws -> [String] {
        let importLine =
            /^(?:@\S+ |public |package |internal |private )*import (?:struct |class |enum |protocol |typealias |func |let |var |actor )?(\w+)/
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .compactMap { try? importLine.firstMatch(in: $0)?.1 }.map(String.init)
    }

    @Test func everyModuleIsListed() throws {
        let folders = try FileManager.default.contentsOfDirectory(at: Self.sources, includingPropertiesForKeys: nil)
        let found = try folders.filter { try !Self.swiftFiles(in: $0).isEmpty }.map(\.lastPathComponent)
        #expect(Set(found) == Set(Self.modules.map(\.name)))
    }

    @Test func noModuleMayImportWhatMayImportIt() {
        let swiftModules = Set(Self.modules.map(\.name))
        for (index, module) in Self.modules.enumerated() {
            #expect(module.imports.intersection(swiftModules).isSubset(of: Self.modules[..<index].map(\.name)))
        }
    }

    @Test(arguments: modules.map(\.name))
    func importsOnlyWhatItMay(module: String) throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
        let allowed = try #require(Self.modules.first { $0.name == module }).imports
        var used: Set<String> = []
        for file in try Self.swiftFiles(in: Self.sources.appending(path: module)) {
            let own = try Self.imports(of: file).filter(folders.contains)
            #expect(Set(own).isSubset(of: allowed), "\(file.lastPathComponent)")
            used.formUnion(own)
        }
        #expect(used == allowed, "what nothing imports is not to be listed")
    }

    /// A type that the article lists, and that `import ConvNet` does not bring, would be found by the first user.
    @Test(arguments: [
        "ConvNetFormats", "ConvNetGraph", "ConvNetEngine", "ConvNetTraining", "ConvNetVision", "ConvNetZoo",
    ])
    func whatIsPublicIsExported(module: String) throws {
        let exports = try String(contentsOf: Self.sources.appending(path: "ConvNet/Exports.swift"), encoding: .utf8)
        let declaration =
            /^public (?:final |indirect )?(?:struct|class|enum|protocol|actor|typealias|func|let|var) (\w+)/
        for file in try Self.swiftFiles(in: Self.sources.appending(path: module)) {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                guard let name = try declaration.firstMatch(in: line)?.1 else { continue }
                #expect(exports.contains(" \(module).\(name)\n"), "\(file.lastPathComponent)")
            }
        }
    }
}
