import ArgumentParser
import ConvNet

/// How weights are changed.
struct UpdateOptions: ParsableArguments {
    @Option(
        help: """
            The update rule: \(OptimizerRegistry.kinds.joined(separator: ", ")). (default: chosen; sgd where a learning rate or \
            a momentum is given)
            """)
    var optimizer: String?

    @Option(help: "The base of the schedule. (default: chosen; at most 0.05 for sgd, 0.001 for adam and adamw)")
    var learningRate: Double?

    @Option(help: "For sgd and rmsprop, 0 to below 1. (default: 0.9 for sgd, 0 for rmsprop)")
    var momentum: Double?

    @Flag(inversion: .prefixedNo, help: "Nesterov's momentum, for sgd.")
    var nesterov: Bool?

    @Option(help: "What stays of adam's and adamw's mean gradient. (default: 0.9)")
    var beta1: Double?

    @Option(help: "What stays of adam's and adamw's mean squared gradient. (default: 0.999)")
    var beta2: Double?

    @Option(help: "What stays of rmsprop's mean squared gradient. (default: 0.99)")
    var alpha: Double?

    @Flag(inversion: .prefixedNo, help: "Divide by rmsprop's standard deviation, not its root mean square.")
    var centered: Bool?

    @Option(help: "What is added to divisors, not for sgd. (default: 1e-8, 1e-10 for adagrad)")
    var epsilon: Double?

    @Option(
        help: """
            What is added to gradients, times the weights; for adamw taken from the weights. (default: 0.0005 for sgd, 0.01 \
            for adamw, else 0)
            """)
    var weightDecay: Double?

    @Flag(inversion: .prefixedNo, help: "Weight decay of biases, scales and shifts too. (default: yes)")
    var decayBiasesAndNorms: Bool?

    @Option(
        help: ArgumentHelp(
            """
            Parameters with a factor of the learning rate or a weight decay of their own, e.g. \
            'features.*:rate=0.1,decay=0'; rate=0 freezes. May be repeated: the last that matches decides.
            """, valueName: "PATTERN:rate=R,decay=D"), transform: GroupSetting.parse)
    var group: [GroupSetting] = []

    @Option(help: "The largest norm of all gradients together. (default: none)")
    var clipNorm: Double?

    @Option(help: "The largest magnitude of a gradient's element. (default: none)")
    var clipValue: Double?
}

/// What is minimised, and how the run goes.
struct CourseOptions: ParsableArguments {
    @Option(help: "\(LossRegistry.kinds.joined(separator: " or ")). (default: cross-entropy)")
    var loss: String?

    @Option(help: "The share of a label that is spread over all classes, 0 to 1. (default: 0)")
    var labelSmoothing: Double?

    @Option(
        help: ArgumentHelp("What each class counts, e.g. 1,2,1. (default: all the same)", valueName: "weights"),
        transform: CourseOptions.numbers)
    var classWeights: [Double]?

    @Option(help: "\(Schedule.Shape.spellings.joined(separator: ", ")). (default: one-cycle)")
    var schedule: String?

    @Option(help: "Epochs in which the learning rate rises linearly. (default: 0)")
    var warmup: Double?

    @Option(help: "Validate and save a moving average of the weights with this decay, e.g. 0.999. (default: none)")
    var average: Double?

    @Option(help: "Epochs without improvement in validation after which the run ends. (default: none)")
    var patience: Int?

    @Option(help: "What counts as an improvement for --patience. (default: 0)")
    var minimumImprovement: Double?

    @Option(help: "What --patience watches: accuracy or loss. (default: accuracy)")
    var monitor: EarlyStopping.Measure?

    private static func numbers(_ text: String) throws -> [Double] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let number = Double(word) else {
                throw ValidationError("write numbers with commas between them, like 1,2,1")
            }
            return number
        }
    }
}

/// What is made of the dataset.
struct DataOptions: ParsableArguments {
    @Option(
        help: """
            The share of the training images kept for validation, where there is no such part. (default: 0.05, and 0.2 below \
            2,000 images)
            """)
    var validation: Double?

    @Option(
        help: """
            The share of the training images kept to measure the finished model with, where there is no such part; drawn first. \
            (default: 0)
            """)
    var test: Double?

    @Option(
        help: ArgumentHelp(
            "Keep images in one part whose names this matches with the same text (its first group, where it has one).",
            valueName: "regex"))
    var groupBy: String?

    @Option(help: "A file that says which images are for training and validation, as a run leaves it: split.json.")
    var split: String?

    @Option(
        help: """
            The size of the network's images: 224 or, height first, 192x256. (default: that of the images where all have the \
            same and up to 64 pixels a side, else chosen, at most the network's)
            """)
    var size: String?

    @Option(
        help: """
            What is done to training images: \(AugmentationPreset.allCases.map(\.rawValue).joined(separator: ", ")). \
            (default: light for colour images, else none)
            """)
    var augment: AugmentationPreset?

    @Option(help: "Add each image to another; the alpha of the shares, e.g. 0.2. (default: off)")
    var mixup: Double?

    @Option(help: "Paste a part of each image into another; the alpha of the shares, e.g. 1. (default: off)")
    var cutmix: Double?

    @Option(
        help: """
            For classes of unequal size: weights makes images of small ones count more, sampling makes them come more often. \
            (default: off)
            """)
    var balance: ClassBalance?

    @Flag(inversion: .prefixedNo, help: "Go on without the files that cannot be used.")
    var skipBadImages: Bool?

    @Option(help: "Memory to keep decoded pictures in, e.g. 4GB. (default: none)")
    var cache: String?
}

extension AugmentationPreset: ExpressibleByArgument {}
extension ClassBalance: ExpressibleByArgument {}
extension EarlyStopping.Measure: ExpressibleByArgument {}
