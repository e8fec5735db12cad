import Foundation
import Testing

@testable import ConvNetGraph

@Suite struct ComparisonTests {
    private static let paper = PublishedAccuracy(
        top1: 0.7613, top5: 0.92862, dataset: "ImageNet", evaluation: "validation, single centre crop",
        source: "A & B, 2016, table 4", url: "https://example.org/a?b=1&c=2")

    private static func comparison() throws -> NetworkComparison {
        let small = try Network(input: [1, 12, 12]) {
            Conv2D(8, kernel: 5)
            ReLU()
            MaxPool2D(2)
            Flatten()
            Dense(10)
        }
        let wide = try Network(input: [3, 32, 32]) {
            Conv2D(64, kernel: 3, padding: 1, bias: false)
            GlobalAveragePool2D()
            Dense(1000)
        }
        var other = paper
        other.top1 = 0.8
        other.top5 = nil
        return NetworkComparison([
            .init("small", small), .init("wide", wide, accuracy: paper), .init("<wider>", wide, accuracy: other),
        ])
    }

    @Test func table() throws {
        // small: 8·26 + 10·(8·16 + 1) parameters, 8·64·25 + 1280 multiply-adds, 4·(512 + 512 + 128 + 128 + 10) bytes.
        // wide: 64·27 + 65,000 parameters, 64·1024·27 + 64,000 multiply-adds, 4·(65,536 + 64 + 1000) bytes.
        #expect(
            "\(try Self.comparison())" == """
                network    input   top-1   top-5     parameters  multiply-adds  activations    weights  field
                ─────────────────────────────────────────────────────────────────────────────────────────────
                small    1×12×12       –       –         1.50 k         14.1 k      5.0 KiB    5.9 KiB      6
                wide     3×32×32  76.1 %  92.9 %  ¹      66.7 k         1.83 M    260.2 KiB  260.7 KiB      3
                <wider>  3×32×32  80.0 %       –  ¹      66.7 k         1.83 M    260.2 KiB  260.7 KiB      3

                ¹ A & B, 2016, table 4: ImageNet, validation, single centre crop <https://example.org/a?b=1&c=2>
                """)
    }

    @Test func tableWithoutAccuracies() throws {
        let rows = try Self.comparison().rows
        #expect(
            "\(NetworkComparison([rows[0]]))" == """
                network    input  parameters  multiply-adds  activations  weights  field
                ────────────────────────────────────────────────────────────────────────
                small    1×12×12      1.50 k         14.1 k      5.0 KiB  5.9 KiB      6
                """)
    }

    /// Ten crops make every network better: accuracies are compared that were measured alike.
    @Test func likeStandsBesideLike() throws {
        let network = try Network(input: [1, 12, 12]) { Conv2D(8, kernel: 5) }
        func accuracy(_ top1: Double, _ evaluation: String) -> PublishedAccuracy {
            PublishedAccuracy(top1: top1, dataset: "ImageNet", evaluation: evaluation, source: "A, 2016")
        }
        let plain = NetworkComparison.Row("plain", network, accuracies: [accuracy(0.72, "ten crops")])
        let deep = NetworkComparison.Row(
            "deep", network, accuracies: [accuracy(0.69, "one crop"), accuracy(0.73, "ten crops")])
        let other = NetworkComparison.Row("other", network, accuracy: accuracy(0.7, "one crop"))
        func shown(_ rows: NetworkComparison.Row...) -> [Double?] {
            NetworkComparison(rows).rows.map { $0.accuracy?.top1 }
        }
        #expect(shown(deep) == [0.69])
        #expect(shown(plain, deep) == [0.72, 0.73] && shown(deep, plain) == [0.73, 0.72])
        #expect(shown(deep, other) == [0.69, 0.7])
        #expect(shown(plain, deep, other, other) == [0.72, 0.69, 0.7, 0.7])

        #expect(!"\(NetworkComparison([plain, deep]))".contains("measured on"))
        // Where they cannot all be alike, each says what it is.
        let mixed = NetworkComparison([plain, other])
        let lines = "\(mixed)".split(separator: "\n")
        #expect(lines[0].contains("  measured on  "))
        #expect(lines[2].contains("72.0 %") && lines[2].contains("  ten crops  "))
        #expect(lines[3].contains("70.0 %") && lines[3].contains("  one crop  "))
        #expect(ComparisonPage(mixed).html.contains("<td>ten crops</td>"))
        #expect(ComparisonPage(mixed).html.contains(">other (one crop)</text>"))
    }

    @Test func aNarrowTableSaysWhatItLeavesOut() throws {
        let comparison = try Self.comparison()
        #expect(comparison.description(fitting: 200) == "\(comparison)")
        let lines = comparison.description(fitting: 80).split(separator: "\n")
        #expect(lines[0] == "network    input   top-1   top-5     parameters  multiply-adds  field")
        #expect(lines[5] == "left out, since the terminal is narrow: activations and weights")
        #expect(lines[6].hasPrefix("¹ A & B, 2016, table 4: ImageNet"))
        #expect(lines.allSatisfy { $0.count <= 80 })
    }

    @Test func json() throws {
        let rows = try Self.comparison().rows
        let json = try JSONEncoder.sorted.encode(NetworkComparison(Array(rows.dropLast())))
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"{"networks":["#
                + #"{"activation_bytes":5160,"input_shape":[1,12,12],"multiply_adds":14080,"name":"small","#
                + #""parameter_bytes":5992,"parameters":1498,"receptive_field":[6,6]},"#
                + #"{"accuracy":{"dataset":"ImageNet","evaluation":"validation, single centre crop","#
                + #""source":"A & B, 2016, table 4","top1_accuracy":0.7613,"top5_accuracy":0.92862,"#
                + #""url":"https://example.org/a?b=1&c=2"},"#
                + #""activation_bytes":266400,"input_shape":[3,32,32],"multiply_adds":1833472,"name":"wide","#
                + #""parameter_bytes":266912,"parameters":66728,"receptive_field":[3,3]}]}"#)
    }

    /// What one pixel of the last feature map sees; adaptive and global pooling, and what follows, look at all of it.
    @Test func fieldOfTheLastFeatureMap() throws {
        func field(@LayerBuilder _ layers: () -> LayerList) throws -> Size {
            NetworkComparison.Row("", try Network(input: [3, 32, 32], layers: layers)).receptiveField.size
        }
        let adaptive = try field {
            Conv2D(4, kernel: 5)
            MaxPool2D(2)
            AdaptiveAveragePool2D(7)
            ReLU()
            Flatten()
            Dense(10)
        }
        #expect(adaptive == Size(6))
        let joined = try field {
            Branches {
                Conv2D(4, kernel: 1)
                Conv2D(4, kernel: 3, padding: 1)
            }
            GlobalMaxPool2D()
        }
        #expect(joined == Size(3))
        #expect(try field { Conv2D(4, kernel: Size(3, 1)) } == Size(3, 1))
        let dense = try field {
            Flatten()
            Dense(10)
        }
        #expect(dense == Size(32))
        #expect(try field { GlobalAveragePool2D() } == Size(32))
    }
}
