// TogetherRunTests.swift: branches of a `together` in a running engine: really at once, with every way in which they end.

import Machine
import Testing
import Transport
import Wire

@testable import Engine

struct TogetherRunTests {
    private static let routes = """
        app   other = "other"
        store shelf = "statestore"
        topic audit = "bus/audit"
        subscribe "bus/things" (dead_letter: "dead", retry: 0, timeout: 60s) {
          on "ids"    => main.ids
          on "caught" => main.caught
          on "boom"   => main.boom
          on "two"    => main.two
        }
        subscribe "bus/hasty" (dead_letter: "dead", retry: 0, timeout: 300ms) { on "late" => main.late }
        get "/both"    => main.both
        get "/naps"    => main.naps
        get "/many"    => main.many
        get "/retried" => main.retried
        """

    private static let main = #"""
        handler both(request) {
          let found = together { a: other.get("/a").body, b: other.get("/b").body }
          return found
        }
        handler naps(request) {
          let before = now()
          together [nap(n) for n in 0..<20]
          return { before, after: now() }
        }
        handler nap(_n) { sleep(300ms) }
        handler many(request) { return (together [shelf.get("k${n}") for n in 0..<300]).length() }
        handler busy(n) { retry "busy" }
        handler retried(request) {
          together [shelf.save("a", 1), busy(1), shelf.save("b", 2)]
          shelf.save("never", 3)
        }
        handler ids(event) {
          together [note({ name, slow: event.data.slow }) for name in ["a", "b"]]
        }
        handler note(who) {
          if who.name == who.slow { other.get("/held") }
          audit.publish({ name: who.name, n: 1 })
          audit.publish({ name: who.name, n: 2 })
        }
        handler caught(event) {
          for n in 0..<3 { audit.publish({ n }) catch null }
        }
        handler two(event) {
          audit.publish({ from: "two" })
          second(event)
        }
        handler second(event) { audit.publish({ from: "second" }) }
        handler boom(event) {
          together [other.get("/a"), event.data.nothing.at_all, shelf.save("b", 1)]
        }
        handler late(event) { together [other.get("/a"), shelf.save("done", 1), other.get("/b")] }
        """#

    private static func with(
        _ sidecar: @escaping FakeSidecar.Script = { _ in .usual },
        adjust: (inout EngineConfiguration) -> Void = { _ in }, _ test: (EngineUnderTest) async throws -> Void
    ) async throws {
        try await EngineUnderTest.with(
            routes: Self.routes, scripts: ["main": Self.main], sidecar: sidecar, adjust: adjust, test)
    }

    @Test func `two slow invocations are in flight at once, and the first reply waits for the second`() async throws {
        try await Self.with({ $0.target.hasPrefix("/v1.0/invoke/") ? .held : .usual }) { engine async throws in
            async let reply = engine.request(.get, "/both")
            try await eventually("both in flight") { engine.sidecar.heldCount == 2 }
            let asked = engine.sidecar.calls(to: "/v1.0/invoke/").map { $0.target.suffix(2) }
            #expect(asked == ["/a", "/b"])
            engine.sidecar.release(200, #""here""#)
            #expect(try await reply.text == #"{"a":"here","b":"here"}"#)
        }
    }

    @Test func `twenty pauses of 300 ms take far less than six seconds`() async throws {
        try await Self.with { engine async throws in
            let start = ContinuousClock.now
            #expect(try await engine.request(.get, "/naps").status == 200)
            let took = ContinuousClock.now - start
            #expect(took >= .milliseconds(300) && took < .seconds(4), "\(took)")
        }
    }

    @Test func `the ids of published events do not depend on which reply came first`() async throws {
        let script: FakeSidecar.Script = { $0.target.hasSuffix("/held") ? .held : .usual }
        try await Self.with(script) { engine async throws in
            var found: [[String: String]] = []
            for slow in ["a", "b"] {
                let before = engine.sidecar.calls(to: "/v1.0/publish/").count
                async let told = engine.deliver("ids", id: "same", data: #"{"slow":"\#(slow)"}"#)
                try await eventually("the fast one is done") {
                    engine.sidecar.calls(to: "/v1.0/publish/").count == before + 2 && engine.sidecar.heldCount == 1
                }
                engine.sidecar.release(200)
                #expect(try await told == "SUCCESS")
                let calls = engine.sidecar.calls(to: "/v1.0/publish/").dropFirst(before)
                #expect(calls.count == 4)
                found.append(
                    Dictionary(
                        uniqueKeysWithValues: calls.map { call in
                            let data = String(decoding: call.json["data"]?.serialized() ?? [], as: UTF8.self)
                            return (data, call.json["id"]?.string ?? "")
                        }))
            }
            #expect(found[0] == found[1])
            #expect(Set(found[0].values).count == 4)
        }
    }

    @Test
    func `places and repetitions have ids of their own, also when one before failed or another handler publishes`()
        async throws
    {
        let script: FakeSidecar.Script = { call in
            call.target.hasPrefix("/v1.0/publish/") && call.body.contains(#""n":0"#) ? .reply(500) : .usual
        }
        try await Self.with(script) { engine async throws in
            #expect(try await engine.deliver("caught") == "SUCCESS")
            #expect(try await engine.deliver("two") == "SUCCESS")
            let ids = engine.sidecar.calls(to: "/v1.0/publish/").compactMap { $0.json["id"]?.string }
            #expect(ids.count == 5 && Set(ids).count == 5, "\(ids)")
        }
    }

    @Test func `a fault in one branch waits for the others, and names what they have done`() async throws {
        try await Self.with({ $0.target.hasPrefix("/v1.0/invoke/") ? .held : .usual }) { engine async throws in
            async let told = engine.deliver("boom", id: "e1")
            try await eventually("one is held, the other done") {
                engine.sidecar.heldCount == 1 && engine.sidecar.saved("statestore/b") == "1"
            }
            #expect(!engine.log.contains("F0901"))
            engine.sidecar.release(200)
            #expect(try await told == "RETRY")
            #expect(try await engine.outcomes() == ["fault": 1])
            for piece in [
                "F0901", "main.bay:", "cannot read `at_all`", "effects already carried out: shelf.save, other.get",
            ] {
                #expect(engine.log.contains(piece), "\(piece) is not in:\n\(engine.log.text)")
            }
        }
    }

    @Test func `a called handler's retry ends the run after the other branches`() async throws {
        try await Self.with { engine async throws in
            #expect(try await engine.request(.get, "/retried").status == 503)
            #expect(engine.sidecar.saved("statestore/a") == "1" && engine.sidecar.saved("statestore/b") == "2")
            #expect(engine.sidecar.saved("statestore/never") == nil)
        }
    }

    @Test func `more than 256 effects in flight are refused by name`() async throws {
        try await Self.with { engine async throws in
            #expect(try await engine.request(.get, "/many").status == 503)
            #expect(engine.log.contains("F0919") && engine.log.contains("more than 256 effects are in flight at once"))
            #expect(engine.log.contains("effects already carried out: shelf.get × 256"))
        }
    }

    @Test func `when a delivery's time is over its branches end, and late replies are dropped`() async throws {
        try await Self.with({ $0.target.hasPrefix("/v1.0/invoke/") ? .held : .usual }) { engine async throws in
            #expect(try await engine.deliver("late", to: "bus/hasty") == "RETRY")
            #expect(engine.sidecar.heldCount == 2 && engine.sidecar.saved("statestore/done") == "1")
            engine.sidecar.release(200)
            #expect(try await engine.request(.get, "/retried").status == 503)
        }
    }
}
