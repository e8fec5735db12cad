// swift-tools-version: 6.1
import PackageDescription

// The reference engine alone: WITHOUT_ONEDNN=1 swift run -c release
let traits: Set<Package.Dependency.Trait> = Context.environment["WITHOUT_ONEDNN"] == nil ? [.defaults] : []

let package = Package(
    name: "stripe-classifier",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-convnet", path: "../..", traits: traits)],
    targets: [
        .executableTarget(
            name: "StripeClassifier", dependencies: [.product(name: "ConvNet", package: "swift-convnet")],
            path: "Sources")
    ]
)
