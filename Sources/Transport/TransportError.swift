// TransportError.swift: what can go wrong with sockets, descriptors and threads, with the numbers in the cases.
//
// Law: an error names the thing (address, path, host) and the reason in the system's own words.
// Neighbours: HTTPClientError.swift (a request's failures), FileSystem.swift (files and folders).
internal import Glibc

/// The reason that the system gave for a failed call: an errno and its text.
package struct SystemReason: Error, Hashable, Sendable, CustomStringConvertible {
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// From a wrapper's negative result.
    init(result: Int32) { number = -result }
    init(result: Int64) { number = Int32(truncatingIfNeeded: -result) }

    package var description: String {
        var text = [CChar](repeating: 0, count: 256)
        let found = unsafe strerror_r(number, &text, text.count - 1)
        guard found == 0, let end = text.firstIndex(of: 0) else { return "system error \(number)" }
        return String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A failure to set up something of the operating system.
package enum TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    case addressInUse(address: String, port: Int)
    case addressInvalid(address: String, reason: String)
    case listenFailed(address: String, port: Int, reason: SystemReason)
    case nameNotFound(host: String, reason: String)
    /// `what` completes "cannot …".
    case unavailable(what: String, reason: SystemReason)

    package var description: String {
        switch self {
        case .addressInUse(let address, let port):
            "port \(port) on \(address) is taken by another program"
        case .addressInvalid(let address, let reason):
            "cannot use the address `\(address)`: \(reason)"
        case .listenFailed(let address, let port, let reason):
            "cannot listen on \(address) port \(port): \(reason)"
        case .nameNotFound(let host, let reason):
            "cannot find the host `\(host)`: \(reason)"
        case .unavailable(let what, let reason):
            "cannot \(what): \(reason)"
        }
    }
}
