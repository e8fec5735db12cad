/// Room for the message that a function of a C shim writes when it fails.
struct MessageBuffer {
    var characters: [CChar]

    init(size: Int32) { characters = [CChar](repeating: 0, count: Int(size)) }

    var text: String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
