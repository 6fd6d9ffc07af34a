// DribblingProxy.swift: a TCP proxy in front of a server's socket, with faults: it hands on few bytes at a time, it
// cuts the connection after so many bytes of the server's, it accepts and stays silent.

import Foundation
import Synchronization

final class DribblingProxy: Sendable {
    struct Faults: Sendable {
        /// At most so many bytes are handed on at once.
        var chunk = 1
        /// After so many bytes from the server in one connection it is cut; nil: never.
        var cutAfterServerBytes: Int?
        /// Accepts, and never says anything.
        var isSilent = false
        var refusesNew = false
    }

    let port: Int
    private let listener: Int32
    private let faults: Mutex<Faults>
    private let open = Mutex<Set<Int32>>([])
    private let accepted = Mutex(0)
    private let backend: String

    var connectionsAccepted: Int { accepted.withLock { $0 } }

    /// `backend` is the path of a Unix socket.
    init(to backend: String, faults: Faults) throws {
        self.backend = backend
        self.faults = Mutex(faults)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in acceptAll() }
    }

    func set(_ change: (inout Faults) -> Void) { faults.withLock { change(&$0) } }

    /// Cuts what is open and refuses what comes.
    func stop() {
        faults.withLock { $0.refusesNew = true }
        shutdown(listener, Int32(SHUT_RDWR))
        cutAll()
    }

    func cutAll() { open.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } } }

    private func acceptAll() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            accepted.withLock { $0 += 1 }
            let faults = faults.withLock { $0 }
            if faults.refusesNew {
                close(client)
            } else if faults.isSilent {
                _ = open.withLock { $0.insert(client) }
            } else {
                serve(client, faults)
            }
        }
        close(listener)
    }

    private func serve(_ client: Int32, _ faults: Faults) {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: backend.utf8) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard connected else {
            close(client)
            close(server)
            return
        }
        var on: Int32 = 1
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        open.withLock { $0.formUnion([client, server]) }
        let pair = Pair(client: client, server: server)
        Thread.detachNewThread { [self] in
            pump(from: client, to: server, chunk: faults.chunk, cutAfter: nil)
            finish(pair)
        }
        Thread.detachNewThread { [self] in
            pump(from: server, to: client, chunk: faults.chunk, cutAfter: faults.cutAfterServerBytes)
            finish(pair)
        }
    }

    private final class Pair: Sendable {
        let client: Int32
        let server: Int32
        let ended = Mutex(0)
        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }
    }

    private func finish(_ pair: Pair) {
        shutdown(pair.client, Int32(SHUT_RDWR))
        shutdown(pair.server, Int32(SHUT_RDWR))
        guard
            pair.ended.withLock({
                $0 += 1; return $0 == 2
            })
        else { return }
        open.withLock {
            $0.remove(pair.client)
            $0.remove(pair.server)
        }
        close(pair.client)
        close(pair.server)
    }

    private func pump(from source: Int32, to target: Int32, chunk: Int, cutAfter limit: Int?) {
        var passed = 0
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &buffer, min(chunk, buffer.count))
            guard count > 0 else { return }
            var sent = 0
            while sent < count {
                let written = buffer.withUnsafeBytes {
                    send(target, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { return }
                sent += written
            }
            passed += count
            if let limit, passed >= limit { return }
        }
    }
}
