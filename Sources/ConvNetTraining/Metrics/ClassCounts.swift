/// How many images are of each class, how many are answered with it, and how many of these rightly.
struct ClassCounts: Hashable, Sendable {
    private(set) var images: [Int]
    private(set) var answered: [Int]
    private(set) var right: [Int]

    init(classes: Int) {
        images = [Int](repeating: 0, count: classes)
        answered = images
        right = images
    }

    /// - Parameter confusion: how many images of each class (row) are answered with each class (column).
    init(confusion: [[Int]]) {
        images = confusion.map { $0.reduce(0, +) }
        answered = confusion.indices.map { label in confusion.reduce(0) { $0 + $1[label] } }
        right = confusion.indices.map { confusion[$0][$0] }
    }

    mutating func add(_ predictions: Predictions) {
        for (index, target) in predictions.targets.enumerated() {
            add(target: target.classes, answer: predictions.answers[index])
        }
    }

    mutating func add(target: [Int], answer: [Int]) {
        for label in target { images[label] += 1 }
        for label in answer {
            answered[label] += 1
            if target.contains(label) { right[label] += 1 }
        }
    }

    /// Of the images answered with a class, the share that are of it; nil where there are none.
    func precision(of label: Int) -> Double? { share(right[label], of: answered[label]) }

    /// Of a class's images, the share that are answered with it; nil where there are none.
    func recall(of label: Int) -> Double? { share(right[label], of: images[label]) }

    /// The harmonic mean of the two; nil of a class that there is neither an image of nor an answer with.
    func f1(of label: Int) -> Double? { share(2 * right[label], of: images[label] + answered[label]) }

    private func share(_ part: Int, of whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }
}
