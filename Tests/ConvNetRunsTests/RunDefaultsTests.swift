import ConvNetRuns
import Testing

@Suite struct RunDefaultsTests {
    private static func defaults(
        _ model: String, images: Int, classes: Int = 10, channels: Int = 3, side: Int? = nil,
        hasValidation: Bool = false, given: RunDefaults.Given = RunDefaults.Given()
    ) throws -> RunDefaults {
        let entry = try NetworkCatalog.entry(named: model)
        let data = RunDefaults.Data(
            imageCount: images, classCount: classes, channels: channels, size: side.map { Size($0) },
            hasValidation: hasValidation)
        return try RunDefaults(for: data, given: given, networkInput: entry.inputShape) {
            try entry.network(input: $0, classes: classes)
        }
    }

    /// Fashion-MNIST is trained as the README's figures were.
    @Test(arguments: ["lenet5", "convnet4", "resnet20"])
    func fashionMNIST(model: String) throws {
        let defaults = try Self.defaults(model, images: 60_000, channels: 1, side: 28)
        #expect(defaults.size == Size(28))
        #expect(defaults.batchSize == 64 && defaults.epochs == 10)
        #expect(defaults.optimizer == "sgd" && defaults.learningRate == 0.05 && defaults.schedule == "one-cycle")
        #expect(defaults.validation == 0.05 && defaults.augmentation == .none)
        #expect(defaults.trainingImages == 57_000 && defaults.stepsPerEpoch == 891)
    }

    /// ResNet-18 needs 10.9 GFLOP to train on one image of 224×224: 5,500 of them in the budget. Of 100 pictures 80 are trained
    /// on, which makes 68 epochs.
    @Test(arguments: [
        (100, 224, 68), (250, 192, 37), (500, 128, 42), (1000, 96, 37), (3000, 96, 10), (5000, 64, 14),
        (20_000, 64, 10),
    ])
    func photosAreMadeSmallerTheMoreThereAre(images: Int, side: Int, epochs: Int) throws {
        let defaults = try Self.defaults("resnet18", images: images)
        #expect(defaults.size == Size(side))
        #expect(defaults.epochs == epochs)
        #expect(defaults.operations <= RunDefaults.budget || epochs == 10)
        #expect(defaults.augmentation == .light)
    }

    @Test(arguments: [
        (10, 2), (40, 2), (60, 2), (100, 4), (200, 8), (400, 16), (1000, 32), (1600, 64), (60_000, 64),
    ])
    func thereAreStepsEnough(images: Int, batchSize: Int) throws {
        let defaults = try Self.defaults("lenet5", images: images, channels: 1, side: 28)
        #expect(defaults.batchSize == batchSize)
        #expect(defaults.stepsPerEpoch >= RunDefaults.fewestSteps || batchSize == 2)
    }

    @Test(arguments: [
        ("resnet20", 9999, "adamw", 0.001), ("resnet20", 10_000, "sgd", 0.05), ("vgg11", 60_000, "adamw", 0.0003),
        ("resnet20", 400, "adamw", 0.00071), ("squeezenet", 300, "adamw", 0.00015),
        ("alexnet", 60_000, "adamw", 0.0003),
        ("resnet56", 60_000, "sgd", 0.05),
    ])
    func optimizerFollowsImagesAndDepth(model: String, images: Int, optimizer: String, rate: Double) throws {
        let defaults = try Self.defaults(model, images: images, side: 64)
        #expect(defaults.optimizer == optimizer)
        #expect(defaults.learningRate == rate)
    }

    @Test(arguments: [(1999, 0.2), (2000, 0.05)])
    func fewImagesKeepMoreForValidation(images: Int, share: Double) throws {
        #expect(try Self.defaults("lenet5", images: images, side: 28).validation == share)
    }

    @Test func partsOfTheDatasetAreNotTrainedOn() throws {
        let test = RunDefaults.Given(test: 0.3)
        #expect(try Self.defaults("lenet5", images: 1000, side: 28, given: test).trainingImages == 500)
        #expect(
            try Self.defaults("lenet5", images: 1000, side: 28, hasValidation: true, given: test).trainingImages == 700)
        #expect(try Self.defaults("lenet5", images: 1000, side: 28, hasValidation: true).trainingImages == 1000)
    }

    // MARK: What is given

    @Test func whatIsGivenIsKept() throws {
        let given = RunDefaults.Given(
            size: Size(48, 80), batchSize: 7, epochs: 3, optimizer: "rmsprop", learningRate: 0.125,
            schedule: "constant",
            validation: 0.5, augmentation: .strong)
        let defaults = try Self.defaults("resnet18", images: 100, given: given)
        #expect(defaults.size == Size(48, 80) && defaults.batchSize == 7 && defaults.epochs == 3)
        #expect(defaults.optimizer == "rmsprop" && defaults.learningRate == 0.125 && defaults.schedule == "constant")
        #expect(defaults.validation == 0.5 && defaults.augmentation == .strong && defaults.trainingImages == 50)
    }

    /// One epoch of large images costs less than the ten that there would be of smaller ones.
    @Test func sizeFitsTheEpochsThatAreGiven() throws {
        #expect(try Self.defaults("resnet18", images: 1000, given: .init(epochs: 1)).size == Size(224))
        #expect(try Self.defaults("resnet18", images: 1000, given: .init(epochs: 200)).size == Size(64))
        #expect(try Self.defaults("resnet18", images: 1000, given: .init(size: Size(224))).epochs == 10)
    }

    @Test func aRateOrMomentumAloneIsForSGD() throws {
        let rate = try Self.defaults("resnet18", images: 300, given: .init(learningRate: 0.2))
        #expect(rate.optimizer == "sgd" && rate.learningRate == 0.2)
        let momentum = try Self.defaults("resnet18", images: 300, given: .init(hasMomentum: true))
        #expect(momentum.optimizer == "sgd" && momentum.learningRate == 0.0063)
        let other = try Self.defaults("resnet18", images: 300, given: .init(optimizer: "adam", learningRate: 0.2))
        #expect(other.optimizer == "adam")
    }

    /// SGD takes smaller steps in smaller batches; an optimizer of which nothing is known keeps its own rate.
    @Test(arguments: [("sgd", 0.0063 as Double?), ("adam", 0.0005), ("adamw", 0.0005), ("rmsprop", nil)])
    func rateFitsTheBatch(optimizer: String, rate: Double?) throws {
        #expect(
            try Self.defaults("resnet18", images: 300, given: .init(batchSize: 8, optimizer: optimizer)).learningRate
                == rate)
    }

    @Test func batchesHaveTheirParts() throws {
        #expect(try Self.defaults("resnet18", images: 100, given: .init(accumulationSteps: 8)).batchSize == 8)
    }

    /// Nobody can train on it, but everything is defined, and an error is the network's.
    @Test func smallestDataset() throws {
        let defaults = try Self.defaults("lenet5", images: 1, channels: 1, side: 28)
        #expect(defaults.trainingImages == 1 && defaults.stepsPerEpoch == 1 && defaults.epochs == 100)
        #expect(throws: NetworkError.self) { try Self.defaults("alexnet", images: 100, side: 8) }
    }

    /// A network with too many poolings for small images keeps the smallest that it can take.
    @Test func imagesAreNoSmallerThanTheNetworkTakes() throws {
        for entry in NetworkCatalog.all {
            #expect(throws: Never.self, "\(entry.name)") { try Self.defaults(entry.name, images: 100_000) }
        }
    }
}
