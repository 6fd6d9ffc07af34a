// HTTPServerTests.swift: the server against raw sockets: what is refused, in which order replies come, who is cut off.
import Glibc
import Synchronization
import Testing
import Wire

@testable import Transport

private let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
private let lastGet = "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

@Suite struct HTTPServerTests {
    @Test(arguments: [
        (
            "both lengths",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400
        ),
        (
            "two lengths that differ",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400
        ),
        ("two lengths alike", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
        ("signed length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc", 400),
        ("space before colon", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc", 400),
        ("folded line", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
        ("bare LF", "GET / HTTP/1.1\nHost: x\n\n", 400),
        ("NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n", 400),
        ("xchunked", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
        ("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
        ("two Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("HTTP/3.7", "GET / HTTP/3.7\r\nHost: x\r\n\r\n", 505),
        ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("unknown method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("unknown expectation", "GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417),
        ("a long target", "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        ("a long head", "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 17_000))\r\n\r\n", 431),
        ("many fields", "GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 100) + "\r\n", 431),
        ("a large body announced", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4194305\r\n\r\n", 413),
        ("a large chunk announced", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400001\r\n", 413),
        ("a broken chunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc", 400),
    ])
    func `what is not strict HTTP is answered with its status, and the connection ends`(
        what: String, request: String, status: Int
    ) throws {
        let server = try TestServer()
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        // A request hidden behind it must not be answered.
        peer.send(request + get)
        let reply = peer.receiveAll()
        #expect(reply.status == status, "\(what)")
        #expect(reply.count(of: "\r\nDate: ") == 1, "\(what)")
        #expect(reply.contains("Connection: close\r\n"), "\(what)")
        #expect(server.counters.requests == 0)
        #expect(server.counters.requestsRejected == 1)
    }

    @Test func `requests that arrive one byte at a time are answered like any other`() throws {
        let server = try TestServer()
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        let text =
            "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n"
            + "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + lastGet
        var on: Int32 = 1
        setsockopt(peer.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        for byte in text.utf8 { peer.send([byte]) }
        let replies = peer.receiveAll()
        #expect(replies.count(of: "HTTP/1.1 200 OK") == 3)
        for body in ["POST /a abcde", "POST /b hello", "GET /last "] { #expect(replies.contains(body)) }
    }

    @Test func `pipelined requests are answered in order, late answers included`() throws {
        let server = try TestServer { request, response in
            let answer: @Sendable () -> Void = {
                response.respond(status: 200, headers: [], body: Array("[\(request.path)]".utf8))
            }
            if request.path == "/slow" {
                response.loop.execute { response.loop.schedule(after: .milliseconds(20), answer) }
            } else {
                answer()
            }
        }
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        var text = ""
        for number in 0..<50 {
            text += "GET /\(number % 10 == 3 ? "slow" : "\(number)") HTTP/1.1\r\nHost: x\r\n\r\n"
        }
        peer.send(text + lastGet)
        let replies = peer.receiveAll()
        let bodies = replies.split(separator: "[").dropFirst().map { $0.prefix { $0 != "]" } }
        #expect(bodies.map(String.init) == (0..<50).map { $0 % 10 == 3 ? "/slow" : "/\($0)" } + ["/last"])
    }

    @Test func `more pipelined bytes than are kept wait in the kernel`() throws {
        let server = try TestServer { request, response in
            response.loop.schedule(after: .milliseconds(1)) {
                response.respond(status: 200, headers: [], body: Array("[\(request.body.count)]".utf8))
            }
        }
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        let body = String(repeating: "b", count: 50_000)
        for _ in 0..<10 { peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + body) }
        peer.send(lastGet)
        #expect(peer.receiveAll().count(of: "[50000]") == 10)
    }

    @Test func `a body of 10 MB is refused before it is read, and the reply still arrives`() throws {
        let server = try TestServer()
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n")
        peer.send([UInt8](repeating: 0x61, count: 10_000_000))
        #expect(peer.receiveAll().status == 413)
    }

    @Test func `a body at the limit passes`() throws {
        var options = HTTPServerOptions.standard
        options.bodyBytesMax = 100_000
        let server = try TestServer(options: options) { request, response in
            response.respond(status: 200, headers: [], body: Array("\(request.body.count)".utf8))
        }
        defer { server.stop() }
        for (head, trailer) in [
            ("Content-Length: 100000\r\n\r\n", ""), ("Transfer-Encoding: chunked\r\n\r\n186a0\r\n", "\r\n0\r\n\r\n"),
        ] {
            let peer = try RawPeer(port: server.port)
            peer.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + head)
            peer.send([UInt8](repeating: 0x61, count: 100_000))
            peer.send(trailer)
            #expect(peer.receiveAll().hasSuffix("\r\n\r\n100000"))
        }
    }

    @Test func `100 Continue is sent to who waits for it, and not with a refusal`() throws {
        let server = try TestServer()
        defer { server.stop() }
        let patient = try RawPeer(port: server.port)
        patient.send(
            "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
        #expect(patient.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        patient.send("ok")
        #expect(patient.receiveAll().hasSuffix("POST / ok"))
        let tooLarge = try RawPeer(port: server.port)
        tooLarge.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")
        #expect(tooLarge.receiveAll().status == 413)
    }

    @Test func `HEAD is answered with the length and without the body`() throws {
        let server = try TestServer()
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + lastGet)
        let replies = peer.receiveAll()
        #expect(replies.contains("Content-Length: 8\r\n\r\nHTTP/1.1 200 OK"))
    }

    @Test func `HTTP/1.0 ends after one reply unless keep-alive was asked for`() throws {
        let server = try TestServer()
        defer { server.stop() }
        let once = try RawPeer(port: server.port)
        once.send("GET / HTTP/1.0\r\n\r\n")
        #expect(once.receiveAll().contains("Connection: close\r\n"))
        let kept = try RawPeer(port: server.port)
        kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(kept.receive(until: "GET / ").contains("Connection: keep-alive\r\n"))
        kept.send(lastGet)
        #expect(kept.receiveAll().status == 200)
    }

    @Test func `a forgotten request is answered 500 and counted`() throws {
        let server = try TestServer { _, _ in }
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send(lastGet)
        #expect(peer.receiveAll().status == 500)
        #expect(server.counters.requestsForgotten == 1)
    }

    @Test func `a second answer is ignored and counted, and so is one for a peer that left`() throws {
        let kept = Mutex<HTTPResponder?>(nil)
        let arrived = Gate()
        let server = try TestServer { request, response in
            if request.path == "/left" {
                kept.withLock { $0 = response }
                arrived.open()
                return
            }
            response.respond(status: 200, headers: [], body: [])
            response.respond(status: 404, headers: [], body: [])
        }
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send(lastGet)
        #expect(peer.receiveAll().status == 200)
        #expect(server.counters.secondAnswers == 1)
        var left: RawPeer? = try RawPeer(port: server.port)
        left?.send("GET /left HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(arrived.wait())
        var immediately = linger(l_onoff: 1, l_linger: 0)
        setsockopt(left!.descriptor, SOL_SOCKET, SO_LINGER, &immediately, socklen_t(MemoryLayout<linger>.size))
        left = nil
        server.expectSoon("the connection is gone") { $0.connectionCount == 0 }
        server.onLoop { kept.withLock { $0?.respond(status: 200, headers: [], body: []) } }
        #expect(server.counters.lateAnswers == 1)
    }

    @Test func `answers from other threads, and invalid ones, arrive whole`() throws {
        // A thread, not a task: tests that block hold all threads of the pool.
        let other = try BackgroundThread(name: "other", jobsMax: 4)
        defer { other.stop() }
        let server = try TestServer { request, response in
            try? other.submit {
                response.respond(
                    status: 200, headers: request.path == "/bad" ? [("A", "b\r\nC: d")] : [("A", "b")],
                    body: Array("there".utf8))
            }
        }
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send(get)
        #expect(peer.receive(until: "there").contains("A: b\r\n"))
        peer.send("GET /bad HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let reply = peer.receiveAll()
        #expect(reply.status == 500)
        #expect(!reply.contains("C: d"))
    }

    @Test func `a half-closed peer still gets its reply`() throws {
        let server = try TestServer { request, response in
            response.loop.schedule(after: .milliseconds(20)) {
                response.respond(status: 200, headers: [], body: Array("late".utf8))
            }
        }
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send(get)
        peer.finishSending()
        #expect(peer.receiveAll().hasSuffix("late"))
    }

    @Test(arguments: [(200, 3), (64 << 10, 3), (3 << 20, 1)])
    func `a slow reader gets all of its replies`(bytes: Int, requests: Int) throws {
        let server = try TestServer { _, response in
            response.respond(status: 200, headers: [], body: [UInt8](repeating: 0x23, count: bytes))
        }
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        for _ in 1..<requests { peer.send(get) }
        peer.send(lastGet)
        var received = 0
        var marks = 0
        while let more = peer.receive(atMost: 4096), !more.isEmpty {
            received += more.count
            marks += more.count(where: { $0 == 0x23 })
        }
        #expect(marks == bytes * requests)
    }

    @Test func `a reader that takes nothing is cut off`() throws {
        var options = HTTPServerOptions.standard
        options.writeTimeout = .milliseconds(50)
        let server = try TestServer(options: options) { _, response in
            response.respond(status: 200, headers: [], body: [UInt8](repeating: 0x23, count: 16 << 20))
        }
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send(get)
        server.expectSoon("the reader is cut off") { $0.counters.slowReaders == 1 && $0.connectionCount == 0 }
    }

    @Test(
        arguments: [
            ("", nil), ("GET / HT", 408), ("GET / HTTP/1.1\r\nHost: x\r\n", 408),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", 408),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 408),
        ] as [(String, Int?)])
    func `a peer that stops in the middle is told so; an idle one is let go`(sent: String, status: Int?) throws {
        var options = HTTPServerOptions.standard
        (options.idleTimeout, options.headTimeout, options.bodyTimeout) = (
            .milliseconds(40), .milliseconds(40), .milliseconds(40)
        )
        let server = try TestServer(options: options)
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send(sent)
        #expect(peer.receiveAll().status == status)
    }

    @Test func `a head that drips does not win time with each line`() throws {
        var options = HTTPServerOptions.standard
        options.headTimeout = .milliseconds(100)
        let server = try TestServer(options: options)
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send("GET / HTTP/1.1\r\n")
        let started = ContinuousClock.now
        var waiting = pollfd(fd: peer.descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, 10) == 0, ContinuousClock.now - started < .seconds(5) { peer.send("A: b\r\n") }
        #expect(peer.receiveAll().status == 408)
        #expect(ContinuousClock.now - started < .seconds(2))
    }

    @Test func `connections beyond the limit are closed and counted`() throws {
        var options = HTTPServerOptions.standard
        options.connectionsMax = 2
        let server = try TestServer(options: options)
        defer { server.stop() }
        let first = try RawPeer(port: server.port)
        first.send(get)
        _ = first.receive(until: "GET /a ")
        let second = try RawPeer(port: server.port)
        second.send(get)
        _ = second.receive(until: "GET /a ")
        let third = try RawPeer(port: server.port)
        #expect(third.receiveAll() == "")
        #expect(server.counters.connectionsRefused == 1)
        first.send(lastGet)
        #expect(first.receiveAll().status == 200)
    }

    @Test func `draining finishes what is in flight, closes what is idle and takes nothing new`() throws {
        let held = Mutex<HTTPResponder?>(nil)
        let arrived = Gate()
        let server = try TestServer { request, response in
            if request.path == "/last" {
                held.withLock { $0 = response }
                arrived.open()
            } else {
                TestServer.echo(request, response)
            }
        }
        defer { server.stop() }
        let idle = try RawPeer(port: server.port)
        idle.send(get)
        _ = idle.receive(until: "GET /a ")
        let busy = try RawPeer(port: server.port)
        busy.send("GET /last HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(arrived.wait())
        let drained = Gate()
        server.onLoop { server.servers[0].drain(atMost: .seconds(10)) { drained.open() } }
        #expect(idle.receiveAll() == "")
        #expect(throws: (any Error).self) { try RawPeer(port: server.port) }
        server.onLoop { held.withLock { $0?.respond(status: 200, headers: [], body: Array("done".utf8)) } }
        #expect(busy.receiveAll().contains("Connection: close\r\n\r\ndone"))
        #expect(drained.wait())
    }

    @Test func `draining ends at its limit`() throws {
        let held = Mutex<HTTPResponder?>(nil)
        let arrived = Gate()
        let server = try TestServer { _, response in
            held.withLock { $0 = response }
            arrived.open()
        }
        defer { server.stop() }
        let peer = try RawPeer(port: server.port)
        peer.send(get)
        #expect(arrived.wait())
        let drained = Gate()
        server.onLoop { server.servers[0].drain(atMost: .milliseconds(20)) { drained.open() } }
        #expect(drained.wait())
        #expect(peer.receiveAll() == "")
    }
}

@Suite struct ListenSocketTests {
    @Test func `a taken port is named, for one loop and for several`() throws {
        let taken = try ListenSocket.open(address: "127.0.0.1", port: 0)
        let expected = TransportError.addressInUse(address: "127.0.0.1", port: taken.port)
        #expect(throws: expected) { try ListenSocket.open(address: "127.0.0.1", port: taken.port) }
        #expect(throws: expected) { try ListenSocket.group(address: "127.0.0.1", port: taken.port, count: 2) }
        #expect("\(expected)" == "port \(taken.port) on 127.0.0.1 is taken by another program")
        let group = try ListenSocket.group(address: "127.0.0.1", port: 0, count: 2)
        #expect(throws: TransportError.addressInUse(address: "127.0.0.1", port: group[0].port)) {
            try ListenSocket.group(address: "127.0.0.1", port: group[0].port, count: 2)
        }
    }

    @Test(arguments: [("example.org", 80), ("127.0.0.1", 70_000), ("300.1.1.1", 0)])
    func `an address that cannot be listened on is named`(address: String, port: Int) {
        #expect(throws: TransportError.self) { try ListenSocket.open(address: address, port: port) }
    }

    @Test func `two loops share a port, and both get connections`() throws {
        final class Counter: HTTPRequestHandler, Sendable {
            let count = Atomic(0)
            func handle(_ request: HTTPRequest, _ response: HTTPResponder) {
                count.add(1, ordering: .relaxed)
                response.respond(status: 200, headers: [], body: [])
            }
        }
        let sockets = try ListenSocket.group(address: "127.0.0.1", port: 0, count: 2)
        let counters = [Counter(), Counter()]
        var threads: [LoopThread] = []
        var servers: [HTTPServer] = []
        for (socket, counter) in zip(sockets, counters) {
            let loop = try EventLoop()
            servers.append(try HTTPServer(loop: loop, listener: socket, options: .standard, handler: counter))
            threads.append(try LoopThread.start(loop, name: "shared-port"))
        }
        defer { for thread in threads { thread.stop() } }
        for _ in 0..<64 {
            let peer = try RawPeer(port: sockets[0].port)
            peer.send(lastGet)
            #expect(peer.receiveAll().status == 200)
        }
        let counts = counters.map { $0.count.load(ordering: .relaxed) }
        #expect(counts.reduce(0, +) == 64)
        #expect(counts.allSatisfy { $0 > 0 })
        #expect(servers.count == 2)
    }
}
