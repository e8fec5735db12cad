import ConvNetGraph
import Testing

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("fasion-mnist", "fashion-mnist"), ("FASHION-MNIST", "fashion-mnist"), ("mnits", "mnist"),
        ("cifar", "cifar10"), ("minst", "mnist"), ("fashionmnist", "fashion-mnist"),
    ])
    func findsTheNearest(typed: String, meant: String) {
        #expect(nearestName(to: typed, in: ["cifar10", "mnist", "fashion-mnist"]) == meant)
    }

    @Test(arguments: ["imagenet", "", "x", "mn"])
    func findsNothingNear(typed: String) {
        #expect(nearestName(to: typed, in: ["cifar10", "mnist", "fashion-mnist", "lr"]) == nil)
    }

    @Test func prefersTheFirstOfEquals() {
        #expect(nearestName(to: "conv", in: ["conv2", "conv1"]) == "conv2")
        #expect(nearestName(to: "conv", in: []) == nil)
    }
}
