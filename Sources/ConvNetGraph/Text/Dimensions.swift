/// Whole numbers with `x` or `×` between them: `3x224x224`; nil for anything else.
package func dimensions(_ text: String) -> [Int]? {
    let numbers = text.lowercased().split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "×" }.map { Int($0) }
    let known = numbers.compactMap { $0 }
    return known.count == numbers.count ? known : nil
}

extension Size {
    /// `3` or, height first, `3x5`; nil for anything else.
    package init?(text: String) {
        guard let sides = dimensions(text), let height = sides.first, let width = sides.last, sides.count <= 2 else {
            return nil
        }
        self.init(height, width)
    }
}
