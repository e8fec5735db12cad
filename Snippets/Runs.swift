import ConvNetRuns

// A run from a program: what the command does, and what it can go on with.

// snippet.start
var configuration = RunConfiguration(dataset: "fashion-mnist", model: "lenet5")
configuration.epochs = 10
configuration.seed = 2

let run = try Run(configuration, in: "runs/first")
let end = try await run.start()
print(end.epochs, try await run.measure()?.accuracy ?? 0)
// snippet.end

// snippet.own
let small = try Network(input: [3, 32, 32]) {
    Conv2D(16, kernel: 3, padding: 1)
    ReLU()
    GlobalAveragePool2D()
    Dense(8)
}
let own = Run.Own(network: small, loss: SoftmaxCrossEntropy(labelSmoothing: 0.1), engine: ReferenceEngine())
let other = try Run(RunConfiguration(dataset: "photos", model: "small"), own: own)
// snippet.end

// snippet.resume
var longer = RunConfiguration()
longer.epochs = 20
try await Run(resuming: "runs/first", with: longer).start()
// snippet.end

// snippet.list
for directory in try RunDirectory.list() {
    guard let record = try directory.record() else { continue }
    print(directory.path, record.model, directory.state(of: record), record.best?.metrics.accuracy ?? 0)
}
// snippet.end
