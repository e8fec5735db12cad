// Lists the public declarations in symbol graphs that have no documentation, and fails where there are any.
//
// Arguments: symbol graphs as `swift-symbolgraph-extract -skip-protocol-implementations` writes them. What implements a
// protocol's requirement is documented there; an `init()` without parameters by its type.
import Foundation

struct SymbolGraph: Decodable {
    struct Symbol: Decodable {
        struct Kind: Decodable { var identifier: String }
        struct Identifier: Decodable { var precise: String }
        struct Comment: Decodable {}
        struct Location: Decodable {
            struct Position: Decodable { var line: Int }
            var uri: String
            var position: Position
        }
        var kind: Kind
        var identifier: Identifier
        var pathComponents: [String]
        var docComment: Comment?
        /// Missing in what the compiler has made up.
        var location: Location?
    }
    var symbols: [Symbol]
}

var isComplete = true
for path in CommandLine.arguments.dropFirst() {
    let graph = try JSONDecoder().decode(SymbolGraph.self, from: Data(contentsOf: URL(filePath: path)))
    for symbol in graph.symbols where symbol.docComment == nil {
        guard let location = symbol.location, !symbol.identifier.precise.contains("::SYNTHESIZED::"),
            symbol.kind.identifier != "swift.extension", symbol.pathComponents.last != "init()"
        else { continue }
        isComplete = false
        let file = URL(string: location.uri)?.path ?? location.uri
        let name = symbol.pathComponents.joined(separator: ".")
        FileHandle.standardError.write(Data("\(file):\(location.position.line + 1): \(name) is undocumented\n".utf8))
    }
}
exit(isComplete ? 0 : 1)
