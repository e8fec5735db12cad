import Foundation
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

/// What is longer or larger than anything that is meant is refused at once.
@Suite struct LimitTests {
    /// Counts what this thread computes, not what it waits for: other tests, and other programs, want the processor too.
    private let clock = ThreadClock()

    private struct ThreadClock {
        func measure(_ body: () throws -> Void) rethrows -> Duration {
            let start = Self.now
            try body()
            return Self.now - start
        }

        private static var now: Duration {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
    }

    // MARK: Names

    @Test func namesOfTensors() throws {
        for (length, isAllowed) in [(2000, true), (2001, false)] {
            let name = String(repeating: "é", count: length / 2) + String(repeating: "x", count: length % 2)
            let json = #"{"\#(name)":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
            var data = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Data($0) }
            data += Data(json.utf8) + [7]
            var writer = SafetensorsWriter()
            if isAllowed {
                #expect(try SafetensorsFile(data: data, name: "t").names == [name])
                try writer.append(name, shape: [1], floats: [7])
                #expect(try SafetensorsFile(data: writer.encoded(), name: "t").names == [name])
            } else {
                let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(data: data, name: "t") }
                #expect("\(error!)".contains("has 2001 bytes, at most 2000 are allowed"))
                #expect(throws: SafetensorsError.nameTooLong(tensor: name, length: 2001, limit: 2000)) {
                    try writer.append(name, shape: [1], floats: [7])
                }
            }
        }
    }

    /// Comparing names of combining characters with one another takes long; here they are in a tensor's entry and in metadata.
    @Test(
        arguments: [
            { #"{"\#($0)":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"# },
            { #"{"t":{"\#($0)":1,"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"# },
            { #"{"__metadata__":{"\#($0)":""},"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"# },
            {
                #"{"t":{"dtype":"U8","shape":[1\#(String(repeating: ",1", count: $0.utf8.count))],"data_offsets":[0,1]}}"#
            },
        ] as [@Sendable (String) -> String])
    func hugeHeaders(json: @Sendable (String) -> String) {
        let json = json(String(repeating: "e\u{301}", count: 1_000_000))
        let data = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Data($0) } + Data(json.utf8) + [7]
        let time = clock.measure {
            let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(data: data, name: "t") }
            #expect("\(error!)".utf8.count < 1000)
        }
        #expect(time < .seconds(5))
    }

    @Test func namesOfLayers() throws {
        func network(_ length: Int) throws -> Network {
            try Network(input: [3]) {
                Sequential { Dense(2).named(String(repeating: "y", count: length)) }.named("outer")
            }
        }
        // outer.y….weight
        #expect(try network(1000 - 13).parameters[0].name.utf8.count == 1000)
        let error = #expect(throws: NetworkError.self) { try network(1000 - 12) }
        #expect(error?.problem == .nameTooLong(bytes: 1001))
        #expect("\(error!)".utf8.count < 200)
    }

    @Test func namesOfClasses() throws {
        let network = try Network(input: [3]) { Dense(2) }
        func model(_ length: Int) throws -> Model {
            try Model(network, classes: ["a", String(repeating: "日", count: length)], engine: ReferenceEngine())
        }
        _ = try model(333)
        #expect(throws: ModelError.className(bytes: 1002)) { try model(334) }
    }

    @Test func manyLayers() throws {
        func graph(_ count: Int) throws -> Graph {
            try Graph(input: [1], operations: (0..<count).map { _ in ReLU() })
        }
        _ = try graph(49_999)
        #expect(throws: NetworkError(path: LayerPath(), problem: .tooManyNodes(50_001))) { try graph(50_000) }
    }

    // MARK: Suggestions

    @Test(arguments: [1_000, 100_000, 10_000_000])
    func suggestionsForLongNames(length: Int) {
        let long = String(repeating: "e\u{301}", count: length)
        let time = clock.measure {
            #expect(nearestName(to: long, in: [long + "x", "weight"]) == nil)
            #expect(nearestName(to: "weigth", in: [long, "weight", long]) == "weight")
        }
        #expect(time < .seconds(5))
    }

    @Test func suggestionsAmongMany() {
        let names = (0..<100_000).map { "layer\($0).conv.weight" }
        let time = clock.measure {
            for _ in 0..<10 {
                #expect(nearestName(to: "layer77777.conv.wieght", in: names) == "layer77777.conv.weight")
            }
        }
        #expect(time < .seconds(10))
    }

    @Test func mismatchesAreShort() throws {
        let network = try Network(input: [3]) { Dense(2) }
        let names = (0..<1000).map { "\($0)" + String(repeating: "é", count: 900) }
        let error = #expect(throws: WeightMismatch.self) {
            try network.checkWeights(Dictionary(uniqueKeysWithValues: names.map { ($0, [Float(1)]) }))
        }
        #expect("\(error!)".utf8.count < 4000)
    }

    // MARK: Shapes

    private static let operations: [any GraphOperation] = [
        Conv2D(2, kernel: 3, padding: .same), Conv2D(2, kernel: 1, stride: 2), Conv2D(4, kernel: 1, groups: 2),
        LocallyConnected2D(2, kernel: 3), MaxPool2D(2, ceilMode: true), AveragePool2D(3, padding: 1),
        GlobalAveragePool2D(), GlobalMaxPool2D(), AdaptiveAveragePool2D(2), ChannelMaxPool(2), ZeroPadding2D(1),
        BatchNorm(), Dropout(0.5), LocalResponseNorm(5), Softmax(), ReLU(), GELU(), Flatten(), Dense(3), Reshape(3),
        Concatenate(),
    ]

    /// A layer says of any shape what comes out or what is wrong with it, without a graph that has checked it.
    @Test(arguments: operations.indices)
    func shapesThatNobodyHasChecked(index: Int) {
        let operation = Self.operations[index]
        let sizes = [Int.min, -1, 0, 1, 2, 1 << 31, 1 << 62, .max]
        var shapes: [Shape] = [[], [2, 2], [1, 1, 1, 1]] + sizes.map { [$0] }
        for a in sizes { for b in sizes { for c in sizes { shapes.append([a, b, c]) } } }
        for shape in shapes {
            do {
                let output = try operation.outputShape(for: [shape])
                #expect(shape.count(notExceeding: Graph.maximumElementCount) != nil)
                #expect(output.dimensions.allSatisfy { $0 > 0 })
            } catch {
                #expect(!"\(error)".isEmpty)
            }
        }
        #expect(throws: ShapeError.self) { try operation.outputShape(for: []) }
    }

    @Test func shapesOfSums() {
        for shape in [[], [2, 2], [0], [1 << 62], [1 << 31, 2, 2], [.max, .max, .max]] as [Shape] {
            #expect(throws: ShapeError.self) { try Add().outputShape(for: [shape, shape]) }
            #expect(throws: ShapeError.self) { try Concatenate().outputShape(for: [shape, shape]) }
        }
    }

    // MARK: Memory

    /// A file with holes may say that it has more than any memory holds.
    @Test func tensorsThatMemoryHasNoRoomFor() throws {
        let directory = try ScratchDirectory()
        let url = directory.file("sparse.safetensors")
        let bytes = 1 << 42
        let json = #"{"t":{"dtype":"F32","shape":[\#(bytes / 4)],"data_offsets":[0,\#(bytes)]}}"#
        let start = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Data($0) } + Data(json.utf8)
        try start.write(to: url)
        let handle = try FileHandle(forWritingTo: url)
        // Not every file system has files as large.
        do { try handle.truncate(atOffset: UInt64(start.count + bytes)) } catch { return }
        // Some systems do not even map it.
        #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: url).floats(named: "t") }
    }
}
