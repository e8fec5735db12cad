/// The part of the input that one output element depends on.
///
/// Going through a window of extent k, stride s and p pixels of padding before the input, a field of size r that begins at
/// pixel o, with neighbours j pixels apart, becomes one of r + (k − 1)·j that begins at o − p·j, with neighbours j·s apart.
/// Where several ways join, the field reaches from where the first of theirs begins to where the last ends.
///
/// Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019: the
/// recurrences for size, effective stride and the first output's left-most pixel, and the section on arbitrary graphs.
public struct ReceptiveField: Hashable, Sendable {
    /// Height and width in input pixels, not cut at the input's border.
    public var size: Size

    /// The distance between the fields of neighbouring outputs, in input pixels; nil where all outputs see everything.
    public var stride: Size?

    /// Where the field of the first output, (0, 0), begins; the field of output (y, x) begins y and x strides further.
    public var offset: Offset

    /// A place in the input, counted from its first pixel; negative in the padding before that.
    public struct Offset: Hashable, Sendable {
        /// Rows from the top.
        public var row: Int
        /// Columns from the left.
        public var column: Int

        /// Rows from the top and columns from the left.
        public init(row: Int, column: Int) {
            self.row = row
            self.column = column
        }
    }

    static let pixel = ReceptiveField(size: Size(1), stride: Size(1), offset: Offset(row: 0, column: 0))

    func through(_ window: Window) -> ReceptiveField {
        guard let stride else { return self }
        // A graph bounds what its layers make, not how far apart they look: strides beyond the input multiply.
        func grown(_ size: Int, extent: Int, stride: Int) -> Int {
            size.saturatingSum((extent - 1).saturatingProduct(stride))
        }
        func moved(_ offset: Int, padding: Int, stride: Int) -> Int {
            offset.saturatingDifference(padding.saturatingProduct(stride))
        }
        return ReceptiveField(
            size: Size(
                grown(size.height, extent: window.extent.height, stride: stride.height),
                grown(size.width, extent: window.extent.width, stride: stride.width)),
            stride: Size(
                stride.height.saturatingProduct(window.stride.height),
                stride.width.saturatingProduct(window.stride.width)),
            offset: Offset(
                row: moved(offset.row, padding: window.edges.top, stride: stride.height),
                column: moved(offset.column, padding: window.edges.left, stride: stride.width)))
    }
}

extension ReceptiveField.Offset: CustomStringConvertible {
    /// `-3`, or row and column where they differ: `-3, 0`.
    public var description: String { row == column ? "\(row)" : "\(row), \(column)" }
}

extension ReceptiveField.Offset: Encodable {
    /// [row, column].
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(row)
        try container.encode(column)
    }
}

extension Graph {
    /// The receptive field of each node's outputs.
    public var receptiveFields: [ReceptiveField] {
        let whole = ReceptiveField(
            size: inputShape.isFeatureMap ? inputShape.size : Size(1), stride: nil, offset: ReceptiveField.pixel.offset)
        var fields: [ReceptiveField] = []
        fields.reserveCapacity(nodes.count)
        for node in nodes {
            guard !node.inputs.isEmpty else {
                fields.append(.pixel)
                continue
            }
            let source = node.inputs.map { fields[$0] }.union
            if let window = node.operation.window(for: inputShapes(of: node)) {
                fields.append(source.through(window))
            } else {
                fields.append(node.operation.seesWholeInput ? whole : source)
            }
        }
        return fields
    }
}

extension [ReceptiveField] {
    /// What an element depends on that is made from one element of each of several arrays. The strides are alike, but in
    /// graphs that pad one way to the size of another; the largest is what is told of those.
    fileprivate var union: ReceptiveField {
        // What sees the whole input leaves nothing for the others to add.
        if let whole = first(where: { $0.stride == nil }) { return whole }
        let rows = Span(map { ($0.offset.row, $0.size.height) })
        let columns = Span(map { ($0.offset.column, $0.size.width) })
        let strides = compactMap(\.stride)
        return ReceptiveField(
            size: Size(rows.length, columns.length),
            stride: Size(strides.map(\.height).max() ?? 1, strides.map(\.width).max() ?? 1),
            offset: ReceptiveField.Offset(row: rows.start, column: columns.start))
    }
}

/// From the smallest start to the largest end, along one axis.
private struct Span {
    let start, length: Int

    init(_ parts: [(start: Int, length: Int)]) {
        start = parts.map(\.start).min() ?? 0
        length = (parts.map { $0.start.saturatingSum($0.length) }.max() ?? 0).saturatingDifference(start)
    }
}
