import Foundation

/// What the operating system says about a call that failed, the last one unless told otherwise: `Permission denied`.
package func systemReason(_ code: CInt = errno) -> String { String(cString: strerror(code)) }

/// What the operating system says about an error of Foundation's, whose own words differ from system to system and name what
/// nobody asked for: `Permission denied`.
package func systemReason(for error: any Error) -> String {
    systemCode(of: error).map { systemReason($0) } ?? error.localizedDescription
}

/// The `errno` behind an error of Foundation's; nil where there is none.
package func systemCode(of error: any Error) -> CInt? {
    if let error = error as? POSIXError { return error.code.rawValue }
    guard let underlying = (error as? CocoaError)?.underlying as NSError?, underlying.domain == NSPOSIXErrorDomain
    else { return nil }
    return CInt(underlying.code)
}
