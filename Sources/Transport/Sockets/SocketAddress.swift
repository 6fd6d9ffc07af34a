// SocketAddress.swift: where a socket listens or connects to, as the kernel takes it.
//
// Neighbours: ListenSocket.swift, NameResolver.swift (which calls `lookUp` away from the loops).
internal import CLinux
internal import Glibc

struct SocketAddress: Hashable, Sendable {
    let family: Int32
    /// A `sockaddr_in` or `sockaddr_in6`.
    let bytes: [UInt8]

    /// From a numeric IPv4 or IPv6 address; nil for anything else.
    static func numeric(_ host: String, port: Int) -> SocketAddress? {
        guard let port = UInt16(exactly: port) else { return nil }
        var four = sockaddr_in()
        if unsafe inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            return SocketAddress(family: AF_INET, bytes: unsafe withUnsafeBytes(of: &four) { unsafe Array($0) })
        }
        var six = sockaddr_in6()
        if unsafe inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            return SocketAddress(family: AF_INET6, bytes: unsafe withUnsafeBytes(of: &six) { unsafe Array($0) })
        }
        return nil
    }

    /// Addresses that need no look-up: numeric ones, and `localhost`, which is 127.0.0.1 first and then ::1.
    static func immediate(_ host: String, port: Int) -> [SocketAddress]? {
        if let address = numeric(host, port: port) { return [address] }
        guard host.lowercased() == "localhost" else { return nil }
        return [numeric("127.0.0.1", port: port), numeric("::1", port: port)].compactMap(\.self)
    }

    /// Asks the system's resolver. Blocks: not for a loop.
    static func lookUp(_ host: String, port: Int) throws(TransportError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, String(port), &hints, &first)
        guard result == 0 else {
            throw .nameNotFound(host: host, reason: unsafe String(cString: gai_strerror(result)))
        }
        defer { unsafe freeaddrinfo(first) }
        var found: [SocketAddress] = []
        var next = unsafe first
        while let entry = unsafe next {
            if let address = unsafe entry.pointee.ai_addr {
                let bytes = unsafe UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))
                unsafe found.append(SocketAddress(family: entry.pointee.ai_family, bytes: Array(bytes)))
            }
            unsafe next = entry.pointee.ai_next
        }
        guard !found.isEmpty else { throw .nameNotFound(host: host, reason: "it has no address") }
        return found
    }
}
