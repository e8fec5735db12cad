import ArgumentParser
import ConvNet

/// A dataset as training sees it.
struct AugmentationOptions: ParsableArguments {
    @Argument(help: "A dataset's name or the path of its directory.")
    var dataset: String

    @Option(
        help: "What is done to training images: \(AugmentationPreset.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var augment = AugmentationPreset.none

    @Option(
        help: """
            The size of the network's images: 224 or, height first, 192x256. (default: that of the images where all have the \
            same and up to 64 pixels a side, else 224)
            """)
    var size: String?

    @Option(help: "What augmentation is drawn from.")
    var seed: UInt64 = 1

    /// The training part, and the shape C×H×W that its pictures are brought to.
    func open(cacheBytes: Int = 0) throws -> (images: PreparedDataset, shape: Shape) {
        var preparation = DataPreparation()
        preparation.augmentation = augment
        preparation.size = try size.map { try Size(setting: $0) }
        preparation.seed = seed
        preparation.cacheBytes = cacheBytes
        let images = try DatasetCatalog.open(dataset)
        Terminal.writeNotices(images.notices)
        return try preparation.dataset(images.train, networkInput: [3, 224, 224])
    }
}
