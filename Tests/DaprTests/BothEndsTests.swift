// BothEndsTests.swift: the client and the app channel against the embedded sidecar, over real sockets.
//
// The two rooms know the same contract and not each other; here they meet. The components are the shipped ones.

import Foundation
import Machine
import Sidecar
import Testing
import Transport
import Wire

@testable import Dapr

/// An app of one loop: takes every event of `bus`, echoes every invocation.
private final class TestApp: HTTPRequestHandler {
    private let channel = AppChannel(appToken: "app-secret")
    var deliveries: [String] = []
    var problems: [String] = []
    var untrusted = 0
    var retriesLeft = 1

    func handle(_ request: HTTPRequest, _ response: HTTPResponder) {
        let reply: AppReply
        switch channel.classify(request) {
        case .configuration: reply = .configuration
        case .health: reply = .healthy
        case .subscribe:
            reply = .subscriptions([
                AppSubscription(pubsub: "pubsub", topic: "test topic/1", deadLetterTopic: "dead"),
                AppSubscription(pubsub: "pubsub", topic: "dead", deadLetterTopic: nil),
            ])
        case .delivery(_, let topic): reply = .delivery(take(request, topic))
        case .bulk, .job: reply = .malformed
        case .invocation: return echo(request, response)
        case .unauthorized:
            untrusted += 1
            reply = .unauthorized
        }
        response.respond(status: reply.status, headers: reply.headers, body: reply.body)
    }

    private func take(_ request: HTTPRequest, _ topic: String) -> EventOutcome {
        let owner = OwnedArena()
        do throws(EnvelopeProblem) {
            let event = try EventEnvelope.read(request.body, headers: request.headers, in: owner.arena)
            let id = event.field("id", in: owner.arena).asString ?? ""
            if id == "again", retriesLeft > 0 {
                retriesLeft -= 1
                return .retry
            }
            if id == "drop", topic != "dead" { return .drop }
            let data = (try? event.field("data", in: owner.arena).json()) ?? []
            deliveries.append("\(topic) \(id) \(String(decoding: data, as: UTF8.self))")
            return .success
        } catch {
            problems.append(error.message)
            return .drop
        }
    }

    private func echo(_ request: HTTPRequest, _ response: HTTPResponder) {
        let caller = request.headers["dapr-caller-app-id"] ?? ""
        let said =
            "\(request.method.rawValue) \(request.path)?\(request.query ?? "") \(caller) \(request.body.text)"
        let status = request.path.hasPrefix("/missing") ? 404 : 200
        let body = status == 404 ? Array(#"{"message":"nothing here"}"#.utf8) : Array("\"\(said)\"".utf8)
        response.respond(status: status, headers: [("content-type", "application/json")], body: body)
    }
}

@Suite struct BothEndsTests {
    /// Everything of one test: the app and its client on the test's own loop, the sidecar on its thread.
    final class World {
        let loop: EventLoop
        let client: SidecarClient
        fileprivate let app = TestApp()
        private let http: HTTPClient
        private let server: HTTPServer
        private let sidecar: EmbeddedSidecar
        private let folder: URL

        init() throws {
            loop = try EventLoop()
            http = HTTPClient(loop: loop, options: .standard)
            server = try HTTPServer(
                loop: loop, address: "127.0.0.1", port: 0, options: .standard, handler: app)
            folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "dapr-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(#"{"postgres":{"host":"h","port":"5432"}}"#.utf8).write(
                to: folder.appendingPathComponent("secrets.json"))
            try Data(Self.moreComponents(appPort: server.port).utf8).write(
                to: folder.appendingPathComponent("more.yaml"))
            try Data(#"{"limit":"10","mode":{"value":"fast","version":"2"},"list":[1]}"#.utf8).write(
                to: folder.appendingPathComponent("settings.json"))
            let root = URL(fileURLWithPath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            var configuration = SidecarConfiguration(
                appID: "inventory", appPort: server.port, httpPort: 0,
                resourceFolders: [root.appendingPathComponent("k8s/local/components").path, folder.path])
            configuration.workingFolder = folder.path
            configuration.apiToken = "api-secret"
            configuration.appToken = "app-secret"
            sidecar = try EmbeddedSidecar.start(configuration, broker: SharedBroker(), apps: AppRegistry())
            client = SidecarClient(
                client: http,
                endpoint: SidecarEndpoint(port: UInt16(sidecar.httpPort), apiToken: "api-secret"))
            // It gets ready on its own thread, which does not wake this loop.
            let end = ContinuousClock.now + .seconds(20)
            let sidecar = sidecar
            while !loop.run(until: { sidecar.isReady }, atMost: .milliseconds(5)), ContinuousClock.now < end {
            }
            try #require(sidecar.isReady)
        }

        /// What the shipped set-up does not have.
        private static func moreComponents(appPort: Int) -> String {
            let components = [
                ("settings", "configuration.local.file", "configurationFile", "settings.json"),
                ("files", "bindings.localstorage", "rootPath", "kept"),
                ("echo", "bindings.http", "url", "http://127.0.0.1:\(appPort)/base"),
            ]
            return components.map { name, type, item, value in
                """
                apiVersion: dapr.io/v1alpha1
                kind: Component
                metadata: { name: \(name) }
                spec: { type: \(type), version: v1, metadata: [{ name: \(item), value: "\(value)" }] }
                """
            }.joined(separator: "\n---\n")
        }

        func end() async throws {
            // The app's loop has to answer while the sidecar drains.
            let thread = try LoopThread.start(loop, name: "dapr-test-app")
            await sidecar.stop(drainingAtMost: .seconds(5))
            thread.stop()
            http.close()
            server.close()
            try FileManager.default.removeItem(at: folder)
        }

        /// The value as JSON, or `failure CLASS: message`.
        func perform(_ call: SidecarCall) throws -> String {
            var outcome: String?
            start(call) { outcome = $0 }
            _ = loop.run(until: { outcome != nil }, atMost: .seconds(20))
            return try #require(outcome)
        }

        func start(_ call: SidecarCall, completion: @escaping (String) -> Void) {
            client.perform(
                call, traceparent: nil, deadlineNanoseconds: loop.nowNanoseconds + 20_000_000_000
            ) { reply in
                let owner = OwnedArena()
                switch reply.value(in: owner.arena) {
                case .success(let value):
                    if let secret = value.asSecret { return completion("secret \(secret)") }
                    let json = try? SidecarCall.json(of: value)
                    completion(json.map { String(decoding: $0, as: UTF8.self) } ?? "unwritable")
                case .failure(let failure): completion("failure \(failure.failureClass): \(failure.message)")
                }
            }
        }

        func waitForDeliveries(_ count: Int) -> [String] {
            let app = app
            _ = loop.run(until: { app.deliveries.count >= count }, atMost: .seconds(20))
            return app.deliveries
        }
    }

    static func inWorld(_ body: (World) throws -> Void) async throws {
        let world = try World()
        do {
            try body(world)
        } catch {
            try await world.end()
            throw error
        }
        try await world.end()
    }

    @Test func `state is kept under ETags`() async throws {
        try await Self.inWorld { (world) throws in
            let owner = OwnedArena()
            let value = try owner.arena.json(#"{"n": 1.50}"#)
            #expect(try world.perform(.stateGet(store: "statestore", key: "a/b")) == "null")
            #expect(
                try world.perform(.stateEntry(store: "statestore", key: "a/b"))
                    == #"{"value":null,"etag":null}"#)
            #expect(try world.perform(.stateSave(store: "statestore", key: "a/b", value: value)) == "null")
            #expect(try world.perform(.stateGet(store: "statestore", key: "a/b")) == #"{"n": 1.50}"#)
            let stale = StateOptions(etag: "stale", isFirstWrite: true)
            #expect(
                try world.perform(.stateSave(store: "statestore", key: "a/b", value: .int(2), options: stale))
                    .hasPrefix("failure conflict: "))
            #expect(
                try world.perform(
                    .stateSave(
                        store: "statestore", key: "a/b", value: .int(2),
                        options: StateOptions(isFirstWrite: true))
                ).hasPrefix("failure conflict: "))
            #expect(
                try world.perform(
                    .stateDelete(store: "statestore", key: "a/b", options: StateOptions(etag: "stale"))
                )
                .hasPrefix("failure conflict: "))
            #expect(try world.perform(.stateDelete(store: "statestore", key: "a/b")) == "null")
            #expect(try world.perform(.stateGet(store: "statestore", key: "a/b")) == "null")
            #expect(
                try world.perform(.stateGet(store: "nowhere", key: "a"))
                    .hasPrefix("failure internal: cannot read `a` from store `nowhere`: "))
        }
    }

    @Test func `racing writers with ETags lose no count`() async throws {
        try await Self.inWorld { (world) throws in
            let (writers, rounds) = (8, 25)
            var left = writers
            /// Reads, adds one, writes back under the ETag; on a conflict again.
            func add(_ remaining: Int) {
                guard remaining > 0 else { return left -= 1 }
                guard let entry = try? SidecarCall.stateEntry(store: "statestore", key: "count") else {
                    return
                }
                world.start(entry) { json in
                    guard let read = try? JSON.parse(json), read["value"] != nil else {
                        Issue.record("\(json)")
                        return
                    }
                    let options = StateOptions(etag: read["etag"]?.string, isFirstWrite: true)
                    let next = Value.int((read["value"]?.int ?? 0) + 1)
                    guard
                        let save = try? SidecarCall.stateSave(
                            store: "statestore", key: "count", value: next, options: options)
                    else { return }
                    world.start(save) { outcome in
                        if outcome.hasPrefix("failure conflict") { return add(remaining) }
                        guard outcome == "null" else {
                            Issue.record("\(outcome)")
                            return
                        }
                        add(remaining - 1)
                    }
                }
            }
            for _ in 0..<writers { add(rounds) }
            _ = world.loop.run(until: { left == 0 }, atMost: .seconds(60))
            #expect(try world.perform(.stateGet(store: "statestore", key: "count")) == "\(writers * rounds)")
        }
    }

    @Test func `a published event is delivered with its own id, tried again, or dead-lettered`() async throws {
        try await Self.inWorld { (world) throws in
            let owner = OwnedArena()
            for id in ["plain", "again", "drop"] {
                let event = PublishedEvent(
                    id: id, source: "s", type: "t", data: try owner.arena.json(#"{"n": 1.50}"#))
                #expect(
                    try world.perform(
                        .publish(pubsub: "pubsub", topic: "test topic/1", event: event, in: owner.arena))
                        == "null")
            }
            #expect(
                world.waitForDeliveries(3).sorted() == [
                    #"dead drop {"n": 1.50}"#, #"test topic/1 again {"n": 1.50}"#,
                    #"test topic/1 plain {"n": 1.50}"#,
                ])
            #expect(world.app.retriesLeft == 0 && world.app.problems.isEmpty && world.app.untrusted == 0)
            let event = PublishedEvent(id: "x", source: "s", type: "t", data: .null)
            #expect(
                try world.perform(.publish(pubsub: "nobus", topic: "t", event: event, in: owner.arena))
                    .hasPrefix("failure internal: cannot publish to `nobus/t`: "))
        }
    }

    @Test func `an invocation arrives as it was sent, and an event cannot be forged by one`() async throws {
        try await Self.inWorld { (world) throws in
            let owner = OwnedArena()
            let arena = owner.arena
            let reply = try world.perform(
                .invoke(
                    app: "inventory", method: .post, path: "/v1/x/y", query: try arena.json(#"{"q":"1 2"}"#),
                    body: .int(7), in: arena))
            #expect(reply.contains(#""status":200"#) && reply.contains("POST /v1/x/y?q=1%202 inventory 7"))
            #expect(
                try world.perform(.invoke(app: "inventory", method: .get, path: "/missing", in: arena))
                    == "failure notFound: nothing here")
            #expect(
                try world.perform(.invoke(app: "nobody", method: .get, path: "/x", in: arena))
                    .hasPrefix("failure unavailable: cannot GET /x of app `nobody`: "))
            let forged = try world.perform(
                .invoke(
                    app: "inventory", method: .post, path: "/dapr/events/pubsub/dead", body: .int(1),
                    in: arena))
            #expect(forged.contains("POST /dapr/events/pubsub/dead"))
            #expect(world.app.deliveries.isEmpty && world.app.problems.isEmpty)
        }
    }

    @Test func `secrets are read, and a missing one is told`() async throws {
        try await Self.inWorld { (world) throws in
            #expect(
                try world.perform(.secret(store: "secrets", name: "postgres", key: "port")) == "secret 5432")
            #expect(
                try world.perform(.secret(store: "secrets", name: "postgres"))
                    == "failure internal: cannot read secret `postgres` from store `secrets`: "
                    + "it has several values, so name one: `host`, `port`")
            #expect(
                try world.perform(.secret(store: "secrets", name: "none"))
                    .hasPrefix("failure unavailable: cannot read secret `none` from store `secrets`: "))
            #expect(
                try world.perform(.secret(store: "nowhere", name: "none"))
                    .hasPrefix("failure internal: cannot read secret `none` from store `nowhere`: "))
        }
    }
}
