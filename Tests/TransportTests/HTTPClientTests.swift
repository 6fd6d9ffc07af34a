// HTTPClientTests.swift: the client against servers of all manners: ours, broken ones, and Python's.
import Glibc
import Synchronization
import Testing
import Wire

@testable import Transport

/// A client on the test's own thread.
private struct Caller {
    let loop: EventLoop
    let client: HTTPClient

    init(_ change: (inout HTTPClientOptions) -> Void = { _ in }) throws {
        loop = try EventLoop()
        var options = HTTPClientOptions.standard
        change(&options)
        client = HTTPClient(loop: loop, options: options)
    }

    func request(
        _ method: HTTPMethod = .get, port: Int, _ target: String = "/", body: [UInt8] = [], host: String = "127.0.0.1"
    ) -> HTTPClientRequest {
        HTTPClientRequest(origin: HTTPOrigin(host: host, port: port), method: method, target: target, body: body)
    }

    func send(_ request: HTTPClientRequest, within limit: Duration = .seconds(10)) -> HTTPClient.Reply {
        var reply: HTTPClient.Reply?
        client.send(request, deadlineNanoseconds: loop.nowNanoseconds + limit.wholeNanoseconds) { reply = $0 }
        #expect(reply == nil, "a completion comes after `send` returned")
        loop.runExpecting("the reply comes", within: .seconds(15)) { reply != nil }
        return reply!
    }
}

extension HTTPClient.Reply {
    fileprivate var status: Int? { try? get().status }
    fileprivate var text: String? { try? get().body.text }
    fileprivate var error: HTTPClientError? { if case .failure(let error) = self { error } else { nil } }
}

/// A server that does exactly what a test says, connection after connection, on a thread of its own.
private final class ScriptedServer {
    private let socket: ListenSocket
    private let thread: BackgroundThread
    var port: Int { socket.port }

    /// `script` is given each connection's descriptor, blocking, and its number from 0.
    init(connections: Int = 1, _ script: @escaping @Sendable (Int32, Int) -> Void) throws {
        socket = try ListenSocket.open(address: "127.0.0.1", port: 0)
        thread = try BackgroundThread(name: "scripted", jobsMax: 1)
        let socket = socket
        try thread.submit {
            for number in 0..<connections {
                var waiting = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&waiting, 1, 10_000) == 1 else { return }
                let descriptor = accept(socket.descriptor, nil, nil)
                var limit = timeval(tv_sec: 10, tv_usec: 0)
                setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
                script(descriptor, number)
                close(descriptor)
            }
        }
    }
    deinit { thread.stop() }

    /// Reads up to the end of a head; false at the end of the connection.
    @discardableResult
    static func readHead(_ descriptor: Int32) -> Bool {
        var seen: [UInt8] = []
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, 0) == 1 {
            seen.append(byte)
            if seen.suffix(4) == Array("\r\n\r\n".utf8)[...] { return true }
        }
        return false
    }
    static func write(_ descriptor: Int32, _ text: String) {
        _ = Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    }
}

private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

@Suite struct HTTPClientTests {
    @Test func `requests one after the other share a connection`() throws {
        let server = try TestServer()
        defer { server.stop() }
        let caller = try Caller()
        defer { caller.client.close() }
        for number in 0..<10 {
            let reply = caller.send(caller.request(.post, port: server.port, "/\(number)", body: Array("hi".utf8)))
            #expect(reply.text == "POST /\(number) hi")
        }
        #expect(caller.client.counters.connections == 1)
        #expect(caller.client.connectionCount(to: HTTPOrigin(host: "127.0.0.1", port: server.port)) == 1)
        #expect(caller.send(caller.request(.head, port: server.port)).text == "")
        #expect(caller.send(caller.request(port: server.port, host: "localhost")).text == "GET / ")
    }

    @Test(arguments: [
        ("length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"),
        ("chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nT: u\r\n\r\n", "ok"),
        ("until the end", "HTTP/1.1 200 OK\r\n\r\nok", "ok"),
        ("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nok", "ok"),
        ("after interim replies", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + ok, "ok"),
        ("no content", "HTTP/1.1 204 No Content\r\n\r\n", ""),
        ("bytes behind", ok + "HTTP/1.1 200 OK\r\n", "ok"),
    ])
    func `replies are understood, whole and byte by byte`(what: String, reply: String, body: String) throws {
        for isDripping in [false, true] {
            let server = try ScriptedServer { descriptor, _ in
                var on: Int32 = 1
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
                ScriptedServer.readHead(descriptor)
                if isDripping {
                    for byte in reply.utf8 { ScriptedServer.write(descriptor, String(UnicodeScalar(byte))) }
                } else {
                    ScriptedServer.write(descriptor, reply)
                }
            }
            let caller = try Caller()
            defer { caller.client.close() }
            #expect(caller.send(caller.request(port: server.port)).text == body, "\(what)")
        }
    }

    @Test(arguments: [
        ("SSH-2.0-OpenSSH\r\n", true), ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", true),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxx", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", false), ("HTTP/1.1 200 OK\r\nContent-Le", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok", false),
    ])
    func `broken and cut replies are named`(reply: String, isInvalid: Bool) throws {
        let server = try ScriptedServer { descriptor, _ in
            ScriptedServer.readHead(descriptor)
            ScriptedServer.write(descriptor, reply)
        }
        let caller = try Caller()
        defer { caller.client.close() }
        let error = caller.send(caller.request(port: server.port)).error
        switch error {
        case .replyInvalid: #expect(isInvalid)
        case .closedDuringReply: #expect(!isInvalid)
        default: Issue.record("\(String(describing: error))")
        }
        #expect(error?.isUnsent == false)
    }

    @Test(arguments: [(HTTPMethod.get, true), (.put, true), (.post, false)])
    func `a kept connection that dies without a reply byte is tried again once, if that is harmless`(
        method: HTTPMethod, isRetried: Bool
    ) throws {
        let server = try ScriptedServer(connections: isRetried ? 2 : 1) { descriptor, number in
            ScriptedServer.readHead(descriptor)
            ScriptedServer.write(descriptor, ok)
            // The second request is read, and the connection ends.
            if number == 0 { ScriptedServer.readHead(descriptor) }
        }
        let caller = try Caller()
        defer { caller.client.close() }
        #expect(caller.send(caller.request(port: server.port)).status == 200)
        let reply = caller.send(caller.request(method, port: server.port))
        #expect(reply.status == (isRetried ? 200 : nil))
        #expect(caller.client.counters.retries == (isRetried ? 1 : 0))
        if !isRetried {
            #expect(reply.error == .closedBeforeReply(HTTPOrigin(host: "127.0.0.1", port: server.port)))
        }
    }

    @Test func `a retried request that dies again fails`() throws {
        let server = try ScriptedServer(connections: 2) { descriptor, number in
            ScriptedServer.readHead(descriptor)
            guard number == 0 else { return }
            ScriptedServer.write(descriptor, ok)
            ScriptedServer.readHead(descriptor)
        }
        let caller = try Caller()
        defer { caller.client.close() }
        #expect(caller.send(caller.request(port: server.port)).status == 200)
        #expect(caller.send(caller.request(port: server.port)).error != nil)
        #expect(caller.client.counters.retries == 1)
    }

    @Test func `a kept connection that ended while idle is not used, even for a post`() throws {
        let ended = Gate()
        let server = try ScriptedServer(connections: 2) { descriptor, number in
            ScriptedServer.readHead(descriptor)
            ScriptedServer.write(descriptor, ok)
            if number == 0 {
                close(dup(descriptor))
                shutdown(descriptor, Int32(SHUT_RDWR))
                ended.open()
            }
        }
        let caller = try Caller()
        defer { caller.client.close() }
        #expect(caller.send(caller.request(port: server.port)).status == 200)
        #expect(ended.wait())
        // The end is known to the kernel, but the loop has not turned since: the idle time makes the pool look.
        usleep(60_000)
        #expect(caller.send(caller.request(.post, port: server.port)).status == 200)
        #expect(caller.client.counters.retries == 0)
    }

    @Test func `a reply that does not come in time fails, and its connection is not used again`() throws {
        let release = Gate()
        let server = try ScriptedServer(connections: 2) { descriptor, number in
            ScriptedServer.readHead(descriptor)
            if number == 0 { _ = release.wait() } else { ScriptedServer.write(descriptor, ok) }
        }
        let caller = try Caller()
        defer { caller.client.close() }
        let origin = HTTPOrigin(host: "127.0.0.1", port: server.port)
        let started = ContinuousClock.now
        let reply = caller.send(caller.request(port: server.port), within: .milliseconds(50))
        #expect(reply.error == .deadlineExceeded(origin, isSent: true))
        #expect(ContinuousClock.now - started >= .milliseconds(50))
        #expect(caller.client.connectionCount(to: origin) == 0)
        release.open()
        #expect(caller.send(caller.request(port: server.port)).status == 200)
    }

    @Test func `connections and waiting requests are limited, and those that wait are served in order`() throws {
        let held = Mutex<[HTTPResponder]>([])
        let server = try TestServer { _, response in held.withLock { $0.append(response) } }
        defer { server.stop() }
        let caller = try Caller {
            $0.connectionsPerOriginMax = 2
            $0.waitersPerOriginMax = 3
        }
        defer { caller.client.close() }
        let origin = HTTPOrigin(host: "127.0.0.1", port: server.port)
        var replies: [Int: HTTPClient.Reply] = [:]
        func send(_ number: Int, within limit: Duration = .seconds(10)) {
            caller.client.send(
                caller.request(port: server.port, "/\(number)"),
                deadlineNanoseconds: caller.loop.nowNanoseconds + limit.wholeNanoseconds
            ) { replies[number] = $0 }
        }
        send(0)
        send(1)
        caller.loop.runExpecting("both connections are busy") { held.withLock { $0.count } == 2 }
        send(2)
        send(3, within: .milliseconds(20))
        send(4)
        send(5)
        caller.loop.runExpecting("the one too many is refused") { replies[5] != nil }
        #expect(replies[5]?.error == .poolExhausted(origin, waitersMax: 3))
        caller.loop.runExpecting("one gave up waiting") { replies[3] != nil }
        #expect(replies[3]?.error == .deadlineExceeded(origin, isSent: false))
        #expect(replies[3]?.error?.isUnsent == true)
        caller.loop.runExpecting("the rest is answered") {
            for response in held.withLock({ held in
                defer { held = [] }; return held
            }) {
                response.respond(status: 200, headers: [], body: [])
            }
            return replies.count == 6
        }
        #expect(replies.values.count(where: { $0.status == 200 }) == 4)
        #expect(caller.client.counters.connections == 2)
    }

    @Test func `a refused connection is named`() throws {
        let port = try ListenSocket.open(address: "127.0.0.1", port: 0).port
        let caller = try Caller()
        defer { caller.client.close() }
        for host in ["127.0.0.1", "localhost"] {
            let error = caller.send(caller.request(port: port, host: host)).error
            guard case .connectFailed(let origin, let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(origin == HTTPOrigin(host: host, port: port))
            #expect(reason.number == ECONNREFUSED)
            #expect(error?.description == "cannot connect to \(host):\(port): Connection refused")
        }
        #expect(caller.client.connectionCount(to: HTTPOrigin(host: "127.0.0.1", port: port)) == 0)
    }

    @Test func `a server that comes up later is reached`() throws {
        let port = try ListenSocket.open(address: "127.0.0.1", port: 0).port
        let caller = try Caller()
        defer { caller.client.close() }
        #expect(caller.send(caller.request(port: port)).error?.isUnsent == true)
        let loop = try EventLoop()
        let handler = ClosureHandler(TestServer.echo)
        let server = try HTTPServer(loop: loop, address: "127.0.0.1", port: port, options: .standard, handler: handler)
        let thread = try LoopThread.start(loop, name: "late-server")
        defer { thread.stop() }
        #expect(server.port == port)
        #expect(caller.send(caller.request(port: port)).status == 200)
    }

    @Test func `names are looked up away from the loop`() throws {
        let loop = try EventLoop()
        var result: Result<[SocketAddress], TransportError>?
        NameResolver.lookUp(HTTPOrigin(host: "localhost", port: 80), on: loop) { result = $0 }
        #expect(result == nil)
        loop.runExpecting("the answer comes on the loop") { result != nil }
        #expect(try result?.get().contains(#require(.numeric("127.0.0.1", port: 80))) == true)
    }

    @Test func `a reply beyond the limit is refused`() throws {
        for framing in ["Content-Length: 1001\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", "\r\n"] {
            let server = try ScriptedServer { descriptor, _ in
                ScriptedServer.readHead(descriptor)
                ScriptedServer.write(descriptor, "HTTP/1.1 200 OK\r\n" + framing + String(repeating: "a", count: 1001))
            }
            let caller = try Caller { $0.replyBytesMax = 1000 }
            defer { caller.client.close() }
            let error = caller.send(caller.request(port: server.port)).error
            #expect(error == .replyTooLarge(HTTPOrigin(host: "127.0.0.1", port: server.port), limitBytes: 1000))
        }
    }

    @Test func `large bodies go both ways`() throws {
        var options = HTTPServerOptions.standard
        options.bodyBytesMax = 16 << 20
        let server = try TestServer(options: options) { request, response in
            response.respond(status: 200, headers: [], body: request.body.bytes)
        }
        defer { server.stop() }
        let caller = try Caller()
        defer { caller.client.close() }
        var body = [UInt8](repeating: 1, count: 5 << 20)
        body[body.count - 1] = 9
        let reply = try caller.send(caller.request(.post, port: server.port, body: body)).get()
        #expect(reply.body.bytes == body)
    }

    @Test func `a refusal in the middle of a large request is a reply, not a lost connection`() throws {
        let server = try TestServer()
        defer { server.stop() }
        let caller = try Caller()
        defer { caller.client.close() }
        let body = [UInt8](repeating: 0x61, count: 10_000_000)
        #expect(caller.send(caller.request(.post, port: server.port, body: body)).status == 413)
        #expect(caller.send(caller.request(port: server.port)).status == 200)
    }

    @Test(
        arguments: [
            ("no slash", HTTPOrigin(host: "h", port: 80), [], true),
            ("/a b", HTTPOrigin(host: "h", port: 80), [], true),
            ("/a\r\nX: y", HTTPOrigin(host: "h", port: 80), [], true),
            ("/", HTTPOrigin(host: "h\r\nX: y", port: 80), [], true), ("/", HTTPOrigin(host: "", port: 80), [], true),
            ("/", HTTPOrigin(host: "h", port: 0), [], true),
            ("/", HTTPOrigin(host: "h", port: 80), [("A", "b\r\nC: d")], true),
            ("/", HTTPOrigin(host: "h", port: 80), [("Content-Length", "3")], true),
        ] as [(String, HTTPOrigin, [(String, String)], Bool)])
    func `a request that is not HTTP is not sent`(
        target: String, origin: HTTPOrigin, headers: [(String, String)], isRefused: Bool
    ) throws {
        let caller = try Caller()
        let request = HTTPClientRequest(
            origin: origin, method: .get, target: target, headers: headers.map { (name: $0.0, value: $0.1) })
        guard case .requestInvalid = caller.send(request).error else {
            Issue.record("it was sent")
            return
        }
    }

    @Test func `closing the client fails what is under way`() throws {
        let server = try TestServer { _, response in response.loop.schedule(after: .seconds(60)) { _ = response } }
        defer { server.stop() }
        let caller = try Caller { $0.connectionsPerOriginMax = 1 }
        var errors: [HTTPClientError?] = []
        for _ in 0..<3 {
            caller.client.send(caller.request(port: server.port), deadlineNanoseconds: .max) { errors.append($0.error) }
        }
        caller.loop.runExpecting("one is under way") { caller.client.counters.connections == 1 }
        caller.client.close()
        #expect(errors == [.clientClosed, .clientClosed, .clientClosed])
        #expect(caller.send(caller.request(port: server.port)).error == .clientClosed)
        #expect(caller.loop.descriptorCount == 0)
    }

    @Test func `an idle connection is closed after its time`() throws {
        let server = try TestServer()
        defer { server.stop() }
        let caller = try Caller { $0.idleTimeout = .milliseconds(20) }
        #expect(caller.send(caller.request(port: server.port)).status == 200)
        let origin = HTTPOrigin(host: "127.0.0.1", port: server.port)
        caller.loop.runExpecting("it is closed") { caller.client.connectionCount(to: origin) == 0 }
        #expect(caller.loop.timerCount == 0)
    }

    @Test func `tasks send from anywhere`() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let loop = try EventLoop()
        let client = HTTPClient(loop: loop, options: .standard)
        let thread = try LoopThread.start(loop, name: "client")
        defer { thread.stop() }
        let request = HTTPClientRequest(
            origin: HTTPOrigin(host: "127.0.0.1", port: server.port), method: .put, target: "/x", body: [0x79])
        #expect(try await client.send(request, within: .seconds(5)).body.text == "PUT /x y")
        let onLoop = Task(executorPreference: loop) {
            let reply = try await client.send(request, within: .seconds(5))
            return (reply.body.text, loop.isCurrent)
        }
        #expect(try await onLoop.value == ("PUT /x y", true))
    }

    @Test func `a thousand requests over few connections all come back`() throws {
        let server = try TestServer()
        defer { server.stop() }
        let caller = try Caller { $0.connectionsPerOriginMax = 8 }
        defer { caller.client.close() }
        var replies = 0
        for number in 0..<1000 {
            caller.client.send(
                caller.request(.post, port: server.port, "/\(number)"),
                deadlineNanoseconds: caller.loop.nowNanoseconds + 10_000_000_000
            ) { reply in
                #expect(reply.text == "POST /\(number) ")
                replies += 1
            }
        }
        caller.loop.runExpecting("all replies come", within: .seconds(15)) { replies == 1000 }
        #expect(caller.client.counters.connections == 8)
    }
}

final class ClosureHandler: HTTPRequestHandler {
    private let answer: (HTTPRequest, HTTPResponder) -> Void
    init(_ answer: @escaping (HTTPRequest, HTTPResponder) -> Void) { self.answer = answer }
    func handle(_ request: HTTPRequest, _ response: HTTPResponder) { answer(request, response) }
}

/// Programs that others wrote, so that both sides are not wrong in the same way.
@Suite struct PeerTests {
    /// Runs a program to its end and returns what it printed.
    private func run(_ arguments: [String]) throws -> String {
        let loop = try EventLoop()
        var lines: [String] = []
        var exit: ChildExit?
        _ = try ChildProcess.start(
            ChildCommand("/usr/bin/env", arguments), output: .lines, on: loop, onLine: { lines.append($0) },
            onExit: { exit = $0 })
        loop.runExpecting("it ends", within: .seconds(20)) { exit != nil }
        return lines.joined(separator: "\n")
    }

    @Test func `curl is served: reused connections, chunked uploads, large bodies`() throws {
        let server = try TestServer { request, response in
            response.respond(
                status: request.path == "/missing" ? 404 : 200, headers: [("Content-Type", "text/plain")],
                body: Array("\(request.method.rawValue) \(request.path) \(request.body.count)\n".utf8))
        }
        defer { server.stop() }
        let base = "http://127.0.0.1:\(server.port)"
        let folder = try TemporaryFolder()
        let file = folder.path + "/body"
        try FileSystem.writeFile(file, bytes: [UInt8](repeating: 0x61, count: 3_000_000), mode: 0o644)
        #expect(
            try run(["curl", "-s", "-w", "%{num_connects}\n", "\(base)/a", "\(base)/b?c=d"])
                == "GET /a 0\n1\nGET /b 0\n0")
        #expect(try run(["curl", "-s", "--data-binary", "@\(file)", "\(base)/up"]) == "POST /up 3000000")
        #expect(
            try run(["curl", "-s", "-H", "Transfer-Encoding: chunked", "--data-binary", "@\(file)", "\(base)/up"])
                == "POST /up 3000000")
        #expect(try run(["curl", "-s", "-H", "Expect: 100-continue", "-d", "abc", "\(base)/e"]) == "POST /e 3")
        #expect(try run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "\(base)/missing"]) == "404")
        #expect(try run(["curl", "-sI", "-w", "%{http_code}", "-o", "/dev/null", "\(base)/h"]) == "200")
        #expect(try run(["curl", "-s0", "\(base)/old"]) == "GET /old 0")
    }

    @Test func `Python's server is understood`() throws {
        let folder = try TemporaryFolder()
        try folder.write("a.txt", "from a file")
        let caller = try Caller()
        defer { caller.client.close() }
        var line: String?
        var exit: ChildExit?
        let python = try ChildProcess.start(
            ChildCommand(
                "/usr/bin/env",
                ["python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder.path]),
            output: .lines, on: caller.loop, onLine: { if line == nil { line = $0 } }, onExit: { exit = $0 })
        // "Serving HTTP on 127.0.0.1 port 43210 (http://…"
        caller.loop.runExpecting("it serves", within: .seconds(20)) { line != nil }
        let words = (line ?? "").split(separator: " ")
        let port = try #require(words.firstIndex(of: "port").flatMap { Int(words[$0 + 1]) })
        #expect(caller.send(caller.request(port: port, "/a.txt")).text == "from a file")
        #expect(caller.send(caller.request(.head, port: port, "/a.txt")).status == 200)
        #expect(caller.send(caller.request(port: port, "/none")).status == 404)
        #expect(caller.send(caller.request(.post, port: port, "/a.txt", body: [1])).status == 501)
        #expect(python.signal(SIGTERM))
        caller.loop.runExpecting("it ends", within: .seconds(10)) { exit != nil }
        #expect(exit == .signalled(SIGTERM))
    }
}
