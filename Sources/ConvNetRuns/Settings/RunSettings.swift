import ConvNet
import ConvNetEngine
import ConvNetTraining
import ConvNetVision

/// Every setting of a training run, each declared once, in the order in which `config.yaml` holds them.
///
/// A ``RunConfiguration`` has a property for each of these, of the same name.
public struct RunSettings: Sendable {
    /// A name in `DatasetCatalog`, or the path of a directory or a table.
    public let dataset = Setting<String>(
        "dataset", help: "The dataset, where a file of settings is given or none is named.")
    /// What ``NetworkSource`` takes; in a run's own settings the text that makes its network again.
    public let model = Setting<String>(
        "model",
        help: """
            The network: a name ('convnet zoo' lists them), with parameters as in 'resnet(depth: 20, width: 32)', a .yaml file \
            that lists its layers, or a run or model file whose network it takes. (default: one for the number and the size of \
            the images)
            """)
    /// Passes over the training images.
    public let epochs = StandardSetting("epochs", 10, help: "Passes over the training images. (default: chosen)")
    /// Images a step.
    public let batchSize = StandardSetting(
        "batch_size", 64, help: "Images a step. (default: chosen, for 20 steps an epoch or more; at most 64)")
    /// The parts that a batch is computed in.
    public let accumulate = StandardSetting(
        "accumulate", 1,
        help: "Parts that a batch is computed in, one after the other, to save memory. (default: 1)")

    // MARK: How weights are changed

    /// The optimizer's kind.
    public let optimizer = StandardSetting(
        "optimizer", SGD.kind, in: .optimizer,
        help: """
            The update rule: \(OptimizerRegistry.kinds.joined(separator: ", ")). (default: chosen; sgd where a learning rate or \
            a momentum is given)
            """)
    /// The base of the schedule; like all that follows to the weight decay, nil means what suits the optimizer.
    public let learningRate = Setting<Double>(
        "learning_rate",
        help: "The base of the schedule. (default: chosen; at most 0.05 for sgd, 0.001 for adam and adamw)")
    /// `SGD.momentum`.
    public let momentum = Setting<Double>(
        "momentum", in: .optimizer,
        help: "For sgd and rmsprop, 0 to below 1. (default: 0.9 for sgd, 0 for rmsprop)")
    /// `SGD.nesterov`.
    public let nesterov = Setting<Bool>("nesterov", in: .optimizer, help: "Nesterov's momentum, for sgd.")
    /// `Adam.beta1`.
    public let beta1 = Setting<Double>(
        "beta1", in: .optimizer, help: "What stays of adam's and adamw's mean gradient. (default: 0.9)")
    /// `Adam.beta2`.
    public let beta2 = Setting<Double>(
        "beta2", in: .optimizer, help: "What stays of adam's and adamw's mean squared gradient. (default: 0.999)")
    /// `RMSProp.alpha`.
    public let alpha = Setting<Double>(
        "alpha", in: .optimizer, help: "What stays of rmsprop's mean squared gradient. (default: 0.99)")
    /// `RMSProp.centered`.
    public let centered = Setting<Bool>(
        "centered", in: .optimizer, help: "Divide by rmsprop's standard deviation, not its root mean square.")
    /// `Adam.epsilon`.
    public let epsilon = Setting<Double>(
        "epsilon", in: .optimizer,
        help: "What is added to divisors, not for sgd. (default: 1e-8, 1e-10 for adagrad)")
    /// `Optimizer.weightDecay`.
    public let weightDecay = Setting<Double>(
        "weight_decay", in: .optimizer,
        help: """
            What is added to gradients, times the weights; for adamw taken from the weights. (default: 0.0005 for sgd, 0.01 \
            for adamw, else 0)
            """)
    /// `Trainer.decaysBiasesAndNorms`.
    public let decayBiasesAndNorms = StandardSetting(
        "decay_biases_and_norms", true, help: "Weight decay of biases, scales and shifts too. (default: yes)")
    /// `Trainer.parameterGroups`.
    public let groups = Setting<[GroupSetting]>(
        "groups",
        help: """
            Parameters with a factor of the learning rate or a weight decay of their own, e.g. \
            'features.*:rate=0.1,decay=0'; rate=0 freezes. May be repeated: the last that matches decides.
            """)
    /// `Trainer.frozen`.
    public let freeze = Setting<[String]>(
        "freeze",
        help: """
            Parameters that stand still, e.g. 'features.*': batch norms among them with their statistics. May be repeated; none \
            freezes nothing. (default: the batch norms of which the network says so)
            """)
    /// `GradientClipping.norm(_:)`.
    public let clipNorm = Setting<Double>(
        "clip_norm", help: "The largest norm of all gradients together. (default: none)")
    /// `GradientClipping.value(_:)`.
    public let clipValue = Setting<Double>(
        "clip_value", help: "The largest magnitude of a gradient's element. (default: none)")

    // MARK: What is minimised, and how the run goes

    /// The loss's kind.
    public let loss = StandardSetting(
        "loss", SoftmaxCrossEntropy.kind, in: .loss,
        help: """
            \(LossRegistry.kinds.joined(separator: ", ")). (default: cross-entropy; binary-cross-entropy where images have any \
            number of classes)
            """)
    /// `SoftmaxCrossEntropy.labelSmoothing`.
    public let labelSmoothing = StandardSetting(
        "label_smoothing", 0.0, in: .loss,
        help: "The share of a label that is spread over all classes, 0 to 1. (default: 0)")
    /// `SoftmaxCrossEntropy.classWeights`.
    public let classWeights = Setting<[Double]>(
        "class_weights", in: .loss, help: "What each class counts, e.g. 1,2,1. (default: all the same)")
    /// `BinaryCrossEntropy.positiveWeights`.
    public let positiveWeights = Setting<[Double]>(
        "positive_weights", in: .loss,
        help: "What having each class counts for binary-cross-entropy, e.g. 1,2,1. (default: as much as not having it)")
    /// The spelling of a `Schedule.Shape`.
    public let schedule = StandardSetting(
        "schedule", "one-cycle", in: .schedule,
        help: "\(Schedule.Shape.spellings.joined(separator: ", ")). (default: one-cycle)")
    /// `Schedule.warmup`.
    public let warmup = StandardSetting(
        "warmup", 0.0, in: .schedule, help: "Epochs in which the learning rate rises linearly. (default: 0)")
    /// `WeightAveraging.decay`.
    public let average = Setting<Double>(
        "average",
        help: "Validate and save a moving average of the weights with this decay, e.g. 0.999. (default: none)")
    /// The name of `Trainer.objective`, or ``separateRules``.
    public let objective = Setting<String>(
        "objective",
        help: """
            What epochs are compared by in validation, to keep the best, for --patience and the plateau schedule: \
            \(MetricCatalog.all.map(\.name).joined(separator: ", ")). (default: accuracy, of equal ones the lower loss; \
            mean_average_precision where images have any number of classes)
            """)
    /// The names of `Trainer.metrics`.
    public let metrics = Setting<[String]>(
        "metrics",
        help:
            "What validation computes beside loss, accuracy and the objective, e.g. macro_f1. (default: all that suit the images)"
    )
    /// `Trainer.thresholds`, or those of the model.
    public let thresholds = Setting<String>(
        "thresholds",
        help: """
            Where images have any number of classes, the probability from which on they are said to have one: 0.4 for all, \
            0.3,0.5 for each, or fit for those with the best F1 in validation. (default: 0.5)
            """)
    /// `EarlyStopping.patience`.
    public let patience = Setting<Int>(
        "patience", help: "Epochs without improvement in validation after which the run ends. (default: none)")
    /// `EarlyStopping.minimumImprovement`.
    public let minimumImprovement = Setting<Double>(
        "minimum_improvement", help: "What counts as an improvement for --patience. (default: 0)")
    /// `EarlyStopping.measure`.
    public let monitor = Setting<EarlyStopping.Measure>(
        "monitor", help: "The former name of --objective: accuracy or loss.")

    // MARK: What is made of the dataset

    /// `DataPreparation.validationFraction`.
    public let validation = StandardSetting(
        "validation", 0.05,
        help: """
            The share of the training images kept for validation, where there is no such part. (default: 0.05, and 0.2 below \
            2,000 images)
            """)
    /// `DataPreparation.testFraction`.
    public let test = StandardSetting(
        "test", 0.0,
        help: """
            The share of the training images kept to measure the finished model with, where there is no such part; drawn first. \
            (default: 0)
            """)
    /// `DataPreparation.size`, as `224` or `192x256`.
    public let size = Setting<String>(
        "size",
        help: """
            The size of the network's images: 224 or, height first, 192x256. (default: that of the images where all have the \
            same and up to 64 pixels a side, else chosen, at most the network's)
            """)
    /// `DataPreparation.channels`.
    public let channels = Setting<Int>(
        "channels",
        help:
            "1 makes images grey, 3 RGB. (default: those that are normalised; else 1 where no image has colours, and 3)"
    )
    /// `DataPreparation.normalization`.
    public let normalize = Setting<String>(
        "normalize",
        help: """
            What each channel is normalised by: imagenet, none, or means and standard deviations of 0 to 1 as in \
            '0.5,0.5,0.5/0.25,0.25,0.25'. (default: those of the training images)
            """)
    /// `DataPreparation.augmentation`.
    public let augment = StandardSetting(
        "augment", AugmentationPreset.none,
        help: """
            What is done to training images: \(AugmentationPreset.allCases.map(\.rawValue).joined(separator: ", ")). \
            (default: light for colour images, else none)
            """)
    /// `BatchMixing.mixup`.
    public let mixup = Setting<Double>(
        "mixup", help: "Add each image to another; the alpha of the shares, e.g. 0.2. (default: off)")
    /// `BatchMixing.cutMix`.
    public let cutmix = Setting<Double>(
        "cutmix", help: "Paste a part of each image into another; the alpha of the shares, e.g. 1. (default: off)")
    /// What is done where classes have unequal numbers of images.
    public let balance = Setting<ClassBalance>(
        "balance",
        help: """
            For classes of unequal size: weights makes images of small ones count more, sampling makes them come more often. \
            (default: off)
            """)
    /// `DataPreparation.grouping`.
    public let groupBy = Setting<String>(
        "group_by",
        help: "Keep images in one part whose names this matches with the same text (its first group, where it has one)."
    )
    /// The path of a file that divides the dataset.
    public let split = Setting<String>(
        "split",
        help: "A file that says which images are for training and validation, as a run leaves it: split.json.")
    /// How many images there are to learn from and to divide.
    public let limit = Setting<Int>(
        "limit",
        help: "Use so many of the training images, drawn with each class's share, to try something out. (default: all)")
    /// How many batches are to be learnt by heart.
    public let overfitBatches = Setting<Int>(
        "overfit_batches",
        help: """
            Learn so many batches by heart, the same in each epoch, without augmentation and all that keeps networks from it, and \
            say whether that is done: a network that cannot has a mistake. (default: off)
            """)
    /// `DataPreparation.skipsBadImages`.
    public let skipBadImages = StandardSetting(
        "skip_bad_images", false, help: "Go on without the files that cannot be used.")
    /// `DataPreparation.cacheBytes`, as `4GB`.
    public let cache = Setting<String>(
        "cache", help: "Memory to keep decoded pictures in, e.g. 4GB. (default: none)")
    /// `Trainer.evaluationBatchSize`.
    public let evaluationBatchSize = Setting<Int>(
        "evaluation_batch_size",
        help:
            "Images that validation and the last measurement compute at a time. (default: as many as their memory allows, at most 128)"
    )
    /// What weights, split, order and dropout are drawn from.
    public let seed = StandardSetting<UInt64>(
        "seed", 1, help: "What weights, split, order and dropout are drawn from. (default: 1)")

    // MARK: What computes

    /// A name among `Engines.names`.
    public let engine = StandardSetting(
        "engine", Engines.names[0], help: "What computes: \(Engines.names.joined(separator: " or ")).")
    /// Threads to compute with.
    public let threads = StandardSetting(
        "threads", AvailableProcessors.count,
        help: "Threads to compute with. (default, and most: as many as the machine grants)")
    /// The numbers that are computed with.
    public let precision = StandardSetting(
        "precision", Precision.fp32,
        help: "The numbers that feature maps and convolutions are computed with. (default: fp32)")
    /// How the engine chooses algorithms.
    public let algorithms = StandardSetting(
        "algorithms", AlgorithmChoice.measured,
        help:
            "How algorithms for convolutions are chosen: \(AlgorithmChoice.allCases.map(\.rawValue).joined(separator: ", "))."
    )

    private init() {}

    /// The word for ``objective`` that stands for what was before there was one: weights are kept by accuracy, early stopping goes by
    /// ``monitor``, the plateau schedule by the loss.
    public static let separateRules = "separate"

    /// The only value of this type.
    public static let shared = RunSettings()

    /// All of them, in the order in which they are declared.
    public static let all: [any RunSetting] = Mirror(reflecting: shared).children.compactMap {
        $0.value as? any RunSetting
    }

    /// The setting of that key.
    public static func named(_ key: String) -> (any RunSetting)? { all.first { $0.key == key } }
}
