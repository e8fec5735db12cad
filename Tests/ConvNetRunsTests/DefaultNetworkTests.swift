import ConvNetRuns
import Testing

@Suite struct DefaultNetworkTests {
    @Test(arguments: [
        (60_000, 1, 28, "resnet20"), (500, 1, 28, "convnet4"), (20_000, 1, 32, "resnet20"), (19_999, 1, 32, "convnet4"),
        (50_000, 1, 48, "resnet20"),
        (1_797, 1, 8, "resnet20"), (50_000, 3, 32, "resnet20"), (10, 3, 64, "resnet20"), (240, 3, nil, "resnet18"),
        (100_000, 1, nil, "resnet18"), (240, 3, 96, "resnet18"),
    ])
    func suitsTheImages(images: Int, channels: Int, side: Int?, name: String) {
        #expect(DefaultNetwork.name(images: images, channels: channels, size: side.map { Size($0) }).name == name)
    }

    @Test(arguments: [
        (60_000, 1, 28, "60,000 grey images of 28×28 pixels"),
        (1, 3, 32, "1 colour image of 32×32 pixels"),
        (240, 3, nil, "240 colour images, large or of several sizes"),
        (240, 3, 96, "240 colour images of 96×96 pixels"),
    ])
    func saysWhy(images: Int, channels: Int, side: Int?, reason: String) {
        #expect(DefaultNetwork.name(images: images, channels: channels, size: side.map { Size($0) }).reason == reason)
    }

    /// Whatever it chooses can be built for such images.
    @Test func everyChoiceWorks() throws {
        for side in [1, 2, 5, 8, 20, 28, 32, 33, 64] {
            for (images, channels) in [(100, 1), (100, 3), (60_000, 1), (60_000, 3)] {
                for size in [Size(side), Size(side, max(1, side / 8))] {
                    let name = DefaultNetwork.name(images: images, channels: channels, size: size).name
                    let entry = try NetworkCatalog.entry(named: name)
                    #expect(throws: Never.self, "\(name), \(size)") {
                        try entry.network(input: [channels, size.height, size.width], classes: 3)
                    }
                }
            }
        }
    }

    @Test func beginnersAreShownThem() throws {
        let names = DefaultNetwork.startingPoints.map(\.name)
        for (images, channels, side) in [(600, 1, 28), (9, 3, 32), (9, 3, nil as Int?)] {
            #expect(
                names.contains(
                    DefaultNetwork.name(images: images, channels: channels, size: side.map { Size($0) }).name))
        }
        for name in names { #expect(throws: Never.self) { try NetworkCatalog.entry(named: name) } }
    }
}
