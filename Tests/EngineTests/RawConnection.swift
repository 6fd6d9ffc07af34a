// RawConnection.swift: bytes to a port and what comes back, where an HTTP client would be too well-behaved.

import Foundation

enum RawConnection {
    struct CannotConnect: Error {}

    /// Sends the bytes, and reads until an answer's head is there or the other side closes.
    ///
    /// - Parameter toEnd: reads on until the other side closes.
    static func exchange(port: Int, head: String, toEnd: Bool = false) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            // Blocks: on a thread of its own.
            Thread { continuation.resume(with: Result { try blockingExchange(port: port, head: head, toEnd: toEnd) }) }
                .start()
        }
    }

    private static func blockingExchange(port: Int, head: String, toEnd: Bool) throws -> String {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw CannotConnect() }
        let bytes = Array(head.utf8)
        guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw CannotConnect() }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
            if !toEnd, answer.firstRange(of: Array("\r\n\r\n".utf8)) != nil { break }
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
