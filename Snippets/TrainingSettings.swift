import ConvNetRuns
import Foundation

// Grey images of 8×8 pixels, dark ones and light ones in turn, with pixels that differ a little.
let labels = (0..<200).map { $0 % 2 }
let pixels = (0..<200 * 64).map { place in
    let noise: Int = place * 7919 % 97
    return 0.5 * Float(labels[place / 64]) + Float(noise) / 194
}
let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: directory) }
let network = try Network(input: [1, 8, 8]) {
    Sequential {
        Conv2D(4, kernel: 3, bias: false)
        BatchNorm()
        ReLU()
    }
    .named("features")
    Flatten()
    Dense(2).named("head")
}
let model = try Model(network, classes: ["dark", "light"])

// snippet.data
let data = try ArrayDataset(images: pixels, shape: [1, 8, 8], labels: labels, classes: ["dark", "light"])
let (training, validation) = try data.split(validationFraction: 0.2, seed: 0)
// snippet.end

// snippet.train
var trainer = Trainer(
    epochs: 5, batchSize: 32, learningRate: 0.05, schedule: Schedule(.cosine(), warmup: 1),
    optimizer: SGD(momentum: 0.9, nesterov: true, weightDecay: 5e-4),
    loss: SoftmaxCrossEntropy(labelSmoothing: 0.1))
let end = try await trainer.train(model, on: training, validation: validation)
if let best = end.best {
    print("epoch \(best.epoch): \(best.validation.accuracy)")
}
// snippet.end

// snippet.groups
trainer.decaysBiasesAndNorms = false
trainer.parameterGroups = [
    ParameterGroup("features.*", learningRateFactor: 0.1)
]
trainer.frozen = ["features.0.*"]  // the first convolution stands still
// snippet.end

// snippet.stability
trainer.gradientClipping = .norm(1)
trainer.accumulationSteps = 2  // 32 images an update, 16 at a time
trainer.averaging = WeightAveraging(decay: 0.99)
// snippet.end

// snippet.objective
trainer.objective = MacroF1()
trainer.metrics = [BalancedAccuracy(), ExpectedCalibrationError()]
trainer.earlyStopping = EarlyStopping(patience: 3)
// snippet.end

// snippet.several
let sets = labels.map { $0 == 1 ? [0, 1] : [0] }
let shapes = try ArrayDataset(images: pixels, shape: [1, 8, 8], labelSets: sets, classes: ["square", "light"])
let tagger = try Model(network, classes: shapes.classes, outputs: .independent())
try await Trainer(
    epochs: 5, learningRate: 0.05, loss: BinaryCrossEntropy(positiveWeights: shapes.positiveWeights),
    objective: MeanAveragePrecision()
).train(tagger, on: shapes, validation: shapes)
print(try await tagger.multiLabelReport(on: shapes).scoreTable)
// snippet.end

// snippet.precision
let engine = try Engines.makeDefault(precision: .bf16, algorithms: .estimated)
let quickModel = try Model(network, engine: engine)
// snippet.end

// snippet.events
for try await event in trainer.events(model, on: training, validation: validation) {
    switch event {
    case .stepCompleted(let step): print("step \(step.step) of \(step.stepsPerEpoch): loss \(step.loss)")
    case .epochCompleted(let epoch): print("epoch \(epoch.epoch): \(epoch.validation?.accuracy ?? 0)")
    default: break
    }
}
// snippet.end

// snippet.listener
final class AccuracyLimit: TrainingListener {
    let limit: Double

    init(_ limit: Double) { self.limit = limit }

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        if case .epochCompleted(let epoch) = event, epoch.trainingAccuracy >= limit { return .stop }
        return .continue
    }
}
// snippet.end

// snippet.checkpoint
let file = directory.appending(path: "checkpoint.safetensors")
try await trainer.train(
    model, on: training, validation: validation, listeners: [AccuracyLimit(0.6), CheckpointWriter(file)])
// snippet.end

// snippet.resume
let checkpoint = try TrainingCheckpoint(contentsOf: file)
try await trainer.train(
    model, on: training, validation: validation, resuming: checkpoint, listeners: [CheckpointWriter(file)])
// snippet.end

// snippet.defaults
let pictures = RunDefaults.Data(imageCount: 713, classCount: 8, channels: 3, size: nil)
let entry = try NetworkCatalog.entry(named: "resnet18")
let defaults = try RunDefaults(for: pictures, networkInput: entry.inputShape) {
    try entry.network(input: $0, classes: 8)
}
print(defaults.size, defaults.epochs, defaults.optimizer)  // 96×96 52 adamw
// snippet.end
