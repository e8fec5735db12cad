import Testing

@testable import ConvNetGraph

@Suite struct LayerBuilderTests {
    /// Layers as the Swift that makes them, in the order in which they were collected.
    private func layers(@LayerBuilder _ content: () -> LayerList) -> [String] {
        content().layers.map { "\($0)" }
    }

    @Test func statementsInARow() {
        let collected = layers {
            Dense(3)
            ReLU()
        }
        #expect(collected == ["Dense(3)", "ReLU()"])
    }

    @Test func emptyBody() {
        #expect(layers {} == [])
    }

    @Test(arguments: [false, true])
    func ifAlone(condition: Bool) {
        let collected = layers {
            Dense(3)
            if condition { ReLU() }
        }
        #expect(collected == (condition ? ["Dense(3)", "ReLU()"] : ["Dense(3)"]))
    }

    @Test(arguments: [false, true])
    func ifElse(condition: Bool) {
        let collected = layers {
            if condition {
                Dense(3)
                ReLU()
            } else {
                Tanh()
            }
        }
        #expect(collected == (condition ? ["Dense(3)", "ReLU()"] : ["Tanh()"]))
    }

    @Test(arguments: [(0, ["ReLU()"]), (1, ["Tanh()", "Dense(1)"]), (2, ["Sigmoid()"])])
    func switchStatement(value: Int, expected: [String]) {
        let collected = layers {
            switch value {
            case 0: ReLU()
            case 1:
                Tanh()
                Dense(1)
            default: Sigmoid()
            }
        }
        #expect(collected == expected)
    }

    @Test func forLoop() {
        let collected = layers {
            for units in [8, 4, 2] {
                Dense(units)
                if units > 2 { ReLU() }
            }
            for _ in 0..<0 { Tanh() }
        }
        #expect(collected == ["Dense(8)", "ReLU()", "Dense(4)", "ReLU()", "Dense(2)"])
    }

    @Test func declarations() {
        let collected = layers {
            let units = 5
            Dense(units)
            let activation: any Layer = ReLU()
            activation
        }
        #expect(collected == ["Dense(5)", "ReLU()"])
    }

    @Test func availability() {
        let collected = layers {
            if #available(macOS 15, *) { ReLU() }
            if #available(macOS 15, *) { Tanh() } else { Sigmoid() }
        }
        #expect(collected == ["ReLU()", "Tanh()"])
    }

    /// Result builders with a method for each number of statements used to stop at ten.
    @Test func sixtyStatements() {
        let collected = layers {
            Dense(1)
            Dense(2)
            Dense(3)
            Dense(4)
            Dense(5)
            Dense(6)
            Dense(7)
            Dense(8)
            Dense(9)
            Dense(10)
            Dense(11)
            Dense(12)
            Dense(13)
            Dense(14)
            Dense(15)
            Dense(16)
            Dense(17)
            Dense(18)
            Dense(19)
            Dense(20)
            Dense(21)
            Dense(22)
            Dense(23)
            Dense(24)
            Dense(25)
            Dense(26)
            Dense(27)
            Dense(28)
            Dense(29)
            Dense(30)
            Dense(31)
            Dense(32)
            Dense(33)
            Dense(34)
            Dense(35)
            Dense(36)
            Dense(37)
            Dense(38)
            Dense(39)
            Dense(40)
            Dense(41)
            Dense(42)
            Dense(43)
            Dense(44)
            Dense(45)
            Dense(46)
            Dense(47)
            Dense(48)
            Dense(49)
            Dense(50)
            Dense(51)
            Dense(52)
            Dense(53)
            Dense(54)
            Dense(55)
            Dense(56)
            Dense(57)
            Dense(58)
            Dense(59)
            Dense(60)
        }
        #expect(collected == (1...60).map { "Dense(\($0))" })
    }

    /// The same statements in a `body`, where the builder applies without being written.
    @Test func bodies() throws {
        let network = try Network(input: [4]) { Classifier(depth: 2, normalizes: true) }
        #expect(network.graph.nodes.dropFirst().map { "\($0.operation)" } == ["Dense(2)", "Dense(3)", "Sigmoid()"])
        let other = try Network(input: [4]) { Classifier(depth: 1, normalizes: false) }
        #expect(other.graph.nodes.dropFirst().map { "\($0.operation)" } == ["Dense(2)", "Tanh()"])
    }
}

private struct Classifier: Layer {
    var depth: Int
    var normalizes: Bool

    var body: some Layer {
        let first = 2
        for index in 0..<depth { Dense(first + index) }
        switch normalizes {
        case true: Sigmoid()
        case false: Tanh()
        }
    }
}
