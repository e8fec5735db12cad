import Foundation

/// JSON from files, which may be anybody's.
package enum JSONText {
    /// Decodes a text that the scanner has found to be whole, and nested no deeper than ``JSONScanner/maximumDepth``:
    /// Foundation's decoder ends the process over one that breaks off 513 levels deep.
    ///
    /// - Parameter customLayers: what a graph in it may have beside the library's own layers.
    /// - Throws: `DecodingError`, and what the type throws.
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from data: Data, customLayers: [any CustomLayer.Type] = [],
        dates: JSONDecoder.DateDecodingStrategy = .deferredToDate
    ) throws -> Value {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = data.starts(with: byteOrderMark) ? data.dropFirst(byteOrderMark.count) : data
        var scanner = JSONScanner([UInt8](text), of: "text")
        do {
            try scanner.skipValue()
            try scanner.end()
        } catch let failure as JSONScanner.Failure {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "byte \(failure.offset): \(failure.problem)"))
        }
        let decoder = JSONDecoder()
        decoder.userInfo[.customLayers] = customLayers
        decoder.dateDecodingStrategy = dates
        return try decoder.decode(type, from: text)
    }
}

extension JSONEncoder {
    /// Keys in order, so that equal values give equal bytes.
    package static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

extension DecodingError {
    /// Where and what, in one line.
    package var sentence: String {
        let context: Context
        switch self {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
        case .keyNotFound(let key, let found):
            let place = (found.codingPath + [key]).map(\.stringValue).joined(separator: ".")
            return "\(place) is missing"
        @unknown default: return "\(self)"
        }
        let place = context.codingPath.map(\.stringValue).joined(separator: ".")
        let problem = context.debugDescription
        return place.isEmpty ? problem : "\(place): \(problem)"
    }
}
