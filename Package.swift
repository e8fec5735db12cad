// swift-tools-version: 6.1
import PackageDescription

#if os(Linux)
let defaultTraits: Set<String> = ["OneDNN"]
#else
let defaultTraits: Set<String> = []
#endif

// Homebrew's headers lie outside the default search path; on Linux a missing pkg-config would only warn.
#if os(macOS)
let pngPkgConfig: String? = "libpng"
#else
let pngPkgConfig: String? = nil
#endif

/// Set where the oneDNN engine is built. SwiftPM compiles every target of a package whatever its conditions, so the
/// sources of COneDNN and OneDNNEngine ask for this themselves.
let oneDNN: SwiftSetting = .define("CONVNET_ONEDNN", .when(traits: ["OneDNN"]))
let cOneDNN: CSetting = .define("CONVNET_ONEDNN", .when(traits: ["OneDNN"]))

let package = Package(
    name: "swift-convnet",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ConvNetCore", targets: ["ConvNetCore"]),
    ],
    traits: [
        .trait(name: "OneDNN", description: "The fast engine for processors, on the oneDNN library (libdnnl)."),
        .default(enabledTraits: defaultTraits),
    ],
    targets: [
        .target(name: "ConvNetCore"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CLibPNG", pkgConfig: pngPkgConfig, providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .target(name: "CPNG", dependencies: ["CLibPNG"], linkerSettings: [.linkedLibrary("png")]),
        .target(name: "ConvNetVision", dependencies: ["ConvNetCore", "CZlib", "CPNG"]),
        .target(
            name: "COneDNN", cSettings: [cOneDNN],
            linkerSettings: [.linkedLibrary("dnnl", .when(traits: ["OneDNN"]))]),
        .target(name: "OneDNNEngine", dependencies: ["ConvNetCore", "COneDNN"], swiftSettings: [oneDNN]),
        .testTarget(name: "ConvNetCoreTests", dependencies: ["ConvNetCore"]),
        .testTarget(name: "ConvNetVisionTests", dependencies: ["ConvNetCore", "ConvNetVision", "CZlib"]),
    ]
)
