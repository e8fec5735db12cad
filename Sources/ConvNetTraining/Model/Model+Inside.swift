import ConvNetEngine
import ConvNetGraph

/// What a gradient is taken of, as in evaluation: batch norms by their running statistics, without dropout.
public enum GradientSource: Sendable {
    /// The logit of a class, image by image.
    case logit(Int)
    /// The mean of a loss over all images, of which each has a class.
    case loss(any Loss, labels: [Int])
    /// A weighted sum of what a layer makes: the weights are given, N×C×H×W or N×features.
    case output(of: String, weights: [Float])
}

/// What a gradient is taken with respect to.
public enum GradientTarget: Hashable, Sendable {
    /// The images as the network reads them, after preprocessing: N×C×H×W.
    case images
    /// What a layer makes: N×C×H×W or N×features.
    case output(of: String)
    /// A parameter, in PyTorch's layout; summed over the images.
    case parameter(String)
}

extension Model {
    /// What layers make of images: feature maps, say, for a classifier of one's own.
    ///
    ///     let maps = try await model.features(images, at: ["layer4"])
    ///
    /// - Parameters:
    ///   - images: N×C×H×W, row-major, as the dataset has them: they are preprocessed here.
    ///   - layers: paths as in parameters' names, e.g. `layer1.0.conv1`; `images` is what the network reads. A container stands for
    ///     what its last layer makes.
    /// - Returns: by path, N×C×H×W or N×features.
    /// - Throws: ``UnknownLayer``, ``ModelError/imageSize(expected:received:)``, ``EngineError``.
    public func features(_ images: [Float], at layers: [String]) throws -> [String: [Float]] {
        var nodes: [String: Int] = [:]
        for layer in layers { nodes[layer] = try network.graph.node(named: layer) }
        var features: [String: [Float]] = nodes.mapValues { _ in [] }
        let request = PlanRequest(outputs: Set(nodes.values))
        try compiled.forEachPart(of: try preprocessed(images), request) { plan, _ in
            for (layer, node) in nodes { features[layer]? += try plan.output(of: node) }
        }
        return features
    }

    /// The gradient of one thing with respect to another: which pixels a class depends on, say.
    ///
    ///     let saliency = try await model.gradient(of: .logit(3), withRespectTo: .images, for: image)
    ///
    /// - Parameter images: N×C×H×W, row-major, as the dataset has them: they are preprocessed here.
    /// - Throws: ``UnknownLayer``, ``ModelError/unknownParameter(_:suggestion:)``,
    ///   ``ModelError/gradientSource(_:)``, ``ModelError/imageSize(expected:received:)``, ``EngineError``.
    ///
    /// Source of the use: Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", 2014, section 3.
    public func gradient(
        of source: GradientSource, withRespectTo target: GradientTarget, for images: [Float]
    ) throws -> [Float] {
        try gradients(of: source, withRespectTo: [target], for: images)[0]
    }

    /// Several gradients of one thing, from one way back.
    ///
    /// - Returns: one array for each target, in their order.
    /// - Throws: as ``gradient(of:withRespectTo:for:)``.
    public func gradients(
        of source: GradientSource, withRespectTo targets: [GradientTarget], for images: [Float]
    ) throws -> [[Float]] {
        let graph = network.graph
        let images = try preprocessed(images)
        let (node, weights) = try weights(of: source, for: images)
        var request = PlanRequest(sources: [node])
        let places = try targets.map { target -> (index: Int, isParameter: Bool) in
            switch target {
            case .images: (0, false)
            case .output(let layer): (try graph.node(named: layer), false)
            case .parameter(let name): (try graph.parameter(named: name), true)
            }
        }
        for place in places {
            if place.isParameter {
                request.parameterGradients.insert(place.index)
            } else {
                request.gradients.insert(place.index)
            }
        }
        var gradients = targets.map { _ in [Float]() }
        let size = graph.nodes[node].shape.count
        try compiled.forEachPart(of: images, request) { plan, part in
            try plan.setGradient(Array(weights[part.lowerBound * size..<part.upperBound * size]), of: node)
            try plan.backward()
            for (index, place) in places.enumerated() {
                guard place.isParameter else {
                    gradients[index] += try plan.gradient(ofNode: place.index)
                    continue
                }
                let own = try plan.gradient(ofParameter: place.index)
                gradients[index] = gradients[index].isEmpty ? own : zip(gradients[index], own).map(+)
            }
        }
        return gradients
    }

    /// The node that a gradient is put on, and its elements for all images.
    private func weights(of source: GradientSource, for images: [Float]) throws -> (node: Int, weights: [Float]) {
        let graph = network.graph
        let count = images.count / network.inputShape.count
        let (last, classes) = (graph.nodes.count - 1, graph.outputShape.count)
        func expect(_ received: Int, _ expected: Int, _ what: String) throws {
            guard received == expected else {
                throw ModelError.gradientSource("\(expected) \(what) are needed, received \(received)")
            }
        }
        switch source {
        case .logit(let index):
            guard (0..<classes).contains(index) else {
                throw ModelError.gradientSource("there is no output \(index); there are \(classes), counted from 0")
            }
            return (last, (0..<count * classes).map { $0 % classes == index ? 1 : 0 })
        case .output(let layer, let weights):
            let node = try graph.node(named: layer)
            try expect(weights.count, count * graph.nodes[node].shape.count, "weights")
            return (node, weights)
        case .loss(let loss, let labels):
            try expect(labels.count, count, "labels")
            try loss.validate(classes: classes)
            guard labels.allSatisfy((0..<classes).contains) else {
                throw ModelError.gradientSource("labels are 0 to \(classes - 1)")
            }
            let logits = try compiled.logits(images)
            var gradient = [Float](repeating: 0, count: logits.count)
            _ = loss.evaluate(
                logits: logits, labels: labels.map(Int32.init), softTargets: nil, samples: count, classes: classes,
                gradient: &gradient)
            return (last, gradient)
        }
    }
}

extension Graph {
    /// - Throws: ``ModelError/unknownParameter(_:suggestion:)``.
    fileprivate func parameter(named name: String) throws(ModelError) -> Int {
        guard let index = parameters.firstIndex(where: { $0.name == name }) else {
            throw .unknownParameter(name, suggestion: nearestName(to: name, in: parameters.map(\.name)))
        }
        return index
    }
}
