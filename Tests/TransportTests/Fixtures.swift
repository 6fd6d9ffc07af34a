// Fixtures.swift: small parts that the Transport tests share: pipes, recorders, gates between threads.
import Glibc
import Synchronization
import Testing
import Wire

@testable import Transport

/// A gate between threads: opened once, waited for with a deadline.
final class Gate: Sendable {
    private let reading: Int32
    private let writing: Int32
    init() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }
    deinit {
        close(reading)
        close(writing)
    }
    func open() { _ = write(writing, "x", 1) }
    func wait(atMost limit: Duration = .seconds(10)) -> Bool {
        var waiting = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, Int32(limit.components.seconds * 1000)) == 1
    }
}

final class Recorder: DescriptorHandler {
    var count = 0
    var readiness: Readiness = []
    var onReady: () -> Void = {}
    func descriptorReady(_ readiness: Readiness) {
        count += 1
        self.readiness = readiness
        onReady()
    }
}

final class Pipe {
    let reading: Int32
    let writing: Int32
    init() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }
    deinit {
        close(reading)
        close(writing)
    }
    func fill() { _ = write(writing, "x", 1) }
}

/// A server on a thread of its own, whose handler is a closure. `stop` ends both.
final class TestServer: HTTPRequestHandler, @unchecked Sendable {
    let thread: LoopThread
    private(set) var servers: [HTTPServer] = []
    private let answer: @Sendable (HTTPRequest, HTTPResponder) -> Void
    var port: Int { servers[0].port }
    var loop: EventLoop { thread.loop }

    init(
        options: HTTPServerOptions = .standard,
        _ answer: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void = TestServer.echo
    ) throws {
        self.answer = answer
        let loop = try EventLoop()
        thread = try LoopThread.start(loop, name: "test-server")
        let result = Mutex<Result<HTTPServer, TransportError>?>(nil)
        onLoop {
            let made = Result { () throws(TransportError) in
                try HTTPServer(loop: loop, address: "127.0.0.1", port: 0, options: options, handler: self)
            }
            result.withLock { $0 = made }
        }
        servers = [try #require(result.withLock { $0 }).get()]
    }

    func handle(_ request: HTTPRequest, _ response: HTTPResponder) { answer(request, response) }

    /// Answers method, path and body.
    static let echo: @Sendable (HTTPRequest, HTTPResponder) -> Void = { request, response in
        let text = "\(request.method.rawValue) \(request.path) \(request.body.text)"
        response.respond(status: 200, headers: [("Content-Type", "text/plain")], body: Array(text.utf8))
    }

    var counters: HTTPServerCounters { onLoop { self.servers[0].counters } }

    @discardableResult
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value {
        let result = Mutex<Value?>(nil)
        let gate = Gate()
        loop.execute {
            let value = body()
            result.withLock { $0 = value }
            gate.open()
        }
        precondition(gate.wait(), "the loop does not turn")
        return result.withLock { $0 }!
    }

    /// Waits on the loop, turn by turn, until `condition` holds.
    func expectSoon(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: @escaping @Sendable (HTTPServer) -> Bool
    ) {
        let gate = Gate()
        @Sendable func look() {
            if condition(servers[0]) { gate.open() } else { loop.schedule(after: .milliseconds(2), look) }
        }
        loop.execute(look)
        #expect(gate.wait(), what, sourceLocation: sourceLocation)
    }

    func stop() {
        onLoop { self.servers[0].close() }
        thread.stop()
    }
}

/// A plain blocking socket, so that a test says exactly which bytes go when.
final class RawPeer {
    let descriptor: Int32
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw SystemReason(errno) }
    }
    deinit { close(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + start, bytes.count - start, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            start += count
        }
    }
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What arrives next; empty at the end, nil when nothing came in time or the connection was reset.
    func receive(atMost limit: Int = 65_536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &bytes, limit, 0)
        return count < 0 ? nil : Array(bytes[..<count])
    }
    /// Everything up to the end of the connection.
    func receiveAll() -> String {
        var all: [UInt8] = []
        while let more = receive(), !more.isEmpty { all += more }
        return String(decoding: all, as: UTF8.self)
    }
    /// Bytes until `text` was seen.
    func receive(until text: String) -> String {
        var all = ""
        while !all.contains(text), let more = receive(), !more.isEmpty { all += String(decoding: more, as: UTF8.self) }
        return all
    }
}

extension String {
    /// The status of a reply that starts here.
    var status: Int? { hasPrefix("HTTP/1.1 ") ? Int(dropFirst(9).prefix(3)) : nil }
    var replyBody: String? {
        guard let end = firstRange(of: "\r\n\r\n") else { return nil }
        return String(self[end.upperBound...])
    }
    func firstRange(of text: String) -> Range<String.Index>? {
        let (whole, part) = (Array(utf8), Array(text.utf8))
        guard let start = whole.firstOffset(of: part, from: 0) else { return nil }
        let lower = utf8.index(startIndex, offsetBy: start)
        return lower..<utf8.index(lower, offsetBy: part.count)
    }
    func count(of text: String) -> Int {
        let (whole, part) = (Array(utf8), Array(text.utf8))
        var (count, start) = (0, 0)
        while let found = whole.firstOffset(of: part, from: start) { (count, start) = (count + 1, found + part.count) }
        return count
    }
}

extension [UInt8] {
    func firstOffset(of part: [UInt8], from start: Int) -> Int? {
        var start = start
        while start + part.count <= count {
            if self[start] == part[0], self[start..<start + part.count].elementsEqual(part) { return start }
            start += 1
        }
        return nil
    }
}
