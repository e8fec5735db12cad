// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "tracing-engine",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-convnet", path: "../..")],
    targets: [
        .executableTarget(
            name: "TracingEngine",
            dependencies: [
                .product(name: "ConvNet", package: "swift-convnet"),
                .product(name: "ConvNetTesting", package: "swift-convnet"),
            ], path: "Sources")
    ]
)
