/// Finds places for the labels of circles such that labels cover neither each other nor circles, as far as there is room.
///
/// Each label in turn takes the best of some eighty places around its circle, given the places of all others; after a few
/// rounds nothing moves any more.
struct LabelPlacement {
    struct Circle {
        var x, y, radius: Double

        /// How far the circle reaches into a rectangle.
        func depth(in rectangle: Rectangle) -> Double {
            let nearest = rectangle.nearest(toX: x, y: y)
            let (dx, dy) = (x - nearest.x, y - nearest.y)
            return max(0, radius - (dx * dx + dy * dy).squareRoot())
        }
    }

    /// A label's place, and whether it is so far from its circle that a line must lead there.
    struct Place {
        var rectangle: Rectangle
        var needsLine: Bool
    }

    /// - Parameters:
    ///   - circles: one for each label.
    ///   - widths: the labels' widths; all are `height` high.
    ///   - bounds: where labels may be.
    static func places(for circles: [Circle], widths: [Double], height: Double, bounds: Rectangle) -> [Place] {
        let candidates = zip(circles, widths).map {
            Self.candidates(for: $0, width: $1, height: height, bounds: bounds)
        }
        var chosen = candidates.map { $0[0] }
        for _ in 0..<6 {
            var moved = false
            for (index, own) in candidates.enumerated() {
                let costs = own.map { candidate in
                    candidate.cost + cost(of: candidate.rectangle, label: index, among: chosen, circles: circles)
                }
                guard let best = costs.indices.min(by: { costs[$0] < costs[$1] }) else { continue }
                moved = moved || chosen[index].rectangle != own[best].rectangle
                chosen[index] = own[best]
            }
            if !moved { break }
        }
        return chosen.map { Place(rectangle: $0.rectangle, needsLine: $0.distance > 8) }
    }

    private struct Candidate {
        var rectangle: Rectangle
        var distance: Double
        /// What speaks against the place itself, whatever else there is.
        var cost: Double
    }

    private static func candidates(
        for circle: Circle, width: Double, height: Double, bounds: Rectangle
    ) -> [Candidate] {
        // Right, left, above and below first; a label close by needs no line.
        let directions: [(x: Double, y: Double)] = [
            (1, 0), (-1, 0), (0, -1), (0, 1), (0.7, -0.7), (0.7, 0.7), (-0.7, -0.7), (-0.7, 0.7), (0.92, -0.38),
            (0.92, 0.38), (-0.92, -0.38), (-0.92, 0.38), (0.38, -0.92), (0.38, 0.92), (-0.38, -0.92), (-0.38, 0.92),
        ]
        let distances: [Double] = [4, 14, 28, 46, 70, 100]
        return distances.flatMap { (distance: Double) -> [Candidate] in
            directions.enumerated().map { (rank: Int, direction: (x: Double, y: Double)) -> Candidate in
                let (reach, half) = (circle.radius + distance, (x: width / 2, y: height / 2))
                let x: Double = circle.x + direction.x * (reach + half.x) - half.x
                let y: Double = circle.y + direction.y * (reach + half.y) - half.y
                let rectangle = Rectangle(x: x, y: y, width: width, height: height)
                let outside = width * height - rectangle.overlap(with: bounds)
                return Candidate(
                    rectangle: rectangle, distance: distance, cost: outside * 100 + distance * 2 + Double(rank) * 0.5)
            }
        }
    }

    private static func cost(
        of rectangle: Rectangle, label: Int, among chosen: [Candidate], circles: [Circle]
    ) -> Double {
        var cost = 0.0
        let roomy = Rectangle(
            x: rectangle.x - 3, y: rectangle.y - 1, width: rectangle.width + 6, height: rectangle.height + 2)
        for (index, other) in chosen.enumerated() where index != label {
            cost += roomy.overlap(with: other.rectangle) * 20
        }
        for circle in circles {
            let depth = circle.depth(in: rectangle)
            if depth > 0 { cost += 60 + depth * 40 }
        }
        return cost
    }
}
