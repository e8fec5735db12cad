// Whatever the bytes are, a dataset's files are read or refused with a reason. The first byte says which reader they are for.
import ConvNetGraph
import ConvNetVision
import Foundation

private let directory: URL = {
    let url = FileManager.default.temporaryDirectory.appending(
        path: "convnet-fuzz-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
}()

@_cdecl("LLVMFuzzerTestOneInput") public func fuzzReader(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    guard count > 0 else { return 0 }
    do {
        try read(Data(bytes: bytes + 1, count: count - 1), kind: bytes[0] % 5)
    } catch is DatasetError {
        return 0
    } catch {
        preconditionFailure("\(error)")
    }
    return 0
}

private func read(_ data: Data, kind: UInt8) throws {
    let names = ["labels.csv", "split.json", "images-idx3-ubyte", "images-idx3-ubyte.gz", "batch.bin"]
    let file = directory.appending(path: names[Int(kind)])
    try data.write(to: file)
    switch kind {
    case 0:
        let images = try DatasetCatalog.open(file.path)
        for index in 0..<images.train.count { precondition(images.train.label(at: index) < images.train.classes.count) }
    case 1: _ = try SplitFile(contentsOf: file)
    case 2, 3: _ = try IDXFile(contentsOf: file, rank: 3)
    default: _ = try CIFARDataset(contentsOf: [file], variant: .cifar10, name: "fuzz", classes: ["a", "b"])
    }
}
