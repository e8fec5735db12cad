import Foundation
import TestSupport
import Testing

@testable import ConvNetGraph

/// The table of cases itself: it leaves no operation out, and its JSON is that of model files.
@Suite struct OperationTableTests {
    @Test func everyKindOfOperationHasCases() throws {
        let covered = try Set(OperationCase.all.flatMap { $0.graph.nodes.map { type(of: $0.operation).kind } })
        #expect(covered == Set(OperationRegistry.all.map { $0.kind }))
    }

    @Test func operationsAreWrittenAsTheTableHasThem() throws {
        for (operation, json) in try zip(OperationCase.all, OperationCase.operationsInJSON()) {
            let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(operation.graph))
            let nodes = try #require((written as? [String: Any])?["nodes"] as? [[String: Any]]).dropFirst()
            for (node, expected) in zip(nodes, json) {
                let operation = try #require(node["operation"] as? [String: Any])
                #expect(NSDictionary(dictionary: operation) == NSDictionary(dictionary: expected))
            }
        }
    }

    @Test(arguments: try OperationCase.all)
    func graphSurvivesEncoding(_ operation: OperationCase) throws {
        let decoded = try JSONDecoder().decode(Graph.self, from: JSONEncoder().encode(operation.graph))
        #expect(decoded == operation.graph)
    }
}
