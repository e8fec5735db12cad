import ConvNet

// snippet.saliency
/// For each pixel, how much the logit of the class that is found depends on it: the largest over the channels, as images have it.
func saliency(of image: [Float], by model: Model) async throws -> [Float] {
    let logits = try await model.logits(image)
    guard let found = logits.indices.max(by: { logits[$0] < logits[$1] }) else { return [] }
    let gradient = try await model.gradient(of: .logit(found), withRespectTo: .images, for: image)
    let area = model.network.inputShape.height * model.network.inputShape.width
    return (0..<area).map { pixel in
        stride(from: pixel, to: gradient.count, by: area).reduce(0) { max($0, abs(gradient[$1])) }
    }
}
// snippet.end

// snippet.features
/// Whichever of two images looks more like a third, as the last feature maps of a ResNet see it.
func moreAlike(_ image: [Float], _ a: [Float], _ b: [Float], by model: Model) async throws -> [Float] {
    let features = try await model.features(image + a + b, at: ["layer4"])
    let maps = features["layer4"] ?? []
    let size = maps.count / 3
    func distance(to other: Int) -> Float {
        (0..<size).reduce(0) { $0 + (maps[$1] - maps[other * size + $1]) * (maps[$1] - maps[other * size + $1]) }
    }
    return distance(to: 1) < distance(to: 2) ? a : b
}
// snippet.end
