// swift-tools-version: 6.1
import Foundation
import PackageDescription

#if os(Linux)
let defaultTraits: Set<String> = ["OneDNN", "RunIndex"]
#else
let defaultTraits: Set<String> = ["RunIndex"]
#endif

// Homebrew's headers lie outside the default search path; on Linux a missing pkg-config would only warn.
#if os(macOS)
let pngPkgConfig: String? = "libpng"
let jpegPkgConfig: String? = "libjpeg"
#else
let pngPkgConfig: String? = nil
let jpegPkgConfig: String? = nil
#endif

/// Debian and Ubuntu keep some headers in a directory of the processor's.
#if arch(arm64)
let processorHeaders = "/usr/include/aarch64-linux-gnu"
#else
let processorHeaders = "/usr/include/x86_64-linux-gnu"
#endif
func hasHeader(_ name: String) -> Bool {
    ["/usr/include", processorHeaders, "/opt/homebrew/include", "/usr/local/include"].contains {
        FileManager.default.fileExists(atPath: "\($0)/\(name)")
    }
}

/// WebP files are decoded where libwebp's headers are, HEIC files where libheif's are.
let hasWebP = hasHeader("webp/decode.h")
let hasHEIF = hasHeader("libheif/heif.h")

/// Set where the oneDNN engine is built. SwiftPM compiles every target of a package whatever its conditions, so the
/// sources of COneDNN and OneDNNEngine ask for this themselves.
let oneDNN: SwiftSetting = .define("CONVNET_ONEDNN", .when(traits: ["OneDNN"]))
let cOneDNN: CSetting = .define("CONVNET_ONEDNN", .when(traits: ["OneDNN"]))
/// Set where lists of runs are built, and GRDB with them, which is not compiled otherwise.
let runIndex: SwiftSetting = .define("CONVNET_RUN_INDEX", .when(traits: ["RunIndex"]))

let package = Package(
    name: "swift-convnet",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ConvNet", targets: ["ConvNet"]),
        .library(name: "ConvNetRuns", targets: ["ConvNetRuns"]),
        .library(name: "ConvNetRunIndex", targets: ["ConvNetRunIndex"]),
        .library(name: "ConvNetTesting", targets: ["ConvNetTesting"]),
        .executable(name: "convnet", targets: ["ConvNetCommand"]),
    ],
    traits: [
        .trait(name: "OneDNN", description: "The fast engine for processors, on the oneDNN library (libdnnl)."),
        .trait(
            name: "RunIndex",
            description: "Lists of runs, as 'convnet runs' gives them, from an index in SQLite (libsqlite3-dev)."),
        .default(enabledTraits: defaultTraits),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        .target(name: "ConvNetPages"),
        .target(name: "ConvNetGraph", dependencies: ["CFiles", "ConvNetPages", "CZlib"]),
        .target(name: "ConvNetEngine", dependencies: ["ConvNetGraph", "ConvNetPages"]),
        .target(name: "ConvNetTraining", dependencies: ["CPixels", "ConvNetEngine", "ConvNetGraph", "ConvNetPages"]),
        .target(name: "ConvNetFormats", dependencies: ["ConvNetGraph", "ConvNetPages"]),
        .target(name: "CFiles"),
        .target(name: "ConvNetZoo", dependencies: ["ConvNetGraph"]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CLibPNG", pkgConfig: pngPkgConfig, providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .target(name: "CPNG", dependencies: ["CLibPNG"], linkerSettings: [.linkedLibrary("png")]),
        .systemLibrary(
            name: "CLibJPEG", pkgConfig: jpegPkgConfig, providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
        .target(name: "CJPEG", dependencies: ["CLibJPEG"], linkerSettings: [.linkedLibrary("jpeg")]),
        .target(
            name: "CWebP", cSettings: hasWebP ? [.define("CONVNET_WEBP")] : [],
            linkerSettings: hasWebP ? [.linkedLibrary("webp")] : []),
        .target(
            name: "CHEIF", cSettings: hasHEIF ? [.define("CONVNET_HEIF")] : [],
            linkerSettings: hasHEIF ? [.linkedLibrary("heif")] : []),
        .target(name: "CPixels"),
        .target(
            name: "ConvNetVision",
            dependencies: [
                "CHEIF", "CJPEG", "CPNG", "CWebP", "CZlib", "ConvNetEngine", "ConvNetGraph", "ConvNetPages",
                "ConvNetTraining",
            ]),
        // It loads libdnnl itself.
        .target(
            name: "COneDNN", cSettings: [cOneDNN],
            linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(name: "CKernels"),
        .target(
            name: "OneDNNEngine", dependencies: ["CKernels", "COneDNN", "ConvNetEngine", "ConvNetGraph"],
            swiftSettings: [oneDNN]),
        .target(
            name: "ConvNet",
            dependencies: [
                "ConvNetEngine", "ConvNetFormats", "ConvNetGraph", "ConvNetPages", "ConvNetTraining", "ConvNetVision",
                "ConvNetZoo", "OneDNNEngine",
            ],
            swiftSettings: [oneDNN]),
        .target(
            name: "ConvNetRuns",
            dependencies: [
                "ConvNet", "ConvNetEngine", "ConvNetFormats", "ConvNetGraph", "ConvNetPages", "ConvNetTraining",
                "ConvNetVision",
                "ConvNetZoo", "Yams",
            ]),
        .target(
            name: "ConvNetRunIndex",
            dependencies: [
                "ConvNetGraph", "ConvNetPages", "ConvNetRuns",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["RunIndex"])),
            ],
            swiftSettings: [runIndex]),
        .executableTarget(
            name: "ConvNetCommand",
            dependencies: [
                "ConvNet", "ConvNetGraph", "ConvNetPages", "ConvNetRunIndex", "ConvNetRuns", "ConvNetTraining",
                "ConvNetVision",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: [runIndex]),
        .target(
            name: "ConvNetTesting", dependencies: ["ConvNetEngine", "ConvNetGraph"],
            resources: [.embedInCode("operations.json")]),
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .target(
            name: "TestSupport",
            dependencies: [
                "CAllocationCounter", "CZlib", "ConvNetEngine", "ConvNetGraph", "ConvNetTesting", "ConvNetTraining",
            ],
            path: "Tests/TestSupport"),
        .testTarget(name: "ConvNetPagesTests", dependencies: ["ConvNetPages"]),
        .testTarget(name: "ConvNetGraphTests", dependencies: ["ConvNetGraph", "TestSupport"]),
        .testTarget(
            name: "ConvNetEngineTests",
            dependencies: ["ConvNetEngine", "ConvNetGraph", "ConvNetTesting", "TestSupport"]),
        .testTarget(
            name: "ConvNetTrainingTests",
            dependencies: ["ConvNetEngine", "ConvNetGraph", "ConvNetTraining", "TestSupport"]),
        .testTarget(
            name: "ConvNetVisionTests",
            dependencies: [
                "CZlib", "ConvNetEngine", "ConvNetGraph", "ConvNetPages", "ConvNetTraining", "ConvNetVision",
                "TestSupport",
            ]),
        .testTarget(
            name: "ConvNetTests",
            dependencies: ["ConvNet", "ConvNetGraph", "ConvNetTesting", "OneDNNEngine", "TestSupport"],
            swiftSettings: [oneDNN]),
        .testTarget(name: "ConvNetFormatsTests", dependencies: ["ConvNetFormats", "ConvNetGraph"]),
        .testTarget(
            name: "ConvNetRunIndexTests", dependencies: ["ConvNetRunIndex", "ConvNetRuns", "TestSupport"],
            swiftSettings: [runIndex]),
        .testTarget(name: "ConvNetRunsTests", dependencies: ["ConvNetRuns", "TestSupport"]),
        .testTarget(
            name: "ConvNetZooTests", dependencies: ["ConvNet", "ConvNetGraph", "ConvNetTesting", "TestSupport"],
            swiftSettings: [oneDNN]),
        .testTarget(
            name: "OneDNNEngineTests",
            dependencies: [
                "CKernels", "COneDNN", "CommandTestSupport", "ConvNetEngine", "ConvNetGraph", "ConvNetTesting",
                "ConvNetTraining", "ConvNetZoo", "OneDNNEngine", "TestSupport",
            ],
            swiftSettings: [oneDNN]),
        // The command's tests run it, so it must have been built.
        .target(
            name: "CommandTestSupport", dependencies: ["ConvNet", "ConvNetRuns", "TestSupport"],
            path: "Tests/CommandTestSupport"),
        .testTarget(
            name: "ConvNetCommandTests",
            dependencies: [
                "CommandTestSupport", "ConvNet", "ConvNetCommand", "ConvNetPages", "ConvNetRuns", "ConvNetVision",
                "TestSupport",
            ],
            swiftSettings: [oneDNN, runIndex]),
        .testTarget(
            name: "ConvNetCommandErrorTests",
            dependencies: [
                "CommandTestSupport", "ConvNet", "ConvNetCommand", "ConvNetEngine", "ConvNetGraph", "ConvNetRuns",
                "ConvNetTraining", "ConvNetVision", "OneDNNEngine", "TestSupport",
            ],
            swiftSettings: [oneDNN]),
    ]
)

/// Half of a clean build is that of test targets; where a few of them are wanted, the others are left out.
if let chosen = Context.environment["CONVNET_TESTS"]?.split(separator: " ").map(String.init) {
    package.targets.removeAll { $0.type == .test && !chosen.contains($0.name) }
}
