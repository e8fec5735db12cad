// swift-tools-version: 6.1
import PackageDescription

// The reference engine alone: WITHOUT_ONEDNN=1 swift run -c release StripeClassifier
let traits: Set<Package.Dependency.Trait> = Context.environment["WITHOUT_ONEDNN"] == nil ? [.defaults] : []

let package = Package(
    name: "examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-convnet", path: "..", traits: traits)],
    targets: [
        .executableTarget(
            name: "StripeClassifier", dependencies: [.product(name: "ConvNet", package: "swift-convnet")]),
        .executableTarget(
            name: "TracingEngine",
            dependencies: [
                .product(name: "ConvNet", package: "swift-convnet"),
                .product(name: "ConvNetTesting", package: "swift-convnet"),
            ]),
    ]
)
