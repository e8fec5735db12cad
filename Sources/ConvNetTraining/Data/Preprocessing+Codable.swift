import ConvNetGraph

/// As files have it. What is as it mostly is stays unwritten, so that files are those of versions that knew no more.
extension Preprocessing: Codable {
    private enum CodingKeys: CodingKey {
        case mean, standardDeviation, fitting, channels, obeysOrientation, background, divisor
    }

    /// The fitting, with which pictures' orientation is kept.
    private struct Fitting: Codable {
        var size: Size
        var shorterSide: Int
        var mode: ImageFitting.Mode
        var interpolation: Interpolation
        var obeysOrientation: Bool
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let fitting = try container.decodeIfPresent(Fitting.self, forKey: .fitting)
        self.init(
            mean: try container.decode([Float].self, forKey: .mean),
            standardDeviation: try container.decode([Float].self, forKey: .standardDeviation),
            fitting: fitting.map {
                ImageFitting(
                    size: $0.size, shorterSide: $0.shorterSide, mode: $0.mode, interpolation: $0.interpolation)
            },
            channels: try container.decodeIfPresent(Int.self, forKey: .channels),
            obeysOrientation: try fitting?.obeysOrientation
                ?? container.decodeIfPresent(Bool.self, forKey: .obeysOrientation) ?? true,
            background: try container.decodeIfPresent(Background.self, forKey: .background) ?? .white,
            divisor: try container.decodeIfPresent(Float.self, forKey: .divisor) ?? 255)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mean, forKey: .mean)
        try container.encode(standardDeviation, forKey: .standardDeviation)
        if let fitting {
            try container.encode(
                Fitting(
                    size: fitting.size, shorterSide: fitting.shorterSide, mode: fitting.mode,
                    interpolation: fitting.interpolation, obeysOrientation: obeysOrientation), forKey: .fitting)
        } else if !obeysOrientation {
            try container.encode(obeysOrientation, forKey: .obeysOrientation)
        }
        // With means their number says it.
        if let channels, mean.isEmpty { try container.encode(channels, forKey: .channels) }
        if background != .white { try container.encode(background, forKey: .background) }
        if divisor != 255 { try container.encode(divisor, forKey: .divisor) }
    }
}
