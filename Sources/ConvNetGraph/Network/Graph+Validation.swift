extension Graph {
    /// Checks that the nodes make a valid graph and returns its parameters. The rules:
    ///
    /// 1. The first node, and no other, is the input; something follows it.
    /// 2. Each node's inputs come before it; each node but the last and auxiliary outputs is read by another, so nothing is
    ///    computed in vain.
    /// 3. Each shape is what the operation makes of its inputs, and no array has more than 2³¹ − 1 elements.
    /// 4. Paths are unique and their components are names, so that no two parameters are called alike.
    /// 5. An auxiliary output is not the last node, no node reads it, and it has the shape of the last, the network's output.
    static func validate(_ nodes: [Node]) throws(NetworkError) -> [Parameter] {
        guard nodes.count > 1 else { throw NetworkError(path: LayerPath(), problem: .empty) }
        guard nodes.count <= Limits.nodes else {
            throw NetworkError(path: LayerPath(), problem: .tooManyNodes(nodes.count))
        }
        /// By node.
        var parameters: [[Parameter]] = []
        var paths: Set<LayerPath> = []
        var names: Set<String> = []
        var isRead = nodes.map { _ in false }
        for (index, node) in nodes.enumerated() {
            guard (node.operation is Input) == (index == 0) else {
                throw NetworkError(path: node.path, problem: .inputNotFirst)
            }
            guard node.inputs.isEmpty == (index == 0) else {
                let problem = ShapeError.wrongInputCount(expected: index == 0 ? 0 : 1, received: node.inputs.count)
                throw NetworkError(path: node.path, problem: problem)
            }
            for input in node.inputs {
                guard (0..<index).contains(input) else {
                    throw NetworkError(path: node.path, problem: .inputNotBefore(input))
                }
                isRead[input] = true
            }
            let pathBytes = node.path.components.reduce(0) { $0 + $1.utf8.count + 1 }
            guard pathBytes <= Limits.nameBytes else {
                throw NetworkError(path: LayerPath(), problem: .nameTooLong(bytes: pathBytes))
            }
            if let invalid = node.path.components.first(where: { !LayerPath.isName($0) }) {
                throw NetworkError(path: node.path, problem: .invalidName(invalid))
            }
            guard paths.insert(node.path).inserted else {
                throw NetworkError(path: node.path, problem: .duplicateName(node.path.components.last ?? ""))
            }
            let inputs = node.inputs.map { nodes[$0].shape }
            let own = try checkShapes(of: node, inputs: inputs)
            if let long = own.first(where: { $0.name.utf8.count > Limits.nameBytes }) {
                throw NetworkError(path: LayerPath(), problem: .nameTooLong(bytes: long.name.utf8.count))
            }
            if let taken = own.first(where: { !names.insert($0.name).inserted }) {
                throw NetworkError(path: node.path, problem: .duplicateParameter(taken.name))
            }
            parameters.append(own)
        }
        try validateAuxiliaryOutputs(nodes)
        for (node, isRead) in zip(nodes, isRead).dropLast() where !isRead && !(node.operation is AuxiliaryOutput) {
            throw NetworkError(path: node.path, problem: .outputNotUsed)
        }
        return zip(parameters, isAuxiliary(nodes)).flatMap { own, isAuxiliary in
            own.map { parameter in
                var parameter = parameter
                parameter.isAuxiliary = isAuxiliary
                return parameter
            }
        }
    }

    private static func checkShapes(of node: Node, inputs: [Shape]) throws(NetworkError) -> [Parameter] {
        do throws(ShapeError) {
            let shape = try node.operation.checkedOutputShape(for: inputs)
            guard shape == node.shape else { throw ShapeError.wrongShape(expected: shape, received: node.shape) }
        } catch {
            throw NetworkError(path: node.path, problem: error)
        }
        return node.operation.parameters(for: inputs).map { parameter in
            var parameter = parameter
            parameter.name = node.path.appending(parameter.name).dotted
            return parameter
        }
    }
}

extension GraphOperation {
    /// ``outputShape(for:)``, refusing outputs that are neither feature map nor flat, arrays of more than 2³¹ − 1
    /// elements, and custom layers that pass for built-in ones.
    package func checkedOutputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let limit = Graph.maximumElementCount
        let shape = try outputShape(for: inputs)
        guard shape.rank == 1 || shape.isFeatureMap else { throw .unsupportedRank(shape) }
        if self is any CustomLayer, OperationRegistry.type(ofKind: Self.kind) != nil { throw .reservedKind(Self.kind) }
        for size in shape.dimensions where size <= 0 { throw .notPositive("each size of the output", size) }
        guard shape.count(notExceeding: limit) != nil else {
            throw .tooManyElements(what: self is Input ? "the input" : "the output", shape)
        }
        for parameter in parameters(for: inputs) {
            guard LayerPath.isName(parameter.name) else { throw .invalidName(parameter.name) }
            for size in parameter.shape where size <= 0 { throw .notPositive("each size of \(parameter.name)", size) }
        }
        for parameter in parameters(for: inputs)
        where Shape(parameter.shape).count(notExceeding: limit) == nil {
            throw .tooManyElements(what: "the \(parameter.name)", Shape(parameter.shape))
        }
        return shape
    }
}
