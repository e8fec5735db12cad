import ConvNetPages

/// Networks made of others. Layers keep their paths, so that weights go from one to the other by name.
extension Network {
    /// The beginning of the network: what a layer makes becomes its output. Auxiliary classifiers are left out.
    ///
    ///     let trunk = try network.prefix(to: "layer4")
    ///
    /// - Parameter layer: a path as in parameters' names; a container stands for its last layer.
    /// - Throws: ``UnknownLayer``.
    public func prefix(to layer: String) throws -> Network {
        let end = try graph.node(named: layer)
        var isNeeded = graph.nodes.map { _ in false }
        isNeeded[0] = true
        isNeeded[end] = true
        for index in (0...end).reversed() where isNeeded[index] {
            for input in graph.nodes[index].inputs { isNeeded[input] = true }
        }
        var editor = GraphEditor()
        for index in 0...end where isNeeded[index] { try editor.append(graph.nodes[index], index) }
        return try editor.network()
    }

    /// The network without its auxiliary classifiers.
    public func withoutAuxiliaryClassifiers() throws -> Network {
        var editor = GraphEditor()
        let isAuxiliary = graph.isAuxiliary
        for (index, node) in graph.nodes.enumerated() where !isAuxiliary[index] { try editor.append(node, index) }
        return try editor.network()
    }

    /// The network with other layers in the place of one, or of a container: a new head, say.
    ///
    ///     let own = try network.replacing("fc") { Dense(5) }
    ///
    /// One layer takes the path of what it replaces, several become parts of a container of that path; all shapes behind are
    /// computed anew.
    ///
    /// - Parameters:
    ///   - layer: a path as in parameters' names.
    ///   - layers: what reads what the replaced layer read; nothing takes the layer out.
    /// - Throws: ``UnknownLayer``, and ``NetworkError`` where the layers do not fit, or where what is to be replaced has more than
    ///   one way in or out.
    public func replacing(_ layer: String, @LayerBuilder with layers: () throws -> LayerList) throws -> Network {
        let replaced = try graph.nodes(named: layer)
        let path = graph.nodes[replaced.lowerBound].path
        func refuse(_ problem: String) -> NetworkError { NetworkError(path: path, problem: .custom(problem)) }
        let members = Set(replaced.filter { graph.path(of: $0, isIn: layer) })
        let sources = Set(members.flatMap { graph.nodes[$0].inputs }).subtracting(members)
        guard let source = sources.first, sources.count == 1 else {
            throw refuse("'\(layer)' reads \(sources.count) layers, and can be replaced only where it reads one")
        }
        let consumers = graph.consumers
        let last = graph.nodes.count - 1
        let ends = members.filter { member in
            member == last || consumers[member].contains { !members.contains($0) }
        }
        guard let end = ends.first, ends.count == 1 else {
            throw refuse(
                "others read \(ends.count) layers of '\(layer)', which can be replaced only where they read one")
        }
        guard !members.contains(where: { graph.nodes[$0].operation is AuxiliaryOutput }) else {
            throw refuse("'\(layer)' has an auxiliary classifier in it; take those out before")
        }
        var editor = GraphEditor()
        for (index, node) in graph.nodes.enumerated() where !members.contains(index) || index == end {
            if index == end {
                try editor.append(
                    layers(), at: LayerPath(layer.split(separator: ".").map(String.init)), on: source, as: end)
            } else {
                try editor.append(node, index)
            }
        }
        return try editor.network()
    }

    /// The network with more layers behind one: whoever read that reads what the new ones make of it.
    ///
    /// - Parameters:
    ///   - layer: a path as in parameters' names; a container stands for its last layer.
    ///   - name: what the new layers' container is called, beside the layer.
    /// - Throws: ``UnknownLayer``, ``NetworkError``.
    public func inserting(
        after layer: String, named name: String, @LayerBuilder _ layers: () throws -> LayerList
    ) throws -> Network {
        let place = try graph.node(named: layer)
        let path = LayerPath(layer.split(separator: ".").dropLast().map(String.init) + [name])
        guard !graph.nodes.indices.contains(where: { graph.path(of: $0, isIn: path.dotted) }) else {
            throw NetworkError(path: path, problem: .duplicateName(name))
        }
        var editor = GraphEditor()
        for (index, node) in graph.nodes.enumerated() {
            try editor.append(node, index)
            if index == place { try editor.append(layers(), at: path, on: place, as: place) }
        }
        return try editor.network()
    }

    /// The network with other operations: other dropout rates or initialisers, say. All shapes are computed anew.
    ///
    ///     let gentle = try network.mapOperations { node in
    ///         node.operation is Dropout ? Dropout(0.1) : node.operation
    ///     }
    ///
    /// - Parameter transform: gets every node but the images; what it returns stands in its place.
    /// - Throws: ``NetworkError``, and what `transform` throws.
    public func mapOperations(_ transform: (Graph.Node) throws -> any GraphOperation) throws -> Network {
        var editor = GraphEditor()
        for (index, node) in graph.nodes.enumerated() {
            var operation = node.operation
            if index > 0 { operation = try transform(node) }
            try editor.append(
                Graph.Node(path: node.path, operation: operation, inputs: node.inputs, shape: node.shape), index)
        }
        return try editor.network()
    }
}

/// A graph under construction out of another one's nodes.
private struct GraphEditor {
    private var nodes: [Graph.Node] = []
    /// By the other graph's index, where what it made is made now.
    private var places: [Int: Int] = [:]

    /// Adds a node that reads what its inputs have become, with the shape that it then has.
    mutating func append(_ node: Graph.Node, _ index: Int) throws {
        let inputs = node.inputs.map { places[$0] ?? 0 }
        do throws(ShapeError) {
            let shape = try node.operation.checkedOutputShape(for: inputs.map { nodes[$0].shape })
            nodes.append(Graph.Node(path: node.path, operation: node.operation, inputs: inputs, shape: shape))
        } catch {
            throw NetworkError(path: node.path, problem: error)
        }
        places[index] = nodes.count - 1
    }

    /// Adds layers that read one of the other graph's nodes, and stand for another one from there on.
    mutating func append(_ layers: LayerList, at path: LayerPath, on source: Int, as end: Int) throws {
        let input = places[source] ?? 0
        let (parts, output) = try Lowering.nodes(of: layers, at: path, input: nodes[input].shape)
        let first = nodes.count
        for part in parts {
            // The first of them is the source itself.
            let inputs = part.inputs.map { $0 == 0 ? input : first + $0 - 1 }
            nodes.append(Graph.Node(path: part.path, operation: part.operation, inputs: inputs, shape: part.shape))
        }
        places[end] = output == 0 ? input : first + output - 1
    }

    func network() throws -> Network { Network(graph: try Graph(nodes: nodes)) }
}

extension Graph {
    /// The node of a layer, or of the last layer in a container, by its path as in parameters' names; `images` is the first.
    ///
    /// - Throws: ``UnknownLayer``.
    public func node(named name: String) throws(UnknownLayer) -> Int {
        if name == "images" { return 0 }
        let members = try nodes(named: name).filter { path(of: $0, isIn: name) }
        // What a container passes on does not come from an auxiliary classifier in it.
        let isAuxiliary = isAuxiliary
        let own = members.filter { !isAuxiliary[$0] }
        return (own.isEmpty ? members.filter { !(nodes[$0].operation is AuxiliaryOutput) } : own).last ?? members[0]
    }

    /// From the first to the last node of a layer or a container.
    fileprivate func nodes(named name: String) throws(UnknownLayer) -> ClosedRange<Int> {
        let found = nodes.indices.dropFirst().filter { path(of: $0, isIn: name) }
        guard let first = found.first, let last = found.last else {
            throw UnknownLayer(
                name: name, suggestion: nearestName(to: name, in: ["images"] + nodes.dropFirst().map(\.path.dotted)))
        }
        return first...last
    }

    /// Whether a node is the layer of that path, or a part of it.
    fileprivate func path(of index: Int, isIn name: String) -> Bool {
        let path = nodes[index].path.dotted
        return !name.isEmpty && (path == name || path.hasPrefix(name + "."))
    }
}

/// The path of a layer that a network does not have.
public struct UnknownLayer: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked for.
    public let name: String
    /// The nearest path that there is; nil where none is near.
    public let suggestion: String?

    public var description: String {
        "the network has no layer '\(printable(name))'" + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
    }
}
