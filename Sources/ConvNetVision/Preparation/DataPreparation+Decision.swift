import ConvNetEngine
import ConvNetGraph
import ConvNetTraining

/// What the images of a dataset are like, whatever the network.
public struct OwnShape: Sendable {
    /// 1 where no picture has colours, and 3 otherwise, unless the number is given.
    public var channels: Int
    /// That of the pictures where all have the same, and up to ``DataPreparation/largestNativeSide`` pixels a side, or the one
    /// that is given; nil leaves it to the network.
    public var size: Size?
    /// What all headers say, where all had to be read.
    var headers: HeaderSurvey?
}

/// The first step: what is done to images.
extension DataPreparation {
    /// Looks at the headers of files, with ``threads``: at no more of them than tell.
    ///
    /// - Throws: ``ThreadError``.
    public func ownShape(of images: any Dataset) throws -> OwnShape {
        if let fixed = images.imageShape {
            return OwnShape(channels: givenChannels ?? fixed.channels, size: size ?? fixed.size)
        }
        func isNative(_ size: Size) -> Bool { max(size.height, size.width) <= Self.largestNativeSide }
        // What cannot be read is complained of later.
        let headers = try HeaderSurvey(of: images, threads: threads) { headers in
            (givenChannels != nil || !headers.isGrey)
                && (size != nil || headers.failures.isEmpty && headers.commonSize.map { !isNative($0) } ?? true)
        }
        let common = headers.commonSize.flatMap { isNative($0) ? $0 : nil }
        return OwnShape(
            channels: givenChannels ?? (headers.isGrey ? 1 : 3), size: size ?? common,
            headers: headers.isComplete ? headers : nil)
    }

    private var givenChannels: Int? {
        if let preprocessing { return preprocessing.channels }
        return channels ?? normalization.flatMap { $0.mean.isEmpty ? nil : $0.mean.count }
    }

    /// What is done to the images of a dataset, but for a mean and a standard deviation that are still to be measured.
    ///
    /// - Parameter networkInput: the shape that the network was made for.
    /// - Returns: also the shape C×H×W of what the network gets.
    /// - Throws: ``SettingError`` where what is given does not go together.
    func decide(
        _ images: any Dataset, _ own: OwnShape, networkInput: Shape
    ) throws -> (preprocessing: Preprocessing, shape: Shape) {
        if let preprocessing {
            guard channels == nil, normalization == nil, size == nil || size == preprocessing.fitting?.size else {
                throw SettingError(
                    "what is done to images is given as a whole; leave out size, channels and normalisation")
            }
            let shape = preprocessing.outputShape(of: images) ?? networkInput
            return (preprocessing, shape)
        }
        let normalization = normalization ?? .none
        if images.holdsArrays, let shape = images.imageShape {
            try check(normalization, channels: shape.channels)
            return (Preprocessing(normalization, channels: nil), shape)
        }
        try check(normalization, channels: own.channels)
        guard own.channels == 1 || own.channels == 3 else {
            throw SettingError("pictures have 1 channel (grey) or 3 (RGB), received \(own.channels)")
        }
        // Where the own shape was asked for, ``size`` may have said nothing yet.
        let size = size ?? own.size ?? networkInput.size
        var preprocessing = Preprocessing(normalization, channels: own.channels)
        preprocessing.fitting = fitting(to: size, isOwn: images.imageShape?.size == size)
        return (preprocessing, [own.channels, size.height, size.width])
    }

    private func check(_ normalization: Normalization, channels: Int) throws {
        guard normalization.mean.count == normalization.standardDeviation.count else {
            throw SettingError(
                "\(normalization.mean.count) means and \(normalization.standardDeviation.count) standard deviations")
        }
        guard normalization.mean.isEmpty || normalization.mean.count == channels else {
            throw SettingError(
                "\(normalization.mean.count) means and standard deviations for images of \(channels) "
                    + "channel\(channels == 1 ? "" : "s")")
        }
    }

    /// Small images, and those that have the size, are taken whole; of others the shorter side is made a little longer than the
    /// network's, and the centre is cut out.
    private func fitting(to size: Size, isOwn: Bool) -> ImageFitting {
        let side = min(size.height, size.width)
        let isWhole = isOwn || max(size.height, size.width) <= Self.largestNativeSide
        return ImageFitting(
            size: size, shorterSide: isWhole ? side : side * 256 / (augmentation == .alexnet ? 227 : 224))
    }
}

extension Preprocessing {
    fileprivate init(_ normalization: Normalization, channels: Int?) {
        self.init(
            mean: normalization.mean, standardDeviation: normalization.standardDeviation, channels: channels)
    }
}
