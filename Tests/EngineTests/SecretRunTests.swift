// SecretRunTests.swift: a secret does its work, and is nowhere else: not in a log, a reply, a trace or an effect.
//
// The leaks of these handlers cannot be seen at load: the secret is nested deeper than the checker follows. So each of
// them must end at the last look, before anything leaves.

import Machine
import Testing
import Transport
import Wire

@testable import Engine

struct SecretRunTests {
    private static let canary = "canary-7f3d9b"

    /// What a handler does with `hidden`, a secret that nobody can tell from any other value at load.
    private static let leaks = [
        #"log.info("token ${hidden}")"#, #"log.warn("x", { deep: [{ hidden }] })"#, #"shelf.save("k", { hidden })"#,
        #"shelf.save("k:${hidden}", 1)"#, #"shelf.get("k:${hidden}")"#, #"shelf.delete(hidden)"#,
        #"other.get("/x/${hidden}")"#, #"other.get("/x", query: { hidden })"#, #"other.post("/x", { hidden })"#,
        #"news.publish({ hidden })"#, #"news.publish(1, subject: "s ${hidden}")"#,
        #"news.publish(1, attributes: { hidden })"#, #"news.publish(1, metadata: { hidden })"#,
        #"shelf.get_many(["a", hidden])"#, #"shelf.transact([{ save: "k", value: [hidden] }])"#,
        #"shelf.query({ filter: { hidden } })"#, #"news.publish_all([{ hidden }], id: .hidden)"#,
        #"files.create(hidden)"#, #"files.call("exec", metadata: { hidden })"#, #"limits.get([hidden])"#,
        #"jobs.schedule("a", due: 1m, data: { hidden })"#, #"jobs.cancel("a-${hidden}")"#,
        #"lock locks["a:${hidden}"] (ttl: 1s) { 1 }"#,
        #"let both = together [shelf.get("k"), shelf.get(hidden)]\#n return both"#,
        #"db.exec "SELECT ${hidden}""#, #"update shelf["k"] as current { [hidden] }"#,
        #"fail invalid("no ${hidden}")"#, #"fail invalid("no", { hidden })"#, #"retry "no ${hidden}""#,
        #"drop "no ${hidden}""#, #"return { a: hidden }.to_json()"#, #"return "abc".contains(hidden)"#,
        #"return hidden.length()"#, #"return hidden.sha256()"#,
    ]
    /// Only a reply to a request tells them.
    private static let replies = [
        "return hidden", "return [{ hidden }]", "return respond(body: hidden)",
        #"return respond(headers: { "x-a": hidden })"#,
    ]
    private static let uses = [
        #"other.get("/ok", headers: { "x-token": hidden, authorization: "Bearer ${hidden}" })"#,
        #"return { fits: hidden == "\#(canary)", not: hidden == "x", kind: hidden.kind() }"#,
        #"return hidden == hidden.trim()"#,
    ]

    private static let routes: String = {
        let rows = leaks + replies + uses
        let blocks = rows.map {
            "{ let hidden = hide.deep(secret(\"secrets/a\"), 12)[0][0][0][0][0][0][0][0][0][0][0][0]\n \($0)\n }"
        }
        let rules = blocks.enumerated().map { "on \"row.\($0)\" \($1)" }
        let endpoints = blocks.enumerated().map { "get \"/row/\($0)\" \($1)" }
        return """
            store shelf = "statestore"
            app other = "other"
            topic news = "bus/news"
            binding files = "files"
            settings limits = "settings"
            lock locks = "locks"
            database db = "postgresql://127.0.0.1:1/none"
            subscribe "bus/things" (dead_letter: "dead", retry: 0) {
            \(rules.joined(separator: "\n"))
            }
            \(endpoints.joined(separator: "\n"))
            """
    }()
    private static let hide = """
        fn deep(value, times: int) = if times == 0 { value } else { deep([value], times - 1) }

        """

    @Test func `a secret reaches the headers of a request and nothing else, whatever the handler tries`() async throws {
        try await EngineUnderTest.with(
            routes: Self.routes, scripts: ["hide": Self.hide],
            sidecar: { call in
                if call.target.hasPrefix("/v1.0/secrets/") { return .reply(200, #"{"a":"\#(Self.canary)"}"#) }
                // A reply that is quoted back in failures.
                return call.target.hasSuffix("/ok") ? .reply(409, #"{"message":"no"}"#) : .usual
            }
        ) { engine async throws in
            var replies: [Reply] = []
            for number in 0..<(Self.leaks.count + Self.replies.count) {
                let row = (Self.leaks + Self.replies)[number]
                let reply = try await engine.request(.get, "/row/\(number)")
                #expect(reply.status == 500 && reply.text.contains("internal error"), "\(row): \(reply.text)")
                replies.append(reply)
                guard number < Self.leaks.count else { continue }
                #expect(try await engine.deliver("row.\(number)") == "RETRY", "\(row)")
            }
            let first = Self.leaks.count + Self.replies.count
            for number in first..<(first + Self.uses.count) {
                replies.append(try await engine.request(.get, "/row/\(number)"))
            }
            #expect(replies[first].status == 409)
            #expect(replies[first + 1].text == #"{"fits":true,"not":false,"kind":"secret"}"#)
            #expect(replies[first + 2].text == "true")
            // The leaks that a value on its way out would be: a fault each, with its place.
            let log = engine.log.text
            #expect(log.components(of: "fault[F0913]") == 2 * Self.leaks.count + 3)
            #expect(log.contains("a secret would leave by `shelf.save`") && log.contains("`query` of `other.get`"))
            try Self.expectNoCanary(in: log, "the log")
            for reply in replies { try Self.expectNoCanary(in: "\(reply.text) \(reply.headers)", "a reply") }
            for path in ["/generations", "/metrics", "/healthz", "/readyz", "/"] {
                try Self.expectNoCanary(in: try await engine.admin(path).text, path)
            }
            for call in engine.sidecar.calls {
                try Self.expectNoCanary(in: "\(call.target) \(call.body)", call.target)
                guard !call.target.hasSuffix("/ok") else { continue }
                try Self.expectNoCanary(in: "\(call.headers)", call.target)
            }
            let used = try #require(engine.sidecar.calls.first { $0.target.hasSuffix("/ok") })
            #expect(used.headers["x-token"] == Self.canary && used.headers["authorization"] == "Bearer \(Self.canary)")
            // Nothing but the secret itself was asked for by those that were refused.
            let asked = engine.sidecar.calls.filter {
                !$0.target.hasPrefix("/v1.0/secrets/") && !$0.target.hasSuffix("/ok")
            }
            #expect(asked.allSatisfy { $0.method == "GET" && $0.target == "/v1.0/state/statestore/k" }, "\(asked)")
        }
    }

    private static func expectNoCanary(in text: String, _ place: String) throws {
        for form in [canary, "Y2FuYXJ5LTdmM2Q5Y", "canary%2D7f3d9b"] { #expect(!text.contains(form), "\(place)") }
    }

    @Test func `a secret that is not there is a failure, which can be caught`() async throws {
        try await EngineUnderTest.with(
            routes: """
                get "/caught" { return secret("secrets/none") == "x" catch e { return [e.class, e.message] } }
                get "/key" { return secret("secrets/a", "b") == "x" }
                get "/many" { return secret("secrets/many") == "x" }
                """,
            sidecar: { call in
                switch call.target {
                case "/v1.0/secrets/secrets/none":
                    .reply(500, #"{"errorCode":"ERR_SECRET_GET","message":"no such secret"}"#)
                case "/v1.0/secrets/secrets/a": .reply(200, #"{"a":"\#(Self.canary)"}"#)
                default: .reply(200, #"{"x":"\#(Self.canary)","y":"\#(Self.canary)"}"#)
                }
            }
        ) { engine async throws in
            let caught = try await engine.request(.get, "/caught")
            #expect(
                caught.text
                    == #"["unavailable","cannot read secret `none` from store `secrets`: no such secret"]"#)
            let key = try await engine.request(.get, "/key")
            #expect(key.status == 500 && key.text.contains("it has no key `b`, it has `a`"))
            let many = try await engine.request(.get, "/many")
            #expect(many.status == 500 && many.text.contains("it has several values, so name one: `x`, `y`"))
            try Self.expectNoCanary(in: engine.log.text + key.text + many.text, "everything said")
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
