import Foundation

/// A call to a C shim that decodes a file of one format. The shims number their statuses alike: 0 for success, 1 for data
/// that ends early, 3 for what the library does not decode, anything else for data that is not valid.
struct DecoderCall {
    let data: Data
    let format: ImageFormat
    /// What errors call the image.
    let name: String
    /// Room for the shim's message with its terminating zero.
    let messageSize: Int32

    typealias Message = UnsafeMutablePointer<CChar>?

    /// - Parameter body: gets the file's bytes, their number and the room for the message.
    func run<Status: RawRepresentable<UInt32>>(
        _ body: (UnsafePointer<UInt8>?, Int, Message) -> Status
    ) throws(ImageError) {
        var message = MessageBuffer(size: messageSize)
        let status = data.withUnsafeBytes { bytes in
            message.characters.withUnsafeMutableBufferPointer { characters in
                body(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, characters.baseAddress)
            }
        }
        switch status.rawValue {
        case 0: break
        case 1: throw .truncated(name: name, format: format)
        case 3:
            throw .unsupportedFormat(
                name: name, kind: "a \(format.name) image of a rare kind (\(message.text))", advice: "Save it as PNG.")
        default: throw .corrupt(name: name, format: format, reason: message.text)
        }
    }

    /// So many samples, which `body` fills.
    ///
    /// - Parameter body: as in ``run(_:)``, and the room for the samples before the message.
    func samples<Status: RawRepresentable<UInt32>>(
        _ count: Int, _ body: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?, Message) -> Status
    ) throws(ImageError) -> [UInt8] {
        var failure: ImageError?
        let samples = [UInt8](unsafeUninitializedCapacity: count) { samples, initialized in
            do throws(ImageError) {
                try run { body($0, $1, samples.baseAddress, $2) }
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return samples
    }
}
