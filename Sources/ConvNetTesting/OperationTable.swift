import ConvNetGraph
import Foundation

extension OperationCase {
    /// An operation as the table has it, for comparison with what the library writes.
    package typealias JSONObject = [String: Any]

    /// The operations of every row, in the JSON of model files.
    package static func operationsInJSON() throws -> [[JSONObject]] {
        let table = try JSONSerialization.jsonObject(with: Data(PackageResources.operations_json)) as? [JSONObject]
        return try (table ?? []).map { row in
            guard let operations = row["operations"] as? [JSONObject] else { throw CocoaError(.coderReadCorrupt) }
            return operations
        }
    }

    static func readTable() throws -> [OperationCase] {
        struct Row: Decodable {
            var name: String
            var input: Shape
            var batchSize: Int
            var training: Bool?
            var inputs: [[Int]]?
        }
        let rows = try JSONDecoder().decode([Row].self, from: Data(PackageResources.operations_json))
        return try zip(rows, operationsInJSON()).map { row, operations in
            try OperationCase(
                name: row.name, batchSize: row.batchSize, isTraining: row.training ?? false, input: row.input,
                operations: operations.map(operation), inputs: row.inputs)
        }
    }

    /// A node is the smallest thing that reads an operation of any kind; the rest of it is made up.
    private static func operation(_ json: JSONObject) throws -> any GraphOperation {
        let node: JSONObject = ["path": [String](), "operation": json, "inputs": [Int](), "shape": [Int]()]
        let data = try JSONSerialization.data(withJSONObject: node)
        return try JSONDecoder().decode(Graph.Node.self, from: data).operation
    }
}
