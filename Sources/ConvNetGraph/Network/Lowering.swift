/// Turns layers into a graph: gives every operation its path and its input's shape.
///
/// Names follow PyTorch. A named layer is called by its name; an unnamed one by its position in the nearest container,
/// where every layer counts. A composite layer, a ``Sequential`` and an ``AuxiliaryClassifier`` are containers. A body,
/// ``WithShape``, ``Join`` and its like, and the network itself add no level, and a container that is all there is of a
/// body or a network adds none either, so that `Network { ResNet() }` and a `ResNet` with a body in one `Sequential` have
/// the names that their parts were given.
struct Lowering {
    private(set) var nodes: [Graph.Node]

    /// The node whose output reaches the next layer.
    private var current = 0

    init(input: Shape) throws(NetworkError) {
        let operation = Input(input)
        let path = LayerPath()
        do throws(ShapeError) {
            nodes = [
                Graph.Node(
                    path: path, operation: operation, inputs: [], shape: try operation.checkedOutputShape(for: []))
            ]
        } catch {
            throw NetworkError(path: path, problem: error)
        }
    }

    /// A container under construction: where it stands and which names it has given away.
    struct Scope {
        let path: LayerPath
        private var count = 0
        private var names: Set<String> = []

        init(path: LayerPath) {
            self.path = path
        }

        /// The path of the next layer.
        mutating func claim(_ name: String?) throws(NetworkError) -> LayerPath {
            let name = name ?? String(count)
            count += 1
            guard LayerPath.isName(name) else {
                throw NetworkError(path: path, problem: .invalidName(name))
            }
            guard names.insert(name).inserted else {
                throw NetworkError(path: path.appending(name), problem: .duplicateName(name))
            }
            return path.appending(name)
        }

        /// The path of an operation that no layer stands for, such as a residual's addition: it does not count among the
        /// layers.
        mutating func claim(extra name: String) -> LayerPath {
            var free = name
            var number = 2
            while names.contains(free) {
                free = "\(name)\(number)"
                number += 1
            }
            names.insert(free)
            return path.appending(free)
        }
    }

    /// The nodes of layers that stand at a path of a network: one layer takes it as its own, of several it is the container's. They
    /// read node 0, which is not among them.
    ///
    /// - Returns: also which of them, counted from 1, makes what comes out; 0 where nothing is done.
    static func nodes(
        of layers: LayerList, at path: LayerPath, input: Shape
    ) throws(NetworkError) -> (nodes: [Graph.Node], output: Int) {
        guard !layers.layers.isEmpty, let name = path.components.last else { return ([], 0) }
        var lowering = try Lowering(input: input)
        var scope = Scope(path: LayerPath(Array(path.components.dropLast())))
        let isOne = layers.layers.count == 1
        try lowering.lower(isOne ? layers.layers[0] : Sequential { layers }, name: name, in: &scope)
        return (Array(lowering.nodes.dropFirst()), lowering.current)
    }

    /// Lowers the content of a network or of a body into `scope`.
    mutating func lowerContent(_ content: any Layer, in scope: inout Scope) throws(NetworkError) {
        let layers = (content as? LayerList)?.layers ?? [content]
        switch layers.count == 1 ? layers[0] : nil {
        case let list as LayerList:
            try lowerContent(list, in: &scope)
        case let layer as LayerAtLine:
            try at(layer.line) { lowering throws(NetworkError) in try lowering.lowerContent(layer.content, in: &scope) }
        case let layer as WithShape:
            try lowerContent(layer.content(nodes[current].shape), in: &scope)
        case let layer? where layer.isContainer:
            try lowerParts(of: layer, in: &scope)
        default:
            for layer in layers { try lower(layer, name: nil, in: &scope) }
        }
    }

    private mutating func lower(_ layer: any Layer, name: String?, in scope: inout Scope) throws(NetworkError) {
        switch layer {
        case let layer as LayerAtLine:
            try at(layer.line) { lowering throws(NetworkError) in
                try lowering.lower(layer.content, name: name, in: &scope)
            }
        case let layer as NamedLayer:
            // Of several names the outermost is the one its user sees.
            try lower(layer.content, name: name ?? layer.name, in: &scope)
        case let operation as any GraphOperation:
            try append(operation, to: [current], path: try scope.claim(name))
        case _ where layer.isContainer || name != nil:
            var inner = Scope(path: try scope.claim(name))
            try lowerParts(of: layer, in: &inner)
        default:
            try lowerParts(of: layer, in: &scope)
        }
    }

    /// Lowers what a layer is made of, adding no level.
    private mutating func lowerParts(of layer: any Layer, in scope: inout Scope) throws(NetworkError) {
        switch layer {
        case let list as LayerList:
            for layer in list.layers { try lower(layer, name: nil, in: &scope) }
        case let sequential as Sequential:
            try lowerParts(of: sequential.content, in: &scope)
        case let layer as WithShape:
            try lowerParts(of: layer.content(nodes[current].shape), in: &scope)
        case let classifier as AuxiliaryClassifier:
            let input = current
            try lowerParts(of: classifier.content, in: &scope)
            let output = AuxiliaryOutput(weight: classifier.weight)
            try append(output, to: [current], path: scope.claim(extra: "output"))
            current = input
        case let join as any JoiningLayer:
            let input = current
            var outputs: [Int] = []
            for way in join.ways {
                current = input
                try lowerParts(of: way, in: &scope)
                outputs.append(current)
            }
            // A single branch is a chain like any other.
            if outputs.count != 1 || !(join.operation is Concatenate) {
                // Custom kinds may have dots, which names may not.
                let name = type(of: join.operation).kind.replacing(".", with: "_")
                try append(join.operation, to: outputs, path: scope.claim(extra: name))
            }
        default:
            try lowerContent(layer.body, in: &scope)
        }
    }

    /// Errors on what is at a line of a text say so.
    private mutating func at(
        _ line: Int, _ body: (inout Lowering) throws(NetworkError) -> Void
    ) throws(NetworkError) {
        do {
            try body(&self)
        } catch {
            var error = error
            error.line = error.line ?? line
            throw error
        }
    }

    private mutating func append(
        _ operation: any GraphOperation, to inputs: [Int], path: LayerPath
    ) throws(NetworkError) {
        do throws(ShapeError) {
            let shape = try operation.checkedOutputShape(for: inputs.map { nodes[$0].shape })
            nodes.append(Graph.Node(path: path, operation: operation, inputs: inputs, shape: shape))
            current = nodes.count - 1
        } catch {
            throw NetworkError(path: path, problem: error)
        }
    }
}

/// A layer that is written in a text, which is all that it adds.
package struct LayerAtLine: Layer {
    package typealias Body = Never

    let line: Int
    let content: any Layer

    /// - Parameter line: counted from 1.
    package init(line: Int, content: any Layer) {
        self.line = line
        self.content = content
    }
}

extension Layer {
    /// Whether an unnamed one of these adds a level to the names of its parts.
    fileprivate var isContainer: Bool {
        !(self is LayerList || self is WithShape || self is any JoiningLayer || self is NamedLayer
            || self is LayerAtLine || self is any GraphOperation)
    }
}
