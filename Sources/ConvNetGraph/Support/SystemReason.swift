import Foundation

/// What the operating system says about a call that failed, the last one unless told otherwise: `Permission denied`.
package func systemReason(_ code: CInt = errno) -> String { String(cString: strerror(code)) }

/// What the operating system says about an error of Foundation's, whose own words differ from system to system and name what
/// nobody asked for: `Permission denied`.
package func systemReason(for error: any Error) -> String {
    if let error = error as? POSIXError { return systemReason(error.code.rawValue) }
    if let underlying = (error as? CocoaError)?.underlying as NSError?, underlying.domain == NSPOSIXErrorDomain {
        return systemReason(CInt(underlying.code))
    }
    return error.localizedDescription
}
