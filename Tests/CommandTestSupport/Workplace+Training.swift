import Foundation
import Testing

extension Workplace {
    /// The arguments of a run on the dataset `data` that learns within a fraction of a second.
    ///
    /// One thread: the tests run side by side, and bits depend on the number of threads. Who compares the bits of two runs adds
    /// `--no-autotune`: other tests time algorithms meanwhile, and leave what they find where the second run looks.
    package static func training(epochs: Int, out: String = "run", _ more: [String] = []) -> [String] {
        [
            "train", "--dataset", "data", "--model", "lenet5", "--epochs", "\(epochs)", "--batch-size", "16",
            "--optimizer", "sgd", "--learning-rate", "0.02", "--schedule", "one-cycle", "--validation", "0.05",
            "--augment", "none", "--threads", "1", "--out", out,
        ] + more
    }

    /// A place with the dataset `data`.
    package static func withDataset(_ dataset: SyntheticDataset = SyntheticDataset()) throws -> Workplace {
        let place = try Workplace()
        try place.write(dataset)
        return place
    }

    /// A place with the dataset `data` and a trained model in `run`.
    package static func withModel(epochs: Int = 1) async throws -> Workplace {
        let place = try withDataset()
        let outcome = try await place.run(training(epochs: epochs))
        try #require(outcome.ending == .exit(0), "\(outcome.errors)")
        return place
    }

    /// The file of the model that `withModel` trains.
    package static let model = "run/model.safetensors"
}
