import CPNG

/// Room for the message that a function of CPNG writes when it fails.
struct MessageBuffer {
    var characters = [CChar](repeating: 0, count: Int(CPNG_MESSAGE_SIZE))

    var text: String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
