import ConvNetEngine
import ConvNetGraph

/// Mixing each image of a batch with its neighbour, and their labels alike: by adding the two (mixup) or by pasting a part of
/// the one into the other (CutMix). With both, a coin decides for each batch.
///
/// A batch shares one λ, the share of the image's own, drawn from a beta distribution with both parameters α. What is
/// computed at a time is mixed at a time: a part, where batches are computed in parts.
///
/// Sources: Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018; Yun et al., "CutMix: Regularization Strategy to
/// Train Strong Classifiers with Localizable Features", 2019.
public struct BatchMixing: Hashable, Codable, Sendable {
    /// α of mixup, above 0; nil where images are not added.
    public var mixup: Double?
    /// α of CutMix, above 0; nil where nothing is pasted.
    public var cutMix: Double?

    /// One of the two at least.
    public init(mixup: Double? = nil, cutMix: Double? = nil) {
        self.mixup = mixup
        self.cutMix = cutMix
    }

    func validate() throws {
        for (name, alpha) in [("mixup", mixup), ("CutMix", cutMix)] {
            if let alpha, !(alpha > 0 && alpha <= 100) {
                throw SettingError("the alpha of \(name) must be above 0 and at most 100, received \(alpha)")
            }
        }
        if mixup == nil, cutMix == nil { throw SettingError("mixing needs an alpha for mixup or for CutMix") }
    }

    /// Mixes images N×C×H×W and targets N×classes in place; each with the one after it, the last with the first.
    func apply(
        to images: UnsafeMutableBufferPointer<Float>, shape: Shape, targets: UnsafeMutableBufferPointer<Float>,
        classes: Int, random: inout SampleRandom
    ) {
        let pastes = if mixup != nil, cutMix != nil { random.chance(0.5) } else { mixup == nil }
        let share = random.beta((pastes ? cutMix : mixup) ?? 1)
        if pastes {
            let box = Self.box(in: shape, share: share, random: &random)
            let area = (box.bottom - box.top) * (box.right - box.left)
            Self.eachWithNext(images, size: shape.count) { own, other in
                for channel in 0..<shape.channels {
                    for y in box.top..<box.bottom {
                        let row = (channel * shape.height + y) * shape.width
                        for x in row + box.left..<row + box.right { own[x] = other[x] }
                    }
                }
            }
            Self.add(targets, size: classes, share: 1 - Float(area) / Float(shape.height * shape.width))
        } else {
            Self.add(images, size: shape.count, share: Float(share))
            Self.add(targets, size: classes, share: Float(share))
        }
    }

    private struct Box {
        var top, bottom, left, right: Int
    }

    /// A rectangle of the image's shape that takes 1 − `share` of its area, around a point anywhere; what lies outside is cut.
    private static func box(in shape: Shape, share: Double, random: inout SampleRandom) -> Box {
        let side = (1 - share).squareRoot()
        func range(_ length: Int) -> (Int, Int) {
            let center = random.integer(below: length)
            let half = Int(Double(length) * side) / 2
            return (max(center - half, 0), min(center + half, length))
        }
        let (top, bottom) = range(shape.height)
        let (left, right) = range(shape.width)
        return Box(top: top, bottom: bottom, left: left, right: right)
    }

    /// x ← λx + (1 − λ)y
    private static func add(_ rows: UnsafeMutableBufferPointer<Float>, size: Int, share: Float) {
        eachWithNext(rows, size: size) { own, other in
            for index in 0..<size { own[index] = share * own[index] + (1 - share) * other[index] }
        }
    }

    /// Calls `body` for each row and the next one as it was.
    private static func eachWithNext(
        _ rows: UnsafeMutableBufferPointer<Float>, size: Int,
        _ body: (_ own: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>) -> Void
    ) {
        guard let start = rows.baseAddress, rows.count > size else { return }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { first in
            _ = first.initialize(fromContentsOf: rows[..<size])
            guard let saved = first.baseAddress else { return }
            for offset in stride(from: 0, to: rows.count, by: size) {
                let isLast = offset + size == rows.count
                body(start + offset, isLast ? UnsafePointer(saved) : UnsafePointer(start + offset + size))
            }
        }
    }
}
