import ConvNetTraining

/// What was taken for what, as a picture for dashboards that show nothing else: a row for each class, a column for each answer, and the
/// darker a field the larger its share of the row; right ones are blue, wrong ones orange.
package enum ConfusionPicture {
    /// The picture, about 320 pixels high and wide.
    ///
    /// - Parameter confusion: images of each class (row) that were taken for each class (column).
    package static func image(_ confusion: [[Int]]) -> Image {
        let side = max(1, 320 / max(confusion.count, 1))
        let length = confusion.count * side
        var pixels: [UInt8] = []
        pixels.reserveCapacity(length * length * 3)
        for (label, counts) in confusion.enumerated() {
            let all = Double(max(counts.reduce(0, +), 1))
            let row = counts.enumerated().flatMap { answer, count -> [UInt8] in
                // The root, so that rare confusions can be seen.
                let shade = (Double(count) / all).squareRoot()
                let ink: [Double] = answer == label ? [26, 111, 181] : [213, 94, 0]
                let color = ink.map { UInt8((255 + ($0 - 255) * shade).rounded()) }
                return (0..<side).flatMap { _ in color }
            }
            for _ in 0..<side { pixels += row }
        }
        return Image(channels: 3, height: length, width: length, pixels: pixels)
    }
}
