// SidecarClientTests.swift: calls over real sockets, against a server that answers well or badly.

import Machine
import Synchronization
import Testing
import Transport
import Wire

@testable import Dapr

@Suite struct SidecarClientTests {
    /// Runs calls one after the other on one client; each value as JSON, or `failure CLASS: message`.
    static func perform(
        _ calls: [SidecarCall], port: Int, apiToken: String? = nil, traceparent: String? = nil,
        within limit: Duration = .seconds(10)
    ) throws -> [String] {
        let loop = try EventLoop()
        let http = HTTPClient(loop: loop, options: .standard)
        defer { http.close() }
        let endpoint = SidecarEndpoint(host: "127.0.0.1", port: UInt16(port), apiToken: apiToken)
        let client = SidecarClient(client: http, endpoint: endpoint)
        var outcomes: [String] = []
        for call in calls {
            let count = outcomes.count
            let deadline = loop.nowNanoseconds + UInt64(limit / .nanoseconds(1))
            client.perform(call, traceparent: traceparent, deadlineNanoseconds: deadline) { reply in
                let owner = OwnedArena()
                switch reply.value(in: owner.arena) {
                case .success(let value):
                    let json = try? SidecarCall.json(of: value)
                    outcomes.append(json.map { String(decoding: $0, as: UTF8.self) } ?? "unwritable")
                case .failure(let failure):
                    outcomes.append("failure \(failure.failureClass): \(failure.message)")
                }
            }
            _ = loop.run(until: { outcomes.count > count }, atMost: .seconds(20))
            try #require(outcomes.count == count + 1)
        }
        return outcomes
    }

    static func perform(
        _ call: SidecarCall, port: Int, apiToken: String? = nil, traceparent: String? = nil,
        within limit: Duration = .seconds(10)
    ) throws -> String {
        let outcomes = try perform(
            [call], port: port, apiToken: apiToken, traceparent: traceparent, within: limit)
        return try #require(outcomes.first)
    }

    @Test func `token and trace go with a call`() throws {
        let server = try ScriptedServer([ScriptedServer.reply(200, "7", headers: "ETag: 3\r\n")])
        defer { server.stop() }
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let call = try SidecarCall.stateEntry(store: "statestore", key: "count:1")
        #expect(
            try Self.perform(call, port: server.port, apiToken: "secret", traceparent: trace)
                == #"{"value":7,"etag":"3"}"#)
        let received = try #require(server.received.first)
        #expect(received.line == "GET /v1.0/state/statestore/count%3A1 HTTP/1.1")
        #expect(received.headers["dapr-api-token"] == "secret" && received.headers["traceparent"] == trace)
    }

    @Test func `a save sends its body whole`() throws {
        let server = try ScriptedServer([ScriptedServer.reply(204)])
        defer { server.stop() }
        let owner = OwnedArena()
        let text = String(repeating: "x", count: 1_000_000)
        let call = try SidecarCall.stateSave(store: "s", key: "k", value: owner.arena.string(text))
        #expect(try Self.perform(call, port: server.port) == "null")
        #expect(server.received.first?.body == "[{\"key\":\"k\",\"value\":\"\(text)\"}]")
    }

    static let replies: [(steps: [ScriptedServer.Step], outcome: String)] = [
        ([.drip("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{\"a\": 1}")], #"{"a": 1}"#),
        (
            [
                .drip(
                    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{\"a\r\n5\r\n\": 1}\r\n0\r\n\r\n"
                )
            ], #"{"a": 1}"#
        ),
        ([.send("HTTP/1.1 200 OK\r\ncontent-length: 80\r\n\r\n{\"a\""), .close], "failure unavailable"),
        ([.send("HTTP/1.1 200 OK\r\ncontent-le"), .close], "failure unavailable"),
        ([.send("\0\u{1}garbage\r\n\r\n"), .close], "failure internal"),
        ([.send("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"), .close], "failure internal"),
        ([.send("HTTP/1.1 500 X\r\ncontent-length: 5\r\n\r\n<htm>")], "failure internal"),
        (ScriptedServer.reply(400, "not JSON"), "failure internal"),
        (ScriptedServer.reply(200, "{\"a\""), #""{\"a\"""#),
        (ScriptedServer.reply(401, "invalid api token"), "failure internal"),
    ]

    @Test(arguments: replies.indices) func `a reply in any shape ends the call`(index: Int) throws {
        let (steps, outcome) = Self.replies[index]
        let server = try ScriptedServer([steps, steps])
        defer { server.stop() }
        let result = try Self.perform(try .stateGet(store: "s", key: "k"), port: server.port)
        #expect(result.hasPrefix(outcome))
    }

    @Test func `a sidecar that says nothing is a timeout`() throws {
        let server = try ScriptedServer([[.silence]])
        defer { server.stop() }
        let result = try Self.perform(
            try .stateGet(store: "s", key: "k"), port: server.port, within: .milliseconds(100))
        #expect(result.hasPrefix("failure timeout: cannot read `k` from store `s`: "))
    }

    @Test func `a sidecar that is not there is unavailable`() throws {
        let server = try ScriptedServer([])
        server.stop()
        let result = try Self.perform(try .stateGet(store: "s", key: "k"), port: server.port)
        #expect(result.hasPrefix("failure unavailable: cannot read `k` from store `s`: "))
    }

    @Test func `what must not happen twice is not sent twice`() throws {
        // The connection is kept after the read, then closed without a word when the save arrives on it.
        let server = try ScriptedServer([ScriptedServer.reply(204), [.close], ScriptedServer.reply(204)])
        defer { server.stop() }
        let save = try SidecarCall.stateSave(
            store: "s", key: "k", value: .int(1), options: StateOptions(etag: "1"))
        let outcomes = try Self.perform([.stateGet(store: "s", key: "k"), save], port: server.port)
        #expect(outcomes[1].hasPrefix("failure unavailable: cannot save `k` in store `s`: "))
        #expect(server.received.count == 2)
    }

    @Test func `what may happen twice is sent again on a new connection`() throws {
        let server = try ScriptedServer([ScriptedServer.reply(204), [.close], ScriptedServer.reply(204)])
        defer { server.stop() }
        let save = try SidecarCall.stateSave(store: "s", key: "k", value: .int(1))
        #expect(
            try Self.perform([.stateGet(store: "s", key: "k"), save], port: server.port) == ["null", "null"])
        #expect(server.received.count == 3 && server.connections == 2)
    }

    @Test func `a secret comes as keys and values`() async throws {
        let server = try ScriptedServer([
            ScriptedServer.reply(200, #"{"host":"h","port":"5432"}"#),
            ScriptedServer.reply(500, #"{"errorCode":"ERR_SECRET_GET","message":"secret x not found"}"#),
            ScriptedServer.reply(200, #"{"host":1}"#), ScriptedServer.reply(204),
            ScriptedServer.reply(200, "garbage"),
        ])
        defer { server.stop() }
        try await Self.withClient(port: server.port) { client in
            let secret = try await client.secret(store: "secrets", name: "postgres", within: .seconds(5))
            #expect(secret.map { "\($0.key)=\($0.value)" } == ["host=h", "port=5432"])
            for failureClass in [FailureClass.unavailable, .internal, .internal, .internal] {
                let failure = await #expect(throws: EffectFailure.self) {
                    try await client.secret(store: "secrets", name: "x", within: .seconds(5))
                }
                #expect(failure?.failureClass == failureClass)
            }
        }
        #expect(server.received.first?.line == "GET /v1.0/secrets/secrets/postgres HTTP/1.1")
    }

    @Test func `waiting goes on until the sidecar is ready`() async throws {
        let notReady = ScriptedServer.reply(
            500, #"{"errorCode":"ERR_OUTBOUND_HEALTH_NOT_READY","message":"dapr outbound is not ready"}"#)
        let server = try ScriptedServer([notReady, notReady, ScriptedServer.reply(204)])
        defer { server.stop() }
        let reasons = Mutex<[String]>([])
        try await Self.withClient(port: server.port) { client in
            try await client.waitUntilReady(atMost: .seconds(20)) { attempt, reason in
                reasons.withLock { $0.append("\(attempt): \(reason)") }
            }
        }
        #expect(reasons.withLock { $0.count } == 2)
        #expect(reasons.withLock { $0.first?.contains("dapr outbound is not ready") } == true)
        #expect(
            server.received.map(\.line) == Array(repeating: "GET /v1.0/healthz/outbound HTTP/1.1", count: 3))
    }

    @Test func `waiting ends when its time is over`() async throws {
        let server = try ScriptedServer([])
        server.stop()
        try await Self.withClient(port: server.port) { client in
            let failure = await #expect(throws: EffectFailure.self) {
                try await client.waitUntilReady(atMost: .milliseconds(100)) { _, _ in }
            }
            #expect(failure?.failureClass == .unavailable)
        }
    }

    static func withClient(port: Int, _ body: (SidecarClient) async throws -> Void) async throws {
        let loop = try EventLoop()
        let thread = try LoopThread.start(loop, name: "dapr-test")
        let http = HTTPClient(loop: loop, options: .standard)
        let client = SidecarClient(
            client: http, endpoint: SidecarEndpoint(host: "127.0.0.1", port: UInt16(port)))
        do {
            try await body(client)
        } catch {
            thread.stop()
            throw error
        }
        thread.stop()
    }
}
