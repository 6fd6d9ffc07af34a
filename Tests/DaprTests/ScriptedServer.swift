// ScriptedServer.swift: a server that answers exactly the bytes that a test wrote, well or badly.
//
// A real socket and a thread of its own, blocking; each request takes the next answer of the script. Not an HTTP
// server: it finds the end of a request, keeps it, and that is all.

import Foundation
import Synchronization

final class ScriptedServer: Sendable {
    enum Step: Sendable {
        case send(String)
        /// Each byte in a packet of its own.
        case drip(String)
        /// Reads on, answers nothing, until the other side goes away.
        case silence
        case close
    }

    struct Received: Sendable {
        /// `GET /path HTTP/1.1`
        let line: String
        let headers: [String: String]
        let body: String
    }

    private struct State {
        var script: [[Step]]
        var received: [Received] = []
        var connections = 0
    }

    let port: Int
    private let listener: Int32
    private let state: Mutex<State>

    /// - Parameter script: one list of steps for each request, whatever connection it comes on.
    init(_ script: [[Step]]) throws {
        state = Mutex(State(script: script))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let port: Int = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socketAddress in
                guard bind(descriptor, socketAddress, length) == 0, listen(descriptor, 64) == 0,
                    getsockname(descriptor, socketAddress, &length) == 0
                else { return 0 }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
        guard port > 0 else { throw CocoaError(.fileNoSuchFile) }
        self.port = port
        let thread = Thread { [self] in acceptAll() }
        thread.start()
    }

    /// Answers with a body and its length.
    static func reply(_ status: Int, _ body: String = "", headers: String = "") -> [Step] {
        [.send("HTTP/1.1 \(status) X\r\ncontent-length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")]
    }

    var received: [Received] { state.withLock { $0.received } }
    var connections: Int { state.withLock { $0.connections } }

    /// Refuses connections from now on. The accepting thread closes the descriptor: closed here, its number could
    /// already be another server's when that thread accepts again.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func acceptAll() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                close(listener)
                return
            }
            var one: Int32 = 1
            setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            state.withLock { $0.connections += 1 }
            Thread { [self] in serve(connection) }.start()
        }
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var pending: [UInt8] = []
        while let request = readRequest(connection, &pending) {
            let steps: [Step] = state.withLock {
                $0.received.append(request)
                return $0.script.isEmpty ? [.close] : $0.script.removeFirst()
            }
            for step in steps {
                switch step {
                case .send(let text): write(connection, Array(text.utf8))
                case .drip(let text): for byte in text.utf8 { write(connection, [byte]) }
                case .silence:
                    var byte: UInt8 = 0
                    while recv(connection, &byte, 1, 0) > 0 {}
                    return
                case .close: return
                }
            }
        }
    }

    private func write(_ connection: Int32, _ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    private func readRequest(_ connection: Int32, _ pending: inout [UInt8]) -> Received? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let request = Self.take(&pending) { return request }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            pending += buffer[..<count]
        }
    }

    private static func take(_ pending: inout [UInt8]) -> Received? {
        guard let end = pending.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: pending[..<end.lowerBound], as: UTF8.self).components(
            separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] =
                parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard pending.count >= end.upperBound + length else { return nil }
        let body = String(decoding: pending[end.upperBound..<(end.upperBound + length)], as: UTF8.self)
        pending.removeFirst(end.upperBound + length)
        return Received(line: lines.first ?? "", headers: headers, body: body)
    }
}
