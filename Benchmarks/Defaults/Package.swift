// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "defaults",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-convnet", path: "../..")],
    targets: [
        .executableTarget(
            name: "Defaults", dependencies: [.product(name: "ConvNetRuns", package: "swift-convnet")], path: "Sources")
    ]
)
