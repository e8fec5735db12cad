import Foundation

/// Why an image could not be decoded or encoded. `name` is what the caller calls the image, usually its path.
public enum ImageError: Error, Equatable {
    /// The data does not start with the signature of PNG.
    case notPNG(name: String)

    /// The data ends before the chunk that closes every PNG file.
    case truncated(name: String)

    /// libpng rejects the data; `reason` is its message.
    case corrupt(name: String, reason: String)

    /// The header promises more pixels than `limit`.
    case tooLarge(name: String, width: Int, height: Int, limit: Int)

    /// Images have 1 channel (grey) or 3 (RGB).
    case unsupportedChannels(name: String, channels: Int)

    /// The number of samples is not the product of the sizes, or a size is not positive.
    case inconsistentSizes(channels: Int, height: Int, width: Int, samples: Int)

    /// libpng cannot encode the image; `reason` is its message.
    case notEncoded(reason: String)
}

extension ImageError: CustomStringConvertible, LocalizedError {
    public var description: String {
        switch self {
        case .notPNG(let name):
            "'\(name)' is not a PNG image. Convert it to PNG."
        case .truncated(let name):
            "'\(name)' is truncated: it ends before the end chunk of a PNG image. Download or copy it again."
        case .corrupt(let name, let reason):
            "'\(name)' is not a valid PNG image: \(reason). Download or copy it again."
        case .tooLarge(let name, let width, let height, let limit):
            "'\(name)' has \(width)×\(height) pixels, more than the limit of \(limit). Scale it down."
        case .unsupportedChannels(let name, let channels):
            "'\(name)' cannot be read with \(channels) channels: use 1 (grey) or 3 (RGB)."
        case .inconsistentSizes(let channels, let height, let width, let samples):
            "An image of \(channels) channels, \(height) rows and \(width) columns cannot have \(samples) samples."
        case .notEncoded(let reason):
            "The image cannot be encoded as PNG: \(reason)."
        }
    }

    public var errorDescription: String? { description }
}
