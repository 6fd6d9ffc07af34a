// ListEffectTests.swift: effects over many keys and events, bindings and settings: an engine beside the embedded sidecar.

import Dapr
import Foundation
import Machine
import Sidecar
import Testing
import Transport
import Wire

@testable import Engine

struct ListEffectTests {
    private static let components = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: statestore }
        spec: { type: state.in-memory, version: v1 }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.in-memory, version: v1 }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: secrets }
        spec: { type: secretstores.local.file, version: v1, metadata: [{ name: secretsFile, value: secrets.json }] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: settings }
        spec: { type: configuration.local.file, version: v1, metadata: [{ name: configurationFile, value: settings.json }] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: files }
        spec: { type: bindings.localstorage, version: v1, metadata: [{ name: rootPath, value: kept }] }
        """

    private static let routes = """
        store    shelf  = "statestore"
        topic    news   = "bus/news"
        binding  files  = "files"
        settings limits = "settings"
        post "/many" {
          shelf.transact([{ save: "a", value: request.body }, { save: "b", value: 2, ttl: 1h }])
          let entry = shelf.entry("a")
          let stale = shelf.transact([{ save: "b", value: 3 }, { delete: "a", etag: "stale" }]) catch e { e.class }
          shelf.transact([{ delete: "a", etag: entry.etag }])
          return { values: shelf.get_many(["b", "none", "a"]), stale, none: shelf.get_many([]) }
        }
        get "/bad-key" { return shelf.get_many(["a||b"]) catch e { e.class } }
        get "/query" { return shelf.query({ filter: {} }) catch e { e.message } }
        post "/publish" {
          news.publish_all(request.body, type: "line.v1", id: .id, subject: .who.name)
          news.publish_all([], id: .id)
          return news.publish_all([{ id: null }], id: .id) catch e { e.message }
        }
        get "/files" {
          files.create({ n: 1 }, metadata: { fileName: "x/a.json" })
          return [files.get(metadata: { fileName: "x/a.json" }), files.list().length(),
                  files.get(metadata: { fileName: "none" }) catch e { e.class },
                  files.call("append") catch e { e.class }]
        }
        get "/settings" { return [limits.get(["max", "none"]), limits.get().keys()] }
        get "/secret" { return secret("secrets/token") == "t-1" }
        """

    /// An engine whose sidecar is the embedded one.
    private static func with(_ test: (EngineUnderTest, EmbeddedSidecar) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write("components/all.yaml", components)
        try folder.write("secrets.json", #"{"token":"t-1"}"#)
        try folder.write("settings.json", #"{"max":"7","mode":"fast"}"#)
        var configuration = SidecarConfiguration(
            appID: "app", appPort: nil, httpPort: 0, resourceFolders: [folder("components")])
        configuration.workingFolder = folder("")
        let sidecar = try EmbeddedSidecar.start(configuration, broker: SharedBroker(), apps: AppRegistry())
        let port = UInt16(sidecar.httpPort)
        let outcome: Result<Void, any Error>
        do {
            try await EngineUnderTest.with(
                routes: routes, adjust: { $0.sidecar = SidecarEndpoint(port: port) },
                { engine async throws in try await test(engine, sidecar) })
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await sidecar.stop(drainingAtMost: .seconds(5))
        try outcome.get()
    }

    @Test func `each of them works against the embedded sidecar`() async throws {
        try await Self.with { (engine, sidecar) async throws in
            let json = [("content-type", "application/json")]
            let many = try await engine.request(.post, "/many", headers: json, body: #"{"n": 1.50}"#)
            #expect(many.text == #"{"values":[2,null,null],"stale":"conflict","none":[]}"#)
            #expect(try await engine.request(.get, "/bad-key").text == #""invalid""#)
            #expect(
                try await engine.request(.get, "/query").text
                    == #""cannot query store `statestore`: state store statestore does not support querying""#)
            let lines = #"[{"id":"l-1","who":{"name":"n"}},{"id":7}]"#
            let published = try await engine.request(.post, "/publish", headers: json, body: lines)
            #expect(published.text == #""`id` of an event is text, but `.id` of item 0 is null""#)
            #expect(sidecar.counters.published == 2)
            #expect(try await engine.request(.get, "/files").text == #"[{"n":1},1,"unavailable","unavailable"]"#)
            #expect(try await engine.request(.get, "/settings").text == #"[{"max":"7"},["max","mode"]]"#)
            #expect(try await engine.request(.get, "/secret").text == "true")
        }
    }

    @Test func `a job is scheduled with its data and cancelled by its name`() async throws {
        try await EngineUnderTest.with(
            routes: """
                post "/plan" {
                  jobs.schedule("remind/${request.body.id}", due: 90s, data: request.body)
                  jobs.schedule("nag", due: 1m, repeats: 3)
                  jobs.cancel("nag")
                  return jobs.schedule("", due: 1s) catch e { [e.class, e.message] }
                }
                get "/none" { return jobs.cancel("x") catch e { e.class } }
                """,
            sidecar: {
                $0.target.hasSuffix("/x") ? .reply(500, #"{"errorCode":"DAPR_SCHEDULER_DELETE_JOB"}"#) : .reply(204)
            }
        ) { engine async throws in
            let reply = try await engine.request(
                .post, "/plan", headers: [("content-type", "application/json")], body: #"{"id":"7", "n": 1.50}"#)
            #expect(reply.text == #"["invalid","the name of a job cannot be empty"]"#)
            #expect(try await engine.request(.get, "/none").text == #""unavailable""#)
            let calls = engine.sidecar.calls(to: "/v1.0-alpha1/jobs/").map {
                "\($0.method) \($0.target.dropFirst(18)) \($0.body)"
            }
            #expect(
                calls == [
                    #"POST remind%2F7 {"dueTime":"90s","data":{"id":"7", "n": 1.50},"overwrite":true}"#,
                    #"POST nag {"schedule":"@every 60s","repeats":3,"overwrite":true}"#, "DELETE nag ", "DELETE x ",
                ])
        }
    }

    @Test func `events of a list have ids of their own, the same at each delivery of their cause`() async throws {
        try await EngineUnderTest.with(
            routes: """
                topic news = "bus/news"
                subscribe "bus/things" (dead_letter: "dead", retry: 0) {
                  on "x" { news.publish_all([event.data.a, event.data.b], type: "t.v1", subject: .who) }
                }
                """
        ) { engine async throws in
            for _ in 0..<2 {
                #expect(try await engine.deliver("x", data: #"{"a":{"who":"w"},"b":{}}"#) == "SUCCESS")
            }
            let calls = engine.sidecar.calls(to: "/v1.0-alpha1/publish/bulk/bus/news")
            #expect(calls.count == 2 && calls[0].body == calls[1].body)
            let events = (calls.first?.json.array ?? []).compactMap { $0["event"] }
            #expect(events.map { $0["type"]?.string } == ["t.v1", "t.v1"])
            #expect(events.map { $0["subject"]?.string } == ["w", nil])
            #expect(Set(events.compactMap { $0["id"]?.string }).count == 2)
        }
    }
}
