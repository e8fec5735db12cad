/// The part of the input that one output element depends on.
///
/// Going through a window of extent k and stride s, a field of size r with neighbours j pixels apart becomes one of
/// r + (k − 1)·j with neighbours j·s apart. Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional
/// Neural Networks", Distill, 2019, equations 1 and 2.
public struct ReceptiveField: Hashable, Sendable {
    /// Height and width in input pixels, not cut at the input's border.
    public var size: Size

    /// The distance between the fields of neighbouring outputs, in input pixels; nil where all outputs see everything.
    public var stride: Size?

    static let pixel = ReceptiveField(size: Size(1), stride: Size(1))

    func through(_ window: Window) -> ReceptiveField {
        guard let stride else { return self }
        // A graph bounds what its layers make, not how far apart they look: strides beyond the input multiply.
        func grown(_ size: Int, extent: Int, stride: Int) -> Int {
            size.saturatingSum((extent - 1).saturatingProduct(stride))
        }
        return ReceptiveField(
            size: Size(
                grown(size.height, extent: window.extent.height, stride: stride.height),
                grown(size.width, extent: window.extent.width, stride: stride.width)),
            stride: Size(
                stride.height.saturatingProduct(window.stride.height),
                stride.width.saturatingProduct(window.stride.width)))
    }
}

extension Graph {
    /// The receptive field of each node's outputs.
    public var receptiveFields: [ReceptiveField] {
        var fields: [ReceptiveField] = []
        for node in nodes {
            guard !node.inputs.isEmpty else {
                fields.append(.pixel)
                continue
            }
            let source = node.inputs.map { fields[$0] }.union
            if let window = node.operation.window(for: inputShapes(of: node)) {
                fields.append(source.through(window))
            } else if node.operation.seesWholeInput {
                fields.append(ReceptiveField(size: inputShape.isFeatureMap ? inputShape.size : Size(1), stride: nil))
            } else {
                fields.append(source)
            }
        }
        return fields
    }
}

extension [ReceptiveField] {
    /// What an element depends on that is made from one element of each of several arrays: the largest of the fields,
    /// which lie around one centre.
    fileprivate var union: ReceptiveField {
        var union = self[0]
        for field in dropFirst() {
            union.size = Size(
                Swift.max(union.size.height, field.size.height), Swift.max(union.size.width, field.size.width))
            if field.stride == nil { union.stride = nil }
        }
        return union
    }
}
