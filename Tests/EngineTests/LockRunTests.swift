// LockRunTests.swift: a handler's `lock` against the embedded sidecar, and against one that misbehaves.

import Dapr
import Machine
import Sidecar
import Testing
import Transport
import Wire

@testable import Engine

struct LockRunTests {
    private static let routes = """
        store shelf = "statestore"
        app   other = "other"
        lock  locks = "lockstore"
        get "/count"   => main.count
        get "/free"    => main.free
        get "/value"   => main.value
        get "/fails"   => main.fails
        get "/faults"  => main.faults
        get "/retries" => main.retries
        get "/called"  => main.called
        get "/leaves"  => main.leaves
        get "/loops"   => main.loops
        get "/branch"  => main.branch
        get "/short"   => main.short
        get "/outer"   => main.outer
        get "/slow" (timeout: 400ms) => main.slow
        """

    private static let main = #"""
        handler count(request) {
          lock locks["count"] (ttl: 30s) {
            let n = shelf.get("n") ?? 0
            sleep(2ms)
            shelf.save("n", n + 1)
          }
        }
        handler free(request) { return lock locks["a"] { "mine" } }
        handler value(request) { return lock locks["a"] { 5 } }
        handler fails(request) { lock locks["a"] { fail not_found("nothing") } }
        handler faults(request) { lock locks["a"] { request.body.nothing.at_all } }
        handler retries(request) { lock locks["a"] { retry "later" } }
        handler again(n) { retry "later" }
        handler called(request) { lock locks["a"] { again(1) } }
        handler leaves(request) { lock locks["a"] { if true { return 7 } } }
        handler loops(request) {
          for n in 0..<3 { lock locks["a"] { if n == 1 { break } } }
          return 8
        }
        handler branch(request) { together [lock locks["a"] { request.body.nothing.at_all }, sleep(1ms)] }
        handler slow(request) { lock locks["a"] (ttl: 30s) { other.get("/held") } }
        handler short(request) {
          let before = now()
          lock locks["a"] (ttl: 1s) { sleep(2s) } catch e { return { class: e.class, message: e.message } }
        }
        handler outer(request) {
          lock locks["a"] (ttl: 1s) {
            together [lock locks["b"] (ttl: 30s) { other.get("/held") }] catch e { fail e }
          }
        }
        """#

    /// An engine beside a real sidecar with a lock store and a store, both in memory.
    private static func withEmbedded(_ test: (EngineUnderTest) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        for (name, type) in [("lockstore", "lock.in-memory"), ("statestore", "state.in-memory")] {
            try folder.write(
                "components/\(name).yaml",
                """
                apiVersion: dapr.io/v1alpha1
                kind: Component
                metadata:
                  name: \(name)
                spec:
                  type: \(type)
                  version: v1
                  metadata: []
                """)
        }
        let configuration = SidecarConfiguration(
            appID: "app", appPort: nil, httpPort: 0, resourceFolders: [folder("components")])
        let sidecar = try EmbeddedSidecar.start(configuration, broker: SharedBroker(), apps: AppRegistry())
        var failure: (any Error)?
        do {
            try await EngineUnderTest.with(
                routes: routes, scripts: ["main": main],
                adjust: { $0.sidecar = SidecarEndpoint(port: UInt16(sidecar.httpPort)) }, test)
        } catch { failure = error }
        await sidecar.stop(drainingAtMost: .seconds(5))
        if let failure { throw failure }
    }

    /// One that gives every lock, and says otherwise what a script says.
    private static func withFake(
        _ script: @escaping FakeSidecar.Script, _ test: (EngineUnderTest) async throws -> Void
    ) async throws {
        try await EngineUnderTest.with(
            routes: routes, scripts: ["main": main],
            sidecar: { call in
                guard case .usual = script(call) else { return script(call) }
                if call.target.hasPrefix("/v1.0-alpha1/lock/") { return .reply(200, #"{"success":true}"#) }
                if call.target.hasPrefix("/v1.0-alpha1/unlock/") { return .reply(200, #"{"status":0}"#) }
                return .usual
            }, test)
    }

    @Test func `runs that hold the same lock do not overlap`() async throws {
        try await Self.withEmbedded { engine async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<5 {
                            try await eventually("the lock was free once") {
                                let reply = try await engine.request(.get, "/count")
                                #expect(
                                    reply.status == 204 || reply.json["type"]?.string == "CONFLICT", "\(reply.text)")
                                return reply.status == 204
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let stored = try await engine.control.send(
                .get, port: Int(engine.engine.configuration.sidecar.port), "/v1.0/state/statestore/n")
            #expect(stored.text == "40")
        }
    }

    @Test func `every way out gives the lock back`() async throws {
        try await Self.withEmbedded { engine async throws in
            for (path, status) in [
                ("/value", 200), ("/fails", 404), ("/retries", 503), ("/leaves", 200), ("/loops", 200),
                ("/faults", 500),
                ("/called", 503), ("/branch", 500),
            ] {
                #expect(try await engine.request(.get, path).status == status, "\(path)")
                // What the program gives back is back before the answer; what the host does may come a little later.
                try await eventually("free after \(path)") { try await engine.request(.get, "/free").status == 200 }
            }
        }
    }

    @Test func `a lock that somebody else has is a conflict`() async throws {
        try await Self.withEmbedded { engine async throws in
            let port = Int(engine.engine.configuration.sidecar.port)
            let body = #"{"resourceId":"a","lockOwner":"somebody","expiryInSeconds":60}"#
            let taken = try await engine.control.send(
                .post, port: port, "/v1.0-alpha1/lock/lockstore", body: Array(body.utf8))
            #expect(taken.text == #"{"success":true}"#)
            let reply = try await engine.request(.get, "/free")
            #expect(reply.status == 409)
            #expect(reply.text.contains("somebody else has the lock on `a` in `lockstore`"), "\(reply.text)")
        }
    }

    @Test func `each run is an owner of its own, and a lock lasts as long as the run may unless it says otherwise`()
        async throws
    {
        try await Self.withFake({ _ in .usual }) { engine async throws in
            for _ in 0..<3 { #expect(try await engine.request(.get, "/value").text == "5") }
            #expect(try await engine.request(.get, "/count").status == 204)
            let locks = engine.sidecar.calls(to: "/v1.0-alpha1/lock/lockstore")
            let unlocks = engine.sidecar.calls(to: "/v1.0-alpha1/unlock/lockstore")
            #expect(Set(locks.map { $0.json["lockOwner"]?.string }).count == 4)
            #expect(locks.map { $0.json["lockOwner"]?.string } == unlocks.map { $0.json["lockOwner"]?.string })
            let seconds = locks.compactMap { $0.json["expiryInSeconds"]?.int }
            #expect((10...12).contains(seconds[0]) && seconds[3] == 30, "\(seconds)")
        }
    }

    @Test func `an unlock that fails costs a line in the log, not the block's work`() async throws {
        try await Self.withFake({ $0.target.hasPrefix("/v1.0-alpha1/unlock/") ? .reply(500) : .usual }) {
            engine async throws in
            #expect(try await engine.request(.get, "/value").text == "5")
            #expect(engine.log.contains("a lock was not given back; it ends by itself"))
            #expect(try await engine.request(.get, "/fails").status == 404)
        }
    }

    @Test func `a lock that was lost is told`() async throws {
        let lost: FakeSidecar.Script = {
            $0.target.hasPrefix("/v1.0-alpha1/unlock/") ? .reply(200, #"{"status":2}"#) : .usual
        }
        try await Self.withFake(lost) { engine async throws in
            let reply = try await engine.request(.get, "/value")
            #expect(reply.status == 409 && reply.text.contains("was lost before its block ended"), "\(reply.text)")
            #expect(try await engine.request(.get, "/fails").status == 404)
            #expect(try await engine.request(.get, "/leaves").status == 409)
        }
    }

    @Test func `a sidecar that goes in mid-block leaves the lock to its end`() async throws {
        try await Self.withFake({ $0.target.hasSuffix("/held") ? .held : .usual }) { engine async throws in
            async let reply = engine.request(.get, "/slow")
            try await eventually("in the block") { engine.sidecar.heldCount == 1 }
            await engine.sidecar.stop()
            #expect([503, 504].contains(try await reply.status))
            try await eventually("said") { engine.log.contains("a lock was not given back; it ends by itself") }
        }
    }

    @Test func `a run out of time gives its lock back`() async throws {
        try await Self.withFake({ $0.target.hasSuffix("/held") ? .held : .usual }) { engine async throws in
            #expect(try await engine.request(.get, "/slow").status == 504)
            try await eventually("unlocked") { engine.sidecar.calls(to: "/v1.0-alpha1/unlock/").count == 1 }
        }
    }

    @Test func `a lock whose reply is missing is given back, for it may be held`() async throws {
        try await Self.withFake({ $0.target.hasPrefix("/v1.0-alpha1/lock/") ? .held : .usual }) { engine async throws in
            #expect(try await engine.request(.get, "/slow").status == 504)
            try await eventually("unlocked") { engine.sidecar.calls(to: "/v1.0-alpha1/unlock/").count == 1 }
            let owners = engine.sidecar.calls.filter { $0.target.contains("lock") }.map { $0.json["lockOwner"]?.string }
            #expect(owners.count == 2 && owners[0] == owners[1])
        }
    }

    @Test func `what is inside of the block does not outlast the lock`() async throws {
        try await Self.withFake({ $0.target.hasSuffix("/held") ? .held : .usual }) { engine async throws in
            let reply = try await engine.request(.get, "/short")
            #expect(reply.text == #"{"class":"timeout","message":"the lock's time does not last for this pause"}"#)
            let start = ContinuousClock.now
            #expect(try await engine.request(.get, "/outer").status == 504)
            #expect(ContinuousClock.now - start < .seconds(8))
            try await eventually("all given back") { engine.sidecar.calls(to: "/v1.0-alpha1/unlock/").count == 3 }
        }
    }
}
