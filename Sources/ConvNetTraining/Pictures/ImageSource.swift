import ConvNetGraph

/// A picture that can be decoded, whole or in part: a file's, or an ``Image`` that has been decoded already.
public protocol ImageSource: Sendable {
    /// What messages call the picture.
    var name: String { get }

    /// Whether it has no colours.
    var isGrey: Bool { get }

    /// Height and width.
    ///
    /// - Parameter obeyingOrientation: whether the picture is turned as its file says.
    func size(obeyingOrientation: Bool) -> Size

    /// What the picture's size can be divided by in decoding, the largest first and 1 last.
    func reductions(obeyingOrientation: Bool) -> [Int]

    /// A part of the picture.
    ///
    /// - Parameters:
    ///   - region: within the picture as it is turned, in pixels of the reduced picture.
    ///   - reduction: one of ``reductions(obeyingOrientation:)``.
    /// - Throws: why its file is broken.
    func decode(_ decoding: Decoding, region: ImageRegion, reduction: Int) throws -> Image
}

/// What a file's samples are made before a picture is brought to a size.
public struct Decoding: Hashable, Sendable {
    /// 1 for grey, 3 for RGB.
    public var channels: Int
    /// Whether the picture is turned upright as its file says (EXIF).
    public var obeysOrientation: Bool
    /// What is seen where the picture is transparent.
    public var background: Background

    /// Upright and on white, unless said otherwise.
    public init(channels: Int, obeysOrientation: Bool = true, background: Background = .white) {
        self.channels = channels
        self.obeysOrientation = obeysOrientation
        self.background = background
    }
}

/// What is seen where a picture is transparent.
public enum Background: String, CaseIterable, Codable, Sendable {
    /// White.
    case white
    /// Black.
    case black
    /// The colours that the file has there: transparency is ignored, as Pillow does it where it makes a picture RGB.
    case ignored
}

extension ImageSource {
    /// 1×H×W of a grey picture, 3×H×W of one with colours; upright.
    public var shape: Shape {
        let size = size(obeyingOrientation: true)
        return [isGrey ? 1 : 3, size.height, size.width]
    }

    /// The whole picture.
    ///
    /// - Throws: why its file is broken.
    public func decode(_ decoding: Decoding) throws -> Image {
        try decode(
            decoding, region: ImageRegion(all: size(obeyingOrientation: decoding.obeysOrientation)), reduction: 1)
    }
}

extension Image: ImageSource {
    public var name: String { "picture" }

    public var isGrey: Bool { channels == 1 }

    public func size(obeyingOrientation: Bool) -> Size { size }

    public func reductions(obeyingOrientation: Bool) -> [Int] { [1] }

    /// - Throws: ``PictureError/channels(_:)``.
    public func decode(_ decoding: Decoding, region: ImageRegion, reduction: Int) throws -> Image {
        guard let image = cropped(to: region).withChannels(decoding.channels) else {
            throw PictureError.channels(decoding.channels)
        }
        return image
    }
}
