import ConvNetGraph

/// A picture that does not fit what a network takes.
public enum PictureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another height or width than the network's input.
    case size(file: String, expected: Size, received: Size)
    /// A network whose input has neither one channel nor three.
    case notPictures(Shape)
    /// Pictures have 1 channel (grey) or 3 (RGB).
    case channels(Int)

    public var description: String {
        switch self {
        case .size(let file, let expected, let received):
            "\(file) is \(received) pixels (height × width), but the network takes \(expected); resize it first"
        case .notPictures(let shape):
            "the network takes \(shape), which is neither a grey nor a colour picture"
        case .channels(let count):
            "a picture cannot have \(count) channels: it has 1 (grey) or 3 (RGB)"
        }
    }
}
