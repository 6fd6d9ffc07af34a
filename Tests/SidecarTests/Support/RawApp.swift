// RawApp.swift: an app that may answer with any bytes and then closes the connection: what a server would never do.
import Foundation
import Glibc
import Synchronization

final class RawApp: Sendable {
    let port: Int
    private let listener: Int32
    private let isStopped = Mutex(false)

    private init(listener: Int32, port: Int) {
        self.listener = listener
        self.port = port
    }

    /// - Parameter answer: the bytes for a delivery's request; empty closes without a word
    static func start(
        subscriptions: String, answer: @escaping @Sendable (_ request: String) -> String
    ) throws -> RawApp {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard bound else { throw Unexpected(reply: "no socket") }
        let app = RawApp(listener: listener, port: Int(UInt16(bigEndian: address.sin_port)))
        Thread { app.serve(subscriptions, answer) }.start()
        return app
    }

    func stop() {
        isStopped.withLock { $0 = true }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ subscriptions: String, _ answer: (String) -> String) {
        while !isStopped.withLock({ $0 }) {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            let request = Self.readRequest(connection)
            let reply: String
            if request.hasPrefix("GET /dapr/subscribe") {
                reply = Self.ok(subscriptions)
            } else if request.hasPrefix("GET /dapr/config") {
                reply = Self.ok("{}")
            } else {
                reply = answer(request)
            }
            let bytes = Array(reply.utf8)
            _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            close(connection)
        }
    }

    private static func ok(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// The head and as much of the body as its length says.
    private static func readRequest(_ connection: Int32) -> String {
        var text = ""
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return text }
            text += String(decoding: chunk[..<count], as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = text[..<end.lowerBound].lowercased()
            let length =
                head.components(separatedBy: "\r\n").first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) }
                ?? 0
            if text[end.upperBound...].utf8.count >= length { return text }
        }
    }
}
