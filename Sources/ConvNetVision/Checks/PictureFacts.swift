import ConvNetGraph
import ConvNetTraining

/// What is kept of a picture: a hundred thousand of them must fit into memory, where their pixels would not.
struct CheckedPicture: Sendable {
    /// The position of its part among the dataset's parts.
    var part: UInt8 = 0
    var traits: PictureTraits = []
    /// Its position within the part.
    var index: Int32 = 0
    /// What it is labelled with: a position in ``PictureSurvey/labelSets``.
    var labels: Int32 = 0
    var height: Int32
    var width: Int32
    /// Of its pixels, upright. The same in pictures with the same pixels, and in no others.
    var digest: Int
    var hash: PerceptualHash
    /// Of its thumbnail's brightness, in levels of 255.
    var mean: Float
    var deviation: Float

    var size: Size { Size(Int(height), Int(width)) }
    var shorterSide: Int { Int(min(height, width)) }
}

/// What makes a picture another kind than most.
struct PictureTraits: OptionSet, Sendable {
    let rawValue: UInt8

    /// No pixel has a colour, however the file is stored.
    static let grey = PictureTraits(rawValue: 1)
    /// The file has no colours.
    static let storedGrey = PictureTraits(rawValue: 2)
    static let cmyk = PictureTraits(rawValue: 4)
    static let sixteenBit = PictureTraits(rawValue: 8)
    static let turned = PictureTraits(rawValue: 16)
    static let alpha = PictureTraits(rawValue: 32)
    /// Nearly all of one colour, at the size of a thumbnail.
    static let blank = PictureTraits(rawValue: 64)
}

/// What decoding a picture once has found.
struct PictureFacts: Sendable {
    var picture: CheckedPicture
    var thumbnail: [UInt8]
    /// nil where it was not asked for.
    var sums: ChannelSums?

    /// Decodes the whole picture, so that what is broken is found.
    init(_ source: any ImageSource, summing: Bool) throws {
        let header = (source as? ImageFile)?.header
        var traits: PictureTraits = []
        if header?.isCMYK == true { traits.insert(.cmyk) }
        if (header?.bitDepth ?? 8) > 8 { traits.insert(.sixteenBit) }
        if (header?.orientation ?? .upright) != .upright { traits.insert(.turned) }
        if header?.hasAlpha == true { traits.insert(.alpha) }
        let image = try source.decodedForCheck()
        if image.channels == 1 { traits.insert(.grey) }
        if source.isGrey { traits.insert(.storedGrey) }
        thumbnail = Thumbnail.make(image)
        if Thumbnail.isBlank(thumbnail) { traits.insert(.blank) }
        let moments = Thumbnail.moments(thumbnail)
        picture = CheckedPicture(
            traits: traits, height: Int32(clamping: image.height), width: Int32(clamping: image.width),
            digest: image.digest, hash: PerceptualHash(image), mean: moments.mean, deviation: moments.deviation)
        if summing { sums = ChannelSums(image) }
    }
}

extension ImageSource {
    /// Upright, and with one channel where no pixel has a colour, so that a grey picture that is stored in colours has the
    /// pixels of one that is not.
    func decodedForCheck() throws -> Image {
        let image = try decode(Decoding(channels: isGrey ? 1 : 3))
        guard image.channels == 3, image.hasNoColours else { return image }
        return image.withChannels(1) ?? image
    }
}

/// Sums over the pixels of pictures, exact, of which mean and standard deviation are made.
struct ChannelSums: Sendable {
    private var pixels = 0
    private var sums = SIMD4<UInt64>()
    private var squares = SIMD4<UInt64>()

    init() {}

    /// A grey picture counts in each of three channels.
    init(_ image: Image) {
        pixels = image.height * image.width
        let channels = image.channels
        image.pixels.withUnsafeBufferPointer { samples in
            for channel in 0..<channels {
                var (sum, square): (UInt64, UInt64) = (0, 0)
                for position in stride(from: channel, to: samples.count, by: channels) {
                    let sample = UInt32(samples[position])
                    sum &+= UInt64(sample)
                    square &+= UInt64(sample &* sample)
                }
                sums[channel] = sum
                squares[channel] = square
            }
        }
        guard channels == 1 else { return }
        for channel in 1..<3 {
            sums[channel] = sums[0]
            squares[channel] = squares[0]
        }
    }

    static func += (total: inout ChannelSums, more: ChannelSums) {
        total.pixels += more.pixels
        total.sums &+= more.sums
        total.squares &+= more.squares
    }

    /// 0 ... 1; nil where there are no pixels.
    func statistics(channels: Int) -> DatasetCheck.ChannelStatistics? {
        guard pixels > 0 else { return nil }
        let count = Double(pixels)
        let means = (0..<channels).map { Double(sums[$0]) / count }
        let deviations = (0..<channels).map {
            max(0, Double(squares[$0]) / count - means[$0] * means[$0]).squareRoot()
        }
        return DatasetCheck.ChannelStatistics(
            mean: means.map { $0 / 255 }, standardDeviation: deviations.map { $0 / 255 })
    }
}

extension Image {
    fileprivate var hasNoColours: Bool {
        pixels.withUnsafeBufferPointer { samples in
            for pixel in stride(from: 0, to: samples.count - 2, by: 3)
            where samples[pixel] != samples[pixel + 1] || samples[pixel] != samples[pixel + 2] {
                return false
            }
            return true
        }
    }

    /// A number that depends on every sample and on the shape, by SipHash with a key that every process draws anew. That nobody
    /// can make up other pixels with the same number is what it was made for; among a million pictures it happens by chance
    /// once in thirty million times. So pictures need not be read again to compare their pixels.
    fileprivate var digest: Int {
        var hasher = Hasher()
        for length in [channels, height, width] { hasher.combine(length) }
        pixels.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
