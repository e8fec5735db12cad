extension GraphOperation {
    /// The operation without what a table's other columns tell: filters and units stand in the output's shape, biases in
    /// the number of parameters, and initialisers are of no concern.
    ///
    /// A window is written as the lectures and papers do, padding worked out: `Conv2D 7×7 s2 p3`, and `d` and `g` for
    /// dilation and groups.
    func label(inputs: [Shape]) -> String {
        let name = String(describing: Self.self)
        switch self {
        case is Dense, is AdaptiveAveragePool2D: return name
        case is ZeroPadding2D: break
        default:
            guard let window = window(for: inputs) else { break }
            let groups = (self as? Conv2D)?.groups ?? 1
            return "\(name) \(window.label)" + (groups == 1 ? "" : " g\(groups)")
        }
        let code = "\(self)"
        if code == name + "()" { return name }
        return code.utf8.count <= 32 ? code : name
    }
}

extension Window {
    fileprivate var label: String {
        "\(kernel)"
            + (stride == Size(1) ? "" : " s\(stride.label)")
            + (edges == .zero ? "" : " p\(edges.label)")
            + (dilation == Size(1) ? "" : " d\(dilation.label)")
    }
}

extension Size {
    /// `3` for a square, else `3×1`.
    var label: String { height == width ? "\(height)" : "\(self)" }
}

extension Edges {
    /// `1` where all are alike, `1×0` for rows and columns, and before and after where these differ: `0+1`.
    fileprivate var label: String {
        func side(_ before: Int, _ after: Int) -> String { before == after ? "\(before)" : "\(before)+\(after)" }
        let (rows, columns) = (side(top, bottom), side(left, right))
        return rows == columns ? rows : "\(rows)×\(columns)"
    }
}
