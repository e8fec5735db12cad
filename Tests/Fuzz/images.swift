// Whatever the bytes are, an image file decodes or says why not.
import ConvNetGraph
import ConvNetTraining
import ConvNetVision
import Foundation

@_cdecl("LLVMFuzzerTestOneInput") public func fuzzImage(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let data = Data(bytes: bytes, count: count)
    do {
        let file = try ImageFile(data, name: "fuzz")
        guard file.header.decodedBytes < 1 << 22 else { return 0 }
        let image = try file.decode(channels: 3)
        precondition(image.pixels.count == 3 * image.height * image.width && image.size == file.header.size)
        let grey = try file.decode(channels: 1)
        precondition(grey.size == image.size)
        let fitted = ImageFitting(size: Size(7, 5)).fit(image)
        precondition(fitted.pixels.count == 105)
    } catch is ImageError {
        return 0
    } catch {
        preconditionFailure("\(error)")
    }
    return 0
}
