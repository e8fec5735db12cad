import ConvNetPages
import Foundation

/// Why an image could not be decoded or encoded. `name` is what the caller calls the image, usually its path.
public enum ImageError: Error, Hashable {
    /// A file of no bytes.
    case empty(name: String)

    /// The data does not start as files of any known image format do.
    case notAnImage(name: String)

    /// A file of a kind that is known and not decoded: what it is, with an article, and what to do about it, in sentences.
    /// Nothing is wrong with the file.
    case unsupportedFormat(name: String, kind: String, advice: String)

    /// The data ends before the image does.
    case truncated(name: String, format: ImageFormat)

    /// The decoder rejects the data; `reason` is its message.
    case corrupt(name: String, format: ImageFormat, reason: String)

    /// The header promises more pixels than ``ImageFile/memoryLimit`` has room for.
    case tooLarge(name: String, width: Int, height: Int)

    /// The file itself, of so many bytes, is larger than ``ImageFile/memoryLimit``.
    case fileTooLarge(name: String, bytes: Int)

    /// Decoding takes more memory than there is, both in bytes.
    case notEnoughMemory(name: String, needed: Int, available: Int)

    /// Images have 1 channel (grey) or 3 (RGB).
    case unsupportedChannels(name: String, channels: Int)

    /// The number of samples is not the product of the sizes, or a size is not positive.
    case inconsistentSizes(channels: Int, height: Int, width: Int, samples: Int)

    /// The image has too many pixels, or libpng cannot encode it; `reason` tells.
    case notEncoded(reason: String)
}

extension ImageError: CustomStringConvertible, LocalizedError {
    public var description: String {
        switch self {
        case .empty(let name):
            "'\(name)' is empty. Download or copy it again."
        case .notAnImage(let name):
            "'\(name)' is not an image. Use \(Self.formats)."
        case .unsupportedFormat(let name, let kind, let advice):
            "'\(name)' is \(kind), which cannot be decoded. \(advice)"
        case .truncated(let name, let format):
            "'\(name)' is truncated: it ends before its \(format.name) image does. Download or copy it again."
        case .corrupt(let name, let format, let reason):
            "'\(name)' is not a valid \(format.name) image: \(reason). Download or copy it again."
        case .tooLarge(let name, let width, let height):
            "'\(name)' has \(width)×\(height) pixels, which would take more than 1 GiB to decode. Scale it down."
        case .fileTooLarge(let name, let bytes):
            "'\(name)' is a file of \(bytes.byteSize), and no picture may be larger than 1 GiB. Check that it is the right file."
        case .notEnoughMemory(let name, let needed, let available):
            "'\(name)' would take \(needed.byteSize) of memory to decode, and \(available.byteSize) are free. Scale it down."
        case .unsupportedChannels(let name, let channels):
            "'\(name)' cannot be read with \(channels) channels: use 1 (grey) or 3 (RGB)."
        case .inconsistentSizes(let channels, let height, let width, let samples):
            "An image of \(channels) channels, \(height) rows and \(width) columns cannot have \(samples) samples."
        case .notEncoded(let reason):
            "The image cannot be encoded as PNG: \(reason)."
        }
    }

    public var errorDescription: String? { description }

    private static let formats = "JPEG or PNG"
}
