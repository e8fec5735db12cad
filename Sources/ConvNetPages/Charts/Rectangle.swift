/// A rectangle of a drawing; y grows downwards.
struct Rectangle: Equatable {
    var x, y, width, height: Double

    var right: Double { x + width }
    var bottom: Double { y + height }
    var center: (x: Double, y: Double) { (x + width / 2, y + height / 2) }

    /// The same without a border of that width.
    func inset(by border: Double) -> Rectangle {
        Rectangle(x: x + border, y: y + border, width: width - 2 * border, height: height - 2 * border)
    }

    /// The area that two rectangles share.
    func overlap(with other: Rectangle) -> Double {
        let wide = min(right, other.right) - max(x, other.x)
        let high = min(bottom, other.bottom) - max(y, other.y)
        return max(0, wide) * max(0, high)
    }

    /// The point of the rectangle that is nearest to another point.
    func nearest(toX px: Double, y py: Double) -> (x: Double, y: Double) {
        (min(max(px, x), right), min(max(py, y), bottom))
    }
}
