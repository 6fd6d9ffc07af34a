// DeliveryPolicyTests.swift: repetitions inside a delivery, several rules, time and room: who decides what.

import Dapr
import Machine
import Synchronization
import Testing
import Transport
import Wire

@testable import Engine

struct DeliveryPolicyTests {
    /// A rule that posts its attempt to another app, with these options.
    private static func posting(_ options: String) -> String {
        """
        app other = "other"
        subscribe "bus/things" (dead_letter: "dead"\(options)) { on "post" { other.post("/take", event.attempt) } }
        """
    }

    @Test(arguments: [(options: "", tries: 3), (options: ", retry: 0", tries: 1), (options: ", retry: 4", tries: 5)])
    func `what ends in RETRY runs again inside the delivery, as often as the subscription says`(
        options: String, tries: Int
    ) async throws {
        try await EngineUnderTest.with(
            routes: Self.posting(options + ", backoff: 1ms..2ms"), sidecar: { _ in .reply(503) }
        ) { engine async throws in
            #expect(try await engine.deliver("post") == "RETRY")
            #expect(engine.sidecar.calls.map(\.body) == (1...tries).map(String.init))
            #expect(try await engine.outcomes() == ["retry": 1], "one delivery, one outcome")
            #expect(try await engine.number("repetitions") == Int64(tries - 1))
        }
    }

    @Test func `a repetition that works is a success, and nobody hears of the failure`() async throws {
        let tries = Mutex(0)
        try await EngineUnderTest.with(
            routes: Self.posting(", backoff: 1ms..2ms"),
            sidecar: { _ in
                tries.withLock {
                    $0 += 1
                    return $0 < 3 ? .reply(503) : .usual
                }
            }
        ) { engine async throws in
            #expect(try await engine.deliver("post") == "SUCCESS")
            #expect(try await engine.outcomes() == ["success": 1])
            #expect(try await engine.number("repetitions") == 2)
            #expect(!engine.log.text.contains(" warn "))
        }
    }

    @Test func `the pause between two tries is between half and all of the backoff, doubling`() async throws {
        try await EngineUnderTest.with(
            routes: Self.posting(", retry: 2, backoff: 100ms..2s"), sidecar: { _ in .reply(503) }
        ) { engine async throws in
            #expect(try await engine.deliver("post") == "RETRY")
            let times = engine.sidecar.calls.map(\.at)
            try #require(times.count == 3)
            // Only lower ends: a busy machine makes pauses longer, never shorter.
            #expect(times[1] - times[0] >= .milliseconds(49))
            #expect(times[2] - times[1] >= .milliseconds(99))
        }
    }

    @Test(arguments: ["drop \"no\"", "fail invalid(\"no\")", "return uuid().to_int() + 1"])
    func `neither DROP nor a fault is repeated`(does: String) async throws {
        let routes = """
            app other = "other"
            subscribe "bus/things" (dead_letter: "dead", retry: 3, backoff: 1ms..2ms) {
              on "once" {
                other.post("/take", 1)
                \(does)
              }
            }
            """
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            _ = try await engine.deliver("once")
            #expect(engine.sidecar.calls.count == 1)
        }
    }

    @Test func `a delivery's time ends its effect, and no repetition begins after it`() async throws {
        try await EngineUnderTest.with(
            routes: Self.posting(", timeout: 1s, backoff: 50ms..60ms, retry: 100"), sidecar: { _ in .held }
        ) { engine async throws in
            let began = ContinuousClock.now
            #expect(try await engine.deliver("post") == "RETRY")
            #expect(ContinuousClock.now - began >= .milliseconds(999))
            #expect(try await engine.outcomes() == ["retry": 1])
            #expect(engine.sidecar.calls.count == 1)
            #expect(engine.log.contains("outcome=retry"))
        }
    }

    @Test func `a pause that the delivery's time does not last for ends the run at once`() async throws {
        let routes = """
            subscribe "bus/things" (dead_letter: "dead", retry: 0) { on "nap" { sleep(1h) } }
            get "/nap" { sleep(1h) }
            """
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            #expect(try await engine.deliver("nap") == "RETRY")
            #expect(engine.log.contains("the handler failed (timeout): the delivery's time does not last"))
            #expect(try await engine.request(.get, "/nap").status == 504)
        }
    }

    @Test(arguments: [
        (bodies: ["log.debug(\"a\")", "log.debug(\"b\")"], told: "SUCCESS"),
        (bodies: ["log.debug(\"a\")", "drop \"b\""], told: "DROP"),
        (bodies: ["drop \"a\"", "log.debug(\"b\")"], told: "DROP"),
        (bodies: ["retry \"a\"", "drop \"b\"", "log.debug(\"c\")"], told: "RETRY"),
        (bodies: ["log.debug(\"a\")", "drop \"b\"", "return uuid().to_int() + 1", "log.debug(\"d\")"], told: "RETRY"),
    ])
    func `with match all every rule runs in source order, and the worst outcome is the delivery's`(
        bodies: [String], told: String
    ) async throws {
        let rules = bodies.enumerated().map { "  on \"all\" {\n    other.post(\"/took\", \($0))\n    \($1)\n  }" }
        let routes = """
            app other = "other"
            subscribe "bus/things" (dead_letter: "dead", match: "all", retry: 1, backoff: 1ms..1ms) {
            \(rules.joined(separator: "\n"))
            }
            """
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            #expect(try await engine.deliver("all") == told)
            // Only a rule that asked for it is repeated.
            let order = bodies.indices.flatMap { bodies[$0].hasPrefix("retry") ? [$0, $0] : [$0] }
            #expect(engine.sidecar.calls.map(\.body) == order.map(String.init))
            #expect(try await engine.outcomes().values.reduce(0, +) == 1)
        }
    }

    @Test func `with match first the first rule in source order takes the event`() async throws {
        let routes = """
            subscribe "bus/things" (dead_letter: "dead") {
              on "a.*" where event.data.n > 3 { drop "big" }
              on "a.b"                        { retry "exact" }
              otherwise                       { log.debug("rest") }
            }
            """
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            #expect(try await engine.deliver("a.b", data: #"{"n":4}"#) == "DROP")
            #expect(try await engine.deliver("a.c", data: #"{"n":4}"#) == "DROP")
            #expect(try await engine.deliver("a.c", data: #"{"n":"4"}"#) == "SUCCESS")
            #expect(try await engine.deliver("b") == "SUCCESS")
        }
    }

    @Test func `beyond the runs that may be in flight events are RETRY and requests 503, and those in flight end well`()
        async throws
    {
        let routes = Self.posting(", retry: 0, timeout: 1m") + "\n" + #"get "/quick" { return 1 }"#
        try await EngineUnderTest.with(
            routes: routes, sidecar: { _ in .held }, adjust: { $0.limits.runsPerLoopMax = 2 }
        ) { engine async throws in
            async let first = engine.deliver("post", id: "1")
            async let second = engine.deliver("post", id: "2")
            try await eventually("two effects are under way") { engine.sidecar.heldCount == 2 }
            #expect(try await engine.deliver("post", id: "3") == "RETRY")
            let refused = try await engine.request(.get, "/quick")
            #expect(refused.status == 503 && refused.json["type"]?.string == "UNAVAILABLE")
            #expect(try await engine.outcomes() == ["overloaded": 1])
            engine.sidecar.follow { _ in .usual }
            engine.sidecar.release(200)
            #expect(try await [first, second] == ["SUCCESS", "SUCCESS"])
            #expect(try await engine.deliver("post", id: "3") == "SUCCESS")
            #expect(try await engine.request(.get, "/quick").text == "1")
        }
    }
}

struct SidecarContractTests {
    private static let routes = """
        store shelf = "statestore"
        app other = "other"
        topic out = "bus/out"
        subscribe "bus/things" (dead_letter: "dead", retry: 0) {
          on "work" {
            shelf.save("k", shelf.get("k") ?? 1)
            other.post("/do", event.data)
          }
          on "tell" {
            for n in 0..<2 { out.publish({ n: n }) }
            out.publish({ last: true }, type: "last")
          }
        }
        get "/work" { return other.get("/do").status }
        """

    @Test func `a trace that came in goes on with every call, each run under a span of its own`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            #expect(try await engine.deliver("work", headers: [("traceparent", trace)]) == "SUCCESS")
            #expect(try await engine.request(.get, "/work", headers: [("traceparent", trace)]).status == 200)
            let sent = engine.sidecar.calls.compactMap { $0.headers["traceparent"] }
            #expect(sent.count == 4)
            for text in sent {
                #expect(text.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-") && text.hasSuffix("-01"))
                #expect(!text.contains("00f067aa0ba902b7"))
            }
            #expect(try await engine.deliver("work", headers: [("traceparent", "rubbish")]) == "SUCCESS")
            let fresh = engine.sidecar.calls.last?.headers["traceparent"] ?? ""
            #expect(TraceParent(parsing: fresh) != nil && !fresh.contains("4bf92f3577b34da6a3ce929d0e0e4736"))
        }
    }

    @Test func `both tokens are kept to: ours is sent, theirs is demanded but of health probes`() async throws {
        try await EngineUnderTest.with(
            routes: Self.routes,
            adjust: {
                $0.sidecar.apiToken = "for-the-sidecar"
                $0.sidecar.appToken = "for-the-app"
            }
        ) { engine async throws in
            for headers in [[], [("dapr-api-token", "wrong")], [("dapr-api-token", "for-the-apq")]]
                as [[(String, String)]]
            {
                #expect(try await engine.deliver(body: EngineUnderTest.event("work"), headers: headers).status == 401)
                for path in ["/dapr/subscribe", "/dapr/config", "/work"] {
                    #expect(
                        try await engine.control.send(.get, port: engine.ports.appPort, path, headers: headers).status
                            == 401)
                }
            }
            #expect(try await engine.control.send(.get, port: engine.ports.appPort, "/healthz").status == 200)
            #expect(engine.sidecar.calls.isEmpty && engine.log.contains("without the right token"))
            #expect(!engine.log.contains("for-the-app"))
            #expect(try await engine.outcomes() == [:])
            #expect(try await engine.deliver("work", headers: [("dapr-api-token", "for-the-app")]) == "SUCCESS")
            #expect(engine.sidecar.calls.allSatisfy { $0.headers["dapr-api-token"] == "for-the-sidecar" })
        }
    }

    @Test func `a redelivered event publishes the same ids again, another event others`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            func published(by id: String) async throws -> [String] {
                let before = engine.sidecar.calls.count
                #expect(try await engine.deliver("tell", id: id) == "SUCCESS")
                return engine.sidecar.calls.dropFirst(before).compactMap { $0.json["id"]?.string }
            }
            let first = try await published(by: "1")
            #expect(Set(first).count == 3)
            #expect(try await published(by: "1") == first)
            #expect(Set(try await published(by: "2")).isDisjoint(with: first))
            let last = try #require(engine.sidecar.calls.last)
            #expect(last.target.hasPrefix("/v1.0/publish/bus/out"))
            #expect(last.json["type"]?.string == "last" && last.json["source"]?.string == "app")
        }
    }

    @Test func `the sidecar is told one route for each topic, and no actors`() async throws {
        let routes = """
            subscribe "bus/a" (dead_letter: "dead") { on "x" { log.debug("x") }; on "y" { log.debug("y") } }
            subscribe "bus/b c" (dead_letter: "dead") { otherwise { log.debug("z") } }
            """
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            let list =
                try await engine.control.send(.get, port: engine.ports.appPort, "/dapr/subscribe").json.array ?? []
            #expect(list.map { $0["topic"]?.string } == ["a", "b c"])
            #expect(list.allSatisfy { $0["deadLetterTopic"]?.string == "dead" })
            for (index, entry) in list.enumerated() {
                let route = try #require(entry["route"]?.string)
                let reply = try await engine.control.send(
                    .post, port: engine.ports.appPort, route,
                    headers: [("content-type", "application/cloudevents+json")],
                    body: Array(EngineUnderTest.event(index == 0 ? "x" : "any").utf8))
                #expect(reply.json["status"]?.string == "SUCCESS")
            }
            #expect(try await engine.control.send(.get, port: engine.ports.appPort, "/dapr/config").text == "{}")
            #expect(try await engine.outcomes() == ["success": 2])
        }
    }

    @Test func `what another app sent through the sidecars is never an event`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            let reply = try await engine.deliver(
                body: EngineUnderTest.event("work"), headers: [("dapr-caller-app-id", "intruder")])
            #expect(reply.status == 404)
            #expect(try await engine.outcomes() == [:])
        }
    }

    @Test func `a lost race for a value is run again until it is won`() async throws {
        let reads = Mutex(0)
        let routes = """
            store shelf = "statestore"
            subscribe "bus/things" (dead_letter: "dead", retry: 0) {
              on "count" { update shelf["n"] as current { (current ?? 0) + 1 } }
            }
            """
        try await EngineUnderTest.with(
            routes: routes,
            sidecar: { call in
                guard call.method == "POST" else { return .reply(200, "41") }
                return reads.withLock {
                    $0 += 1
                    return $0 < 4
                        ? .reply(409, #"{"errorCode":"ERR_STATE_SAVE","message":"possible etag mismatch"}"#)
                        : .reply(204)
                }
            }
        ) { engine async throws in
            #expect(try await engine.deliver("count") == "SUCCESS")
            let saves = engine.sidecar.calls.filter { $0.method == "POST" }
            #expect(saves.count == 4 && saves.allSatisfy { $0.body.contains("42") })
        }
    }
}
