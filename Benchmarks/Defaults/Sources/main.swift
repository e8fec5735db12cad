import Foundation

// Trains the first 300 steps of what is chosen where nothing is said, for several networks and numbers of images, and again with
// learning rates that are much too large; prints two tables in Markdown.
//
//     swift run -c release --package-path Benchmarks/Defaults --scratch-path .build-defaults Defaults FILE
//
// FILE takes a line for each run as it ends, and the runs in it are not done again.

let networks = ["lenet5", "convnet4", "squeezenet", "resnet20", "resnet56", "mobilenet-v2"]
let sizes = [100, 300, 1000, 10_000, 60_000]
let seeds: [UInt64] = [1, 2, 3]

var cases = networks.flatMap { network in
    sizes.flatMap { images in seeds.map { Case(network: network, images: images, seed: $0) } }
}
cases += [300, 10_000].map { Case(network: "vgg11", images: $0, seed: 1) }
let tooFast = networks.flatMap { network in
    [10.0, 100, 1000].map { Case(network: network, images: 1000, seed: 1, rateFactor: $0) }
}

guard CommandLine.arguments.count == 2 else {
    FileHandle.standardError.write(Data("usage: Defaults FILE\n".utf8))
    exit(64)
}
var file = try RecordFile(URL(filePath: CommandLine.arguments[1]))
let firstSteps = try FirstSteps()
for wanted in cases + tooFast where !file.records.contains(where: { $0.case == wanted }) {
    let record = try await firstSteps.run(wanted)
    try file.append(record)
    FileHandle.standardError.write(Data("\(record)\n".utf8))
}
print(Tables.firstSteps(file.records.filter { cases.contains($0.case) }))
print()
print(Tables.notices(file.records.filter { tooFast.contains($0.case) }))
print()
print(Tables.count(file.records))
