import ConvNetGraph
import ConvNetTraining

/// What a network's first convolution looks for: its filters as small pictures beside each other.
///
/// Filters over three channels are in colours, others in greys, channel by channel. The same factor and offset for all of a filter's
/// weights make its least black and its largest white.
package struct FilterSheet {
    /// The layer's path.
    package let layer: String
    package let filters, channels, kernelHeight, kernelWidth: Int
    private let weights: [Float]

    /// Where the first convolution's weights are among the network's parameters; nil where it has no convolution.
    package static func parameter(of network: Network) -> Int? {
        network.parameters.firstIndex { $0.shape.count == 4 }
    }

    /// - Parameters:
    ///   - index: as ``parameter(of:)`` has it.
    ///   - weights: O×I×H×W.
    package init(_ network: Network, parameter index: Int, weights: [Float]) {
        let parameter = network.parameters[index]
        layer = parameter.name.split(separator: ".").dropLast().joined(separator: ".")
        (filters, channels) = (parameter.shape[0], parameter.shape[1])
        (kernelHeight, kernelWidth) = (parameter.shape[2], parameter.shape[3])
        self.weights = weights
    }

    /// More say no more.
    private static let mostPictures = 256

    /// The sheet: a pixel for each weight, and one between two filters.
    ///
    /// - Parameter scale: how many pixels high and wide a weight is, instead.
    package func image(scale: Int = 1) -> Image {
        let isColored = channels == 3
        let pictures = min(isColored ? filters : filters * channels, Self.mostPictures)
        // As many columns as make the sheet about twice as wide as it is high; channels of one filter in a row where they fit.
        let columns = max(1, min(pictures, Int((Double(pictures) * 2).squareRoot().rounded(.up))))
        let rows = (pictures + columns - 1) / columns
        let colors = isColored ? 3 : 1
        let (height, width) = (rows * (kernelHeight + 1) + 1, columns * (kernelWidth + 1) + 1)
        var pixels = [UInt8](repeating: 128, count: colors * height * width * scale * scale)
        let size = kernelHeight * kernelWidth
        func paint(row: Int, column: Int, color: Int, level: UInt8) {
            for y in row * scale..<(row + 1) * scale {
                for x in column * scale..<(column + 1) * scale {
                    pixels[(y * width * scale + x) * colors + color] = level
                }
            }
        }
        for picture in 0..<pictures {
            let values = Array(weights[picture * colors * size..<(picture + 1) * colors * size])
            let (least, largest) = (values.min() ?? 0, values.max() ?? 0)
            let (top, left) = (picture / columns * (kernelHeight + 1) + 1, picture % columns * (kernelWidth + 1) + 1)
            for (index, value) in values.enumerated() {
                let (color, place) = index.quotientAndRemainder(dividingBy: size)
                let share = largest > least ? (value - least) / (largest - least) : 0.5
                paint(
                    row: top + place / kernelWidth, column: left + place % kernelWidth, color: color,
                    level: share.isFinite ? UInt8((min(max(share, 0), 1) * 255).rounded()) : 0)
            }
        }
        return Image(channels: colors, height: height * scale, width: width * scale, pixels: pixels)
    }
}
