import Foundation

/// What the operating system says about an error of Foundation's, whose own words differ from system to system and name what
/// nobody asked for: `Permission denied`.
package func systemReason(for error: any Error) -> String {
    if let error = error as? POSIXError { return String(cString: strerror(error.code.rawValue)) }
    if let underlying = (error as? CocoaError)?.underlying as NSError?, underlying.domain == NSPOSIXErrorDomain {
        return String(cString: strerror(Int32(underlying.code)))
    }
    return error.localizedDescription
}
