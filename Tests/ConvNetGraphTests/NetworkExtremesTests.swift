import TestSupport
import Testing

@testable import ConvNetGraph

/// Sizes that no memory holds are refused before anything overflows.
@Suite struct NetworkExtremesTests {
    private let limit = Graph.maximumElementCount

    private func problem(input: Shape, @LayerBuilder _ layers: () -> LayerList) -> ShapeError? {
        #expect(throws: NetworkError.self) { try Network(input: input, layers: layers) }?.problem
    }

    @Test func theLargestArraysAreAccepted() throws {
        #expect(try Network(input: [limit]) { ReLU() }.outputShape == [limit])
        #expect(try Network(input: [1, 1, limit]) { Flatten() }.outputShape == [limit])
        #expect(try Network(input: [1]) { Dense(limit, bias: false) }.parameterCount == limit)
    }

    @Test func inputs() {
        for input in [[limit + 1], [1, 1, limit + 1], [2, 1 << 15, 1 << 15], [.max], [.max, .max, .max]] as [Shape] {
            #expect(problem(input: input) { ReLU() } == .tooManyElements(what: "the input", input))
        }
    }

    @Test func outputs() {
        #expect(
            problem(input: [1, 1 << 15, 1 << 15]) { Conv2D(2, kernel: 1) }
                == .tooManyElements(what: "the output", [2, 1 << 15, 1 << 15]))
        #expect(
            problem(input: [1, 1, 1]) { Conv2D(.max, kernel: 1) }
                == .tooManyElements(what: "the output", [.max, 1, 1]))
        #expect(problem(input: [1]) { Dense(.max) } == .tooManyElements(what: "the output", [.max]))
        let padded = 2 * limit + 1
        #expect(
            problem(input: [1, 1, 1]) { Conv2D(1, kernel: 1, padding: .symmetric(limit)) }
                == .tooManyElements(what: "the output", [1, padded, padded]))
    }

    @Test func weights() {
        #expect(
            problem(input: [1 << 16]) { Dense(1 << 15) }
                == .tooManyElements(what: "the weight", [1 << 15, 1 << 16]))
        #expect(
            problem(input: [1 << 16, 1, 1]) { Conv2D(1 << 15, kernel: 1) }
                == .tooManyElements(what: "the weight", [1 << 15, 1 << 16, 1, 1]))
        // The kernel's area times the channels is beyond Int.
        #expect(
            problem(input: [1 << 16, 1, 1]) { Conv2D(1, kernel: limit, padding: .symmetric(1 << 30)) }
                == .tooManyElements(what: "the weight", [1, 1 << 16, limit, limit]))
    }

    @Test func optionsNearTheLargestInteger() {
        let input: Shape = [2, 4, 4]
        #expect(problem(input: input) { Conv2D(1, kernel: Int.max) } == .sizeTooLarge(.max))
        #expect(problem(input: input) { Conv2D(1, kernel: 1, stride: Int.max) } == .sizeTooLarge(.max))
        #expect(problem(input: input) { Conv2D(1, kernel: 1, dilation: Int.max) } == .sizeTooLarge(.max))
        #expect(problem(input: input) { Conv2D(1, kernel: 1, padding: .symmetric(Int.max)) } == .sizeTooLarge(.max))
        #expect(problem(input: input) { MaxPool2D(Int.max) } == .sizeTooLarge(.max))
        #expect(problem(input: input) { AveragePool2D(2, padding: .symmetric(Int.max)) } == .sizeTooLarge(.max))
        #expect(
            problem(input: input) { Conv2D(1, kernel: 1, groups: .max) }
                == .channelsNotDivisible(what: "input channels", channels: 2, groups: .max))
    }

    @Test func largestStrideAndDilation() throws {
        let network = try Network(input: [1, 4, 4]) {
            Conv2D(1, kernel: 1, stride: limit, padding: .same, dilation: limit)
        }
        #expect(network.outputShape == [1, 1, 1])
        #expect(
            problem(input: [1, 4, 4]) { Conv2D(1, kernel: limit, dilation: limit) }
                == .kernelDoesNotFit(
                    kernel: Size(limit), dilation: Size(limit), input: Size(4), padding: .zero))
    }

    /// Ten thousand networks of extreme sizes are built or refused; none ends the process.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func extremesNeverCrash(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var built = 0
        for _ in 0..<2500 {
            let rank = Bool.random(using: &generator) ? 3 : 1
            let input = Shape((0..<rank).map { _ in size(using: &generator) })
            let layers = (0..<Int.random(in: 1...3, using: &generator)).map { _ in layer(using: &generator) }
            do {
                let network = try Network(input: input) { for layer in layers { layer } }
                built += 1
                // What follows from a graph must not overflow either.
                #expect(network.parameterCount >= 0)
                for node in network.graph.nodes.dropFirst() {
                    let inputs = network.graph.inputShapes(of: node)
                    #expect(node.operation.multiplyAdds(inputs: inputs, output: node.shape) >= 0)
                }
            } catch let error as NetworkError {
                #expect(!error.description.isEmpty)
            }
        }
        // Mostly small or mostly huge sizes would leave one of the two paths untried.
        #expect((200..<2000).contains(built))
    }

    private func size(using generator: inout SplitMix64) -> Int {
        let extremes = [
            0, -1, .min, .min + 1, .max, .max - 1, limit, limit + 1, limit - 1, 1 << 16, 1 << 32, 3_037_000_500,
        ]
        // Mostly small sizes, so that some networks get past their first layer.
        let index = Int.random(in: 0..<30 * extremes.count, using: &generator)
        return index < extremes.count ? extremes[index] : index % 9 + 1
    }

    private func padding(using generator: inout SplitMix64) -> Padding {
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: .valid
        case 1: .same
        default:
            .asymmetric(
                top: size(using: &generator), bottom: size(using: &generator), left: size(using: &generator),
                right: size(using: &generator))
        }
    }

    private func layer(using generator: inout SplitMix64) -> any Layer {
        func size() -> Int { self.size(using: &generator) }
        func square() -> Size { Size(size(), size()) }
        switch Int.random(in: 0..<9, using: &generator) {
        case 0, 1:
            return Conv2D(
                size(), kernel: square(), stride: square(), padding: padding(using: &generator), dilation: square(),
                groups: Bool.random(using: &generator) ? 1 : size())
        case 2: return MaxPool2D(square(), stride: square(), padding: padding(using: &generator))
        case 3: return AveragePool2D(square(), stride: square(), padding: padding(using: &generator))
        case 4: return Flatten()
        case 5:
            return LocallyConnected2D(
                size(), kernel: square(), stride: square(), padding: padding(using: &generator))
        case 6: return LocalResponseNorm(size())
        case 7: return ChannelMaxPool(size(), stride: size())
        default: return Dense(size())
        }
    }
}
