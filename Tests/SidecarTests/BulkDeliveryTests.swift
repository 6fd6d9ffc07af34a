// BulkDeliveryTests.swift: several events in one call of the app: gathering, statuses, tries, dead letters.
import Machine
import Synchronization
import Testing
import Wire

@testable import Sidecar

struct BulkDeliveryTests {
    private static func list(_ bulk: String, _ more: String = "") -> String {
        #"[{"pubsubname":"pubsub","topic":"orders","route":"/orders","deadLetterTopic":"dead","bulkSubscribe":\#(bulk)\#(more)},"#
            + #"{"pubsubname":"pubsub","topic":"dead","route":"/dead"}]"#
    }
    private static let ofThree = #"{"enabled":true,"maxMessagesCount":3,"maxAwaitDurationMs":20}"#

    private func publish(_ sidecar: TestSidecar, _ ids: [String]) async throws {
        for id in ids {
            let reply = try await sidecar.send(
                .post, "/v1.0/publish/pubsub/orders", headers: [("content-type", "application/cloudevents+json")],
                body: #"{"specversion":"1.0","id":"\#(id)","source":"s","type":"t","data":{"n": 1.00}}"#)
            #expect(reply.status == 204, "\(reply)")
        }
    }

    private static func entries(_ call: TestApp.Call) -> [JSON] {
        (try? JSON.parse(call.body))?["entries"]?.array ?? []
    }

    /// Answers each entry by its event's id.
    private static func answer(_ call: TestApp.Call, _ status: (String) -> String?) -> TestApp.Answer {
        let statuses = entries(call).compactMap { entry -> String? in
            guard let word = status(entry["event"]?["id"]?.string ?? "") else { return nil }
            return #"{"entryId":"\#(entry["entryId"]?.string ?? "")","status":"\#(word)"}"#
        }
        return .reply(200, #"{"statuses":[\#(statuses.joined(separator: ","))]}"#)
    }

    @Test func `events come together, as many as there may be, the last ones after the wait`() async throws {
        let app = try TestApp.start(subscriptions: Self.list(Self.ofThree)) { call, _ in
            Self.answer(call) { _ in "SUCCESS" }
        }
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub], appPort: app.port) { sidecar in
            try await publish(sidecar, ["1", "2", "3", "4"])
            await sidecar.sidecar.untilReady()
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 4 })
            let calls = app.calls(at: "/orders")
            #expect(calls.map { Self.entries($0).count } == [3, 1])
            let first = try #require(calls.first)
            #expect(first.headers["content-type"] == "application/json" && first.headers["pubsubname"] == "pubsub")
            #expect(
                first.body.contains(#""data":{"n": 1.00}"#)
                    && first.body.contains(#""type":"com.dapr.event.sent.bulk""#))
            let ids = Self.entries(first).compactMap { $0["entryId"]?.string }
            #expect(Set(ids).count == 3)
        }
    }

    @Test func `each entry has an end of its own, and only what failed comes again`() async throws {
        let app = try TestApp.start(subscriptions: Self.list(Self.ofThree)) { call, nth in
            call.path == "/dead"
                ? .reply(200, "")
                : Self.answer(call) { id in
                    ["good": "SUCCESS", "bad": "DROP", "later": nth == 1 ? "RETRY" : "SUCCESS"][id]
                }
        }
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub, DeliveryTests.fast], appPort: app.port) { sidecar in
            try await publish(sidecar, ["good", "bad", "later"])
            await sidecar.sidecar.untilReady()
            #expect(
                await eventually { sidecar.sidecar.counters.acknowledged == 3 && app.calls(at: "/dead").count == 1 })
            let ids = app.calls(at: "/orders").map { Self.entries($0).compactMap { $0["event"]?["id"]?.string } }
            #expect(ids == [["good", "bad", "later"], ["later"]])
            #expect(app.calls(at: "/dead").first?.body.contains(#""id":"bad""#) == true)
            #expect(sidecar.sidecar.counters.inFlight == 0)
        }
    }

    @Test(arguments: [
        TestApp.Answer.reply(500, ""), .reply(200, ""), .reply(200, "{}"), .reply(200, #"{"statuses":[]}"#),
        .reply(200, #"{"statuses":[{"entryId":"?","status":"SUCCESS"}]}"#),
    ])
    func `without a status for it an entry is tried again, then dead-lettered`(answer: TestApp.Answer) async throws {
        let app = try TestApp.start(subscriptions: Self.list(Self.ofThree)) { call, _ in
            call.path == "/dead" ? .reply(200, "") : answer
        }
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub, DeliveryTests.fast], appPort: app.port) { sidecar in
            try await publish(sidecar, ["1"])
            await sidecar.sidecar.untilReady()
            #expect(await eventually { app.calls(at: "/dead").count == 1 })
            #expect(app.calls(at: "/orders").count == 4)
        }
    }

    @Test func `404 takes the whole delivery and dead-letters nothing, as daprd does`() async throws {
        let app = try TestApp.start(subscriptions: Self.list(Self.ofThree)) { _, _ in .reply(404, "") }
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub], appPort: app.port) { sidecar in
            try await publish(sidecar, ["1", "2"])
            await sidecar.sidecar.untilReady()
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 2 })
            #expect(app.calls(at: "/dead").isEmpty)
        }
    }

    @Test func `a raw subscription gets the bytes in base64`() async throws {
        let app = try TestApp.start(
            subscriptions: Self.list(Self.ofThree, #","metadata":{"rawPayload":"true"}"#)
        ) { call, _ in Self.answer(call) { _ in "SUCCESS" } }
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub], appPort: app.port) { sidecar in
            let reply = try await sidecar.send(
                .post, "/v1.0/publish/pubsub/orders?metadata.rawPayload=true", body: "plain")
            #expect(reply.status == 204)
            await sidecar.sidecar.untilReady()
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 1 })
            let entry = Self.entries(try #require(app.calls(at: "/orders").first)).first
            #expect(
                entry?["event"]?.string == "cGxhaW4=" && entry?["contentType"]?.string == "application/octet-stream")
        }
    }

    @Test func `what waits to be gathered goes back when the sidecar stops`() async throws {
        let app = try TestApp.start(
            subscriptions: Self.list(#"{"enabled":true,"maxMessagesCount":100,"maxAwaitDurationMs":600000}"#))
        defer { app.stop() }
        let broker = SharedBroker()
        try await TestSidecar.with([YAML.pubsub], appPort: app.port, broker: broker) { sidecar in
            await sidecar.sidecar.untilReady()
            try await publish(sidecar, ["1", "2"])
            #expect(await eventually { sidecar.sidecar.counters.inFlight == 2 })
        }
        #expect(broker.backlog(pubsub: "pubsub", topic: "orders") == 2)
        #expect(app.calls(at: "/orders").isEmpty)
    }
}
