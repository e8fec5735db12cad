import Foundation
import TestSupport
import Testing

@testable import ConvNetGraph

/// Damaged files either hold a valid graph or are refused; none ends the process.
@Suite struct GraphFuzzTests {
    private func whole() throws -> [UInt8] {
        let graph = try Network(input: [4, 9, 9]) {
            Conv2D(4, kernel: 3, padding: 1, groups: 2, weightInitializer: .normal()).named("conv")
            ReLU()
            LocalResponseNorm(3)
            MaxPool2D(2, padding: .same)
            AveragePool2D(2, ceilMode: true)
            Residual {
                ZeroPadding2D(1)
                Conv2D(4, kernel: 3)
                BatchNorm()
                LeakyReLU()
            }
            Branches {
                AdaptiveAveragePool2D(2)
                Sequential {
                    GlobalAveragePool2D()
                    Dense(16)
                    Reshape(4, 2, 2)
                    GELU()
                }
            }
            LocallyConnected2D(4, kernel: 2, padding: .same, bias: false)
            ChannelMaxPool(2)
            Flatten()
            AuxiliaryClassifier { Dense(3) }
            Dropout(0.5)
            Dense(3).named("fc")
        }.graph
        return [UInt8](try JSONEncoder().encode(graph))
    }

    /// Decodes `bytes` and, where that works, uses what it made. Returns whether it worked.
    private func decodes(_ bytes: [UInt8]) throws -> Bool {
        let graph: Graph
        do {
            graph = try JSONDecoder().decode(Graph.self, from: Data(bytes))
        } catch let error as NetworkError {
            #expect(!error.description.isEmpty)
            return false
        } catch let error as UnknownLayerKind {
            #expect(!error.description.contains("\n"))
            return false
        } catch is DecodingError {
            return false
        }
        #expect(Set(graph.parameters.map(\.name)).count == graph.parameters.count)
        #expect(graph.parameterRanges.last?.upperBound == graph.parameters.count)
        for (node, consumers) in zip(graph.nodes, graph.consumers).dropLast() {
            #expect(consumers.isEmpty == node.operation is AuxiliaryOutput)
        }
        #expect(Network(graph: graph).parameterCount >= 0)
        return true
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedBytes(seed: UInt64) throws {
        let whole = try whole()
        var generator = SplitMix64(seed: seed)
        var valid = 0
        for _ in 0..<1000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) { damage(&bytes, using: &generator) }
            valid += try decodes(bytes) ? 1 : 0
        }
        // A name, a rate or an initialiser's number may change unnoticed; little else may.
        #expect((1..<300).contains(valid))
    }

    /// Numbers are replaced as a whole, which reaches the checks behind the parser.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedNumbers(seed: UInt64) throws {
        let text = String(decoding: try whole(), as: UTF8.self)
        let numbers = text.ranges(of: /-?[0-9]+(\.[0-9]+)?/)
        let replacements = [
            "0", "1", "2", "-1", "2147483647", "2147483648", "9223372036854775807", "-9223372036854775808", "1e300",
            "18446744073709551616", "0.5", "null", "[]",
        ]
        var generator = SplitMix64(seed: seed)
        var valid = 0
        for _ in 0..<1000 {
            var damaged = text
            guard let range = numbers.randomElement(using: &generator),
                let replacement = replacements.randomElement(using: &generator)
            else { break }
            damaged.replaceSubrange(range, with: replacement)
            valid += try decodes(Array(damaged.utf8)) ? 1 : 0
        }
        #expect((10..<500).contains(valid))
    }

    private func damage(_ bytes: inout [UInt8], using generator: inout SplitMix64) {
        guard let position = bytes.indices.randomElement(using: &generator) else { return }
        // Characters that mean something in JSON do more harm than most bytes.
        let tokens = Array(#"{}[]",:\0123456789-+.eutn "#.utf8) + [0, 0x7F, 0x80, 0xFF]
        let token = tokens.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[position] = token
        case 2: bytes.insert(token, at: position)
        case 3: bytes.remove(at: position)
        case 4: bytes.removeSubrange(position...)
        default:
            // Repeating a piece makes duplicate keys and further nodes.
            let end = min(bytes.count, position + Int.random(in: 1...200, using: &generator))
            bytes.insert(contentsOf: bytes[position..<end], at: position)
        }
    }
}
