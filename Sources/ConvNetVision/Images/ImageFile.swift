import ConvNetGraph
import ConvNetTraining
import Foundation
import Synchronization

/// An encoded image, of which the header has been read.
///
///     let photo = try ImageFile(contentsOf: URL(filePath: "photo.jpg"))
///     print(photo.header.size)                            // 375×500
///     let image = try photo.decode(channels: 3)
///
/// Decoded pixels are those that Pillow gives, with three exceptions: images are turned upright as EXIF says, transparency is
/// composited on white, and samples of 16 bits are scaled to 8. Of an animation it is the first picture.
public struct ImageFile: Sendable {
    /// The most memory that decoding one image may take, 1 GiB, the file itself included. A file of a few bytes can promise
    /// 2⁶² pixels; memory must not be reserved for them.
    public static let memoryLimit = 1 << 30

    /// What messages call the image, usually its path.
    public let name: String

    /// What the file says of itself.
    public let header: ImageHeader

    private let data: Data

    /// Reads the header of a file's content.
    ///
    /// - Throws: ``ImageError`` where it is of no format that is decoded, ends early, or has too many pixels.
    public init(_ data: Data, name: String) throws(ImageError) {
        self.name = name
        self.data = data
        header = try Self.header(data, name: name)
    }

    /// Reads a file and its header. What is no image that can be decoded is not read further than that takes.
    ///
    /// - Throws: `DatasetError` where the file cannot be read, ``ImageError`` as ``init(_:name:)``.
    public init(contentsOf url: URL) throws {
        try self.init(contentsOf: url, name: url.relativePath)
    }

    init(contentsOf url: URL, name: String) throws {
        let file = try FileReader(url)
        let start = try file.start(Self.startLength)
        if !file.isAtEnd { _ = try Self.header(ofStart: start, of: file, name: name) }
        try self.init(file.start(.max), name: name)
    }

    /// Decodes the image, turned upright.
    ///
    /// - Parameter channels: 1 for grey, 3 for RGB, whatever the file holds. Colours become grey by the formula of ITU-R
    ///   BT.601 in the integers that Pillow uses.
    /// - Throws: ``ImageError`` where the file is broken, or its pixels in so many channels take too much memory.
    public func decode(channels: Int) throws(ImageError) -> Image {
        try decode(channels: channels, region: ImageRegion(all: header.size), obeysOrientation: true)
    }

    /// Decodes a part of the image: the pixels that the whole has there.
    ///
    /// - Parameters:
    ///   - region: within the image as it is turned, in pixels of the reduced image.
    ///   - obeysOrientation: whether to turn the image as the file says.
    ///   - reduction: one of ``reductions(obeyingOrientation:)``.
    ///   - background: what is seen where the image is transparent.
    public func decode(
        channels: Int, region: ImageRegion, obeysOrientation: Bool, reduction: Int = 1, background: Background = .white
    ) throws(ImageError) -> Image {
        let orientation = obeysOrientation ? header.orientation : .upright
        let stored = orientation.stored(region, height: header.storedHeight, width: header.storedWidth)
        func decode() throws(ImageError) -> Image {
            let image =
                switch header.format {
                case .jpeg: try JPEG.decode(data, header: header, region: stored, reduction: reduction, name: name)
                case .png:
                    try PNG.decode(
                        data, header: header, region: stored, background: background, name: name)
                case .webp:
                    try WebP.decode(
                        data, header: header, region: stored, background: background, name: name)
                case .heic:
                    try HEIF.decode(
                        data, header: header, region: stored, background: background, name: name)
                }
            guard let converted = image.withChannels(channels) else {
                throw .unsupportedChannels(name: name, channels: channels)
            }
            return orientation.apply(to: converted)
        }
        let bytes = memory(for: region, channels: channels, turning: orientation != .upright)
        guard bytes <= Self.memoryLimit else { throw Self.tooLarge(header, name: name) }
        func decodeWhereThereIsRoom() throws(ImageError) -> Image {
            if let available = AvailableMemory.tooLittle(for: bytes) {
                throw .notEnoughMemory(name: name, needed: bytes, available: available)
            }
            return try decode()
        }
        guard bytes > Self.muchMemory else { return try decodeWhereThereIsRoom() }
        return try Self.largeImages.withLock { _ throws(ImageError) in try decodeWhereThereIsRoom() }
    }
}

// MARK: - Headers

extension ImageFile {
    /// So much of a file is read before it is known to be an image.
    private static let startLength = 1 << 16
    /// Most headers end within so many bytes.
    private static let shortStartLength = 1 << 12

    /// The channels and the upright size C×H×W of the image in a file, of which no more is read than tells them.
    ///
    /// - Throws: as ``init(contentsOf:)``.
    static func shape(ofFileAt url: URL, name: String) throws -> Shape {
        let file = try FileReader(url)
        for length in [shortStartLength, startLength] {
            let start = try file.start(length)
            guard !file.isAtEnd, let header = try header(ofStart: start, of: file, name: name) else { continue }
            // All but JPEG files may say behind their pixels how these have to be turned. Of small pictures that is looked for.
            if header.format != .jpeg, header.decodedBytes <= startLength { break }
            return header.shape
        }
        return try header(file.start(.max), name: name).shape
    }

    /// The header, where it ends within the file's first bytes; nil where it does not.
    private static func header(ofStart start: Data, of file: FileReader, name: String) throws -> ImageHeader? {
        let header: ImageHeader?
        do throws(ImageError) {
            header = try Self.header(start, wholeSize: file.statedSize, name: name)
        } catch .truncated {
            header = nil
        } catch .corrupt(_, .heic, _) {
            // libheif says so of some that end early.
            header = nil
        }
        guard file.statedSize <= memoryLimit else { throw ImageError.fileTooLarge(name: name, bytes: file.statedSize) }
        return header
    }

    /// - Parameter wholeSize: the file's, in bytes, where `data` is not all of it.
    private static func header(_ data: Data, wholeSize: Int? = nil, name: String) throws(ImageError) -> ImageHeader {
        let header =
            switch ImageSignature(data) {
            case .decodable(.jpeg): try JPEG.header(data, name: name)
            case .decodable(.png): try PNG.header(data, wholeSize: wholeSize, name: name)
            case .decodable(.webp): try WebP.header(data, name: name)
            case .decodable(.heic): try HEIF.header(data, name: name)
            case .foreign(let format):
                throw .unsupportedFormat(name: name, kind: format.kind, advice: format.advice)
            case .unknown: throw data.isEmpty ? .empty(name: name) : .notAnImage(name: name)
            }
        guard header.decodedBytes <= memoryLimit else { throw tooLarge(header, name: name) }
        return header
    }

    private static func tooLarge(_ header: ImageHeader, name: String) -> ImageError {
        .tooLarge(name: name, width: header.storedWidth, height: header.storedHeight)
    }
}

// MARK: - Memory

extension ImageFile {
    /// Images that take more than this are decoded one after the other: every thread that reads may have one.
    private static let muchMemory = 1 << 28
    private static let largeImages = Mutex<Void>(())

    /// What decoding takes at most at a time, in bytes: the file, and the decoder's own memory and its result, or the results of
    /// two steps, of which one is made of the other.
    private func memory(for region: ImageRegion, channels: Int, turning: Bool) -> Int {
        let stored = header.isGrey ? 1 : header.isCMYK ? 4 : 3
        var steps = [stored + (header.hasAlpha ? 1 : 0)]
        if header.hasAlpha { steps.append(stored) }
        if header.isCMYK { steps.append(3) }
        if channels != steps[steps.count - 1] { steps.append(channels) }
        if turning { steps.append(channels) }
        let most = zip(steps, steps.dropFirst()).map(+).max() ?? 0
        let all = header.storedHeight * header.storedWidth
        let ownMemory = header.decodedBytes - all * steps[0]
        // libwebp and libheif give all of an image or nothing.
        let isWhole = header.format == .webp || header.format == .heic
        let pixels = isWhole ? all : region.height * region.width
        // Weights of a resize: of a thread-like picture more than its pixels.
        let weights = 16 * max(header.storedHeight, header.storedWidth)
        return data.count + weights + max(ownMemory + pixels * steps[0], pixels * most)
    }
}

extension ImageFile: ImageSource {
    public var isGrey: Bool { header.isGrey }

    public func size(obeyingOrientation: Bool) -> Size { header.size(obeying: obeyingOrientation) }

    /// A JPEG file can be decoded at a part of its size. Where it is to be turned too, halves of pixels would come into play.
    public func reductions(obeyingOrientation: Bool) -> [Int] {
        header.format == .jpeg && !(obeyingOrientation && header.orientation != .upright) ? [8, 4, 2, 1] : [1]
    }

    public func decode(_ decoding: Decoding, region: ImageRegion, reduction: Int) throws -> Image {
        try decode(
            channels: decoding.channels, region: region, obeysOrientation: decoding.obeysOrientation,
            reduction: reduction, background: decoding.background)
    }
}
