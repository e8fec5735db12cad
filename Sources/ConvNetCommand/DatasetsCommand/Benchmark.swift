import ArgumentParser
import ConvNet
import ConvNetTraining

extension Datasets {
    struct Benchmark: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures how fast images are decoded, augmented and normalised.",
            discussion: "convnet datasets benchmark photos --augment imagenet --size 224 --threads 1")

        @OptionGroup var augmentation: AugmentationOptions

        @Option(help: "Images to read.")
        var images = 1000

        @Option(help: "Threads that read. (default: as many as the machine grants)")
        var threads: Int?

        @OptionGroup var output: OutputOptions

        func validate() throws {
            if images < 1 { throw ValidationError("--images must be at least 1, received \(images)") }
            if let threads, !(1...1024).contains(threads) {
                throw ValidationError("--threads must be 1 to 1024, received \(threads)")
            }
        }

        private struct Result: Encodable {
            var dataset: String
            var augment: String
            var size: Size
            var images: Int
            var threads: Int
            var seconds: Double
            var imagesPerSecond: Double

            private enum CodingKeys: String, CodingKey {
                case dataset, augment, size, images, threads, seconds
                case imagesPerSecond = "images_per_second"
            }
        }

        func run() throws {
            let (dataset, shape) = try augmentation.open()
            let threads = threads ?? AvailableProcessors.count
            var preprocessing = dataset.preprocessing
            preprocessing.mean = [Float](repeating: 0.45, count: shape.channels)
            preprocessing.standardDeviation = preprocessing.mean.map { $0 / 2 }
            let speed = try LoadingSpeed(
                of: dataset, preprocessing: preprocessing, shape: shape, imageCount: images, threads: threads,
                seed: augmentation.seed)
            if output.json {
                return try Terminal.write(
                    json: Result(
                        dataset: dataset.name, augment: augmentation.augment.rawValue, size: shape.size,
                        images: images, threads: threads, seconds: speed.seconds, imagesPerSecond: speed.imagesPerSecond
                    ))
            }
            Terminal.write(
                "\(Int(speed.imagesPerSecond).grouped) images/s on \(threads) thread\(threads == 1 ? "" : "s"): \(dataset.name), "
                    + "\(shape), augmented by \(augmentation.augment.rawValue)")
        }
    }
}
