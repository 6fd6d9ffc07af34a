// DeliveryTests.swift: events on their way to a scripted app: answers, retries, dead letters, restarts, drains.
import Synchronization
import Testing
import Wire

@testable import Sidecar

struct DeliveryTests {
    static let list = #"[{"pubsubname":"pubsub","topic":"orders","route":"/orders"}]"#
    static let listWithDead =
        #"[{"pubsubname":"pubsub","topic":"orders","routes":{"default":"/orders"},"deadLetterTopic":"dead"},"#
        + #"{"pubsubname":"pubsub","topic":"dead","route":"dead"}]"#
    static let fast = YAML.retry("policy: constant, duration: 5ms, maxRetries: 3")

    private func publish(_ sidecar: TestSidecar, _ id: String = "1", to topic: String = "orders") async throws {
        let event = #"{"specversion":"1.0","id":"\#(id)","source":"s","type":"t","data":{"n": 1.00}}"#
        let reply = try await sidecar.send(
            .post, "/v1.0/publish/pubsub/\(topic)",
            headers: [("content-type", "application/cloudevents+json")],
            body: event)
        #expect(reply.status == 204, "\(reply)")
    }

    @Test func `an event arrives with Dapr's headers and is acknowledged`() async throws {
        let app = try TestApp.start(subscriptions: Self.list)
        defer { app.stop() }
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        try await TestSidecar.with([YAML.pubsub], appPort: app.port, configure: { $0.appToken = "app-token" }) {
            sidecar in
            await sidecar.sidecar.untilReady()
            let reply = try await sidecar.send(
                .post, "/v1.0/publish/pubsub/orders?metadata.partitionKey=p7",
                headers: [("content-type", "application/json"), ("traceparent", trace)], body: #"{"n": 1.00}"#
            )
            #expect(reply.status == 204 && reply.headers["traceparent"] == trace)
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 1 })
            let call = try #require(app.calls(at: "/orders").first)
            #expect(call.method == .post && call.headers["content-type"] == "application/cloudevents+json")
            #expect(call.headers["pubsubname"] == "pubsub" && call.headers["traceparent"] == trace)
            #expect(call.headers["dapr-api-token"] == "app-token" && call.headers["partitionkey"] == "p7")
            #expect(call.headers["dapr-app-id"] == nil)
            #expect(call.body.contains(#""data":{"n": 1.00}"#) && call.body.contains(#""topic":"orders""#))
            let asked = try #require(app.calls(at: "/dapr/subscribe").first)
            #expect(asked.headers["dapr-app-id"] == "app" && asked.headers["dapr-api-token"] == "app-token")
            #expect(app.calls(at: "/dapr/subscribe").count == 1 && app.calls(at: "/dapr/config").count == 1)
        }
    }

    enum End: Sendable { case acknowledged, deadLettered, dropped }

    struct Story: Sendable, CustomStringConvertible {
        let description: String
        /// Answers in turn; the last is repeated.
        let answers: [TestApp.Answer]
        var policy: String?
        let calls: Int
        let end: End
    }

    static let stories: [Story] = [
        Story(description: "200 and no body", answers: [.reply(200, "")], calls: 1, end: .acknowledged),
        Story(description: "204", answers: [.reply(204, "")], calls: 1, end: .acknowledged),
        Story(description: "garbage body", answers: [.reply(200, "<html>")], calls: 1, end: .acknowledged),
        Story(description: "a list", answers: [.reply(200, "[1]")], calls: 1, end: .acknowledged),
        Story(
            description: "empty status", answers: [.reply(200, #"{"status":""}"#)], calls: 1,
            end: .acknowledged),
        Story(description: "no status", answers: [.reply(200, #"{"a":1}"#)], calls: 1, end: .acknowledged),
        Story(
            description: "status 5", answers: [.reply(200, #"{"status":5}"#)], calls: 1, end: .acknowledged),
        Story(
            description: "SUCCESS", answers: [.reply(200, #"{"status":"SUCCESS"}"#)], calls: 1,
            end: .acknowledged),
        Story(
            description: "DROP", answers: [.reply(200, #"{"status":"DROP"}"#)], policy: fast, calls: 1,
            end: .dropped),
        Story(description: "404", answers: [.reply(404, "")], policy: fast, calls: 1, end: .dropped),
        Story(
            description: "RETRY without a policy", answers: [.reply(200, #"{"status":"RETRY"}"#)], calls: 1,
            end: .dropped),
        Story(description: "500 without a policy", answers: [.reply(500, "")], calls: 1, end: .dropped),
        Story(
            description: "RETRY to the end", answers: [.reply(200, #"{"status":"RETRY"}"#)], policy: fast,
            calls: 4, end: .dropped),
        Story(
            description: "lower case is unknown", answers: [.reply(200, #"{"status":"success"}"#)],
            policy: fast, calls: 4, end: .dropped),
        Story(
            description: "fails twice, then 200",
            answers: [.reply(503, ""), .reply(200, #"{"status":"RETRY"}"#), .reply(200, "")],
            policy: fast, calls: 3, end: .acknowledged),
        Story(
            description: "400 is retriable", answers: [.reply(400, ""), .reply(200, "")], policy: fast,
            calls: 2, end: .acknowledged),
        Story(
            description: "a redirect is retriable", answers: [.reply(302, ""), .reply(200, "")], policy: fast,
            calls: 2, end: .acknowledged),
        Story(
            description: "a status outside of matching ends the tries", answers: [.reply(400, "")],
            policy: YAML.retry("duration: 5ms, maxRetries: 3, matching: { httpStatusCodes: 500-599 }"),
            calls: 1, end: .dropped),
        Story(
            description: "RETRY has no status to match",
            answers: [.reply(200, #"{"status":"RETRY"}"#), .reply(200, "")],
            policy: YAML.retry("duration: 5ms, maxRetries: 3, matching: { httpStatusCodes: 500-599 }"),
            calls: 2, end: .acknowledged),
        Story(
            description: "no retries", answers: [.reply(500, "")], policy: YAML.retry("maxRetries: 0"),
            calls: 1, end: .dropped),
    ]

    @Test(arguments: stories, [false, true])
    func `an app's answer decides what becomes of an event`(story: Story, hasDeadLetterTopic: Bool)
        async throws
    {
        let app = try TestApp.start(subscriptions: hasDeadLetterTopic ? Self.listWithDead : Self.list) {
            call, nth in
            call.path == "/dead" ? .reply(200, "") : story.answers[min(nth, story.answers.count) - 1]
        }
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub] + (story.policy.map { [$0] } ?? []), appPort: app.port) {
            sidecar in
            await sidecar.sidecar.untilReady()
            try await publish(sidecar)
            let isDead = hasDeadLetterTopic && story.end == .dropped
            let settled = await eventually {
                let counters = sidecar.sidecar.counters
                return switch story.end {
                case .acknowledged: counters.acknowledged == 1
                case .dropped, .deadLettered: isDead ? counters.acknowledged == 1 : counters.dropped == 1
                }
            }
            #expect(settled, "\(sidecar.sidecar.counters)")
            let counters = sidecar.sidecar.counters
            #expect(app.calls(at: "/orders").count == story.calls)
            #expect(counters.deadLettered == (isDead ? 1 : 0))
            #expect(counters.dropped == (story.end == .dropped && !isDead ? 1 : 0))
            #expect(counters.inFlight == 0)
            if isDead {
                let dead = try #require(app.calls(at: "/dead").first)
                #expect(dead.body == app.calls(at: "/orders").first?.body)
                #expect(dead.body.contains(#""topic":"orders""#))
            }
            if counters.dropped == 1 {
                #expect(
                    sidecar.log.messages(.error).contains { $0.contains("`1` of pubsub/orders is dropped") })
            }
        }
    }

    @Test func `nothing is lost while the app is away, and it is not asked for subscriptions again`()
        async throws
    {
        let app = try TestApp.start(subscriptions: Self.list)
        let policy = YAML.retry("policy: constant, duration: 20ms")
        try await TestSidecar.with([YAML.pubsub, policy], appPort: app.port) { sidecar in
            await sidecar.sidecar.untilReady()
            app.stop()
            for number in 0..<50 { try await publish(sidecar, "\(number)") }
            #expect(await eventually { sidecar.sidecar.counters.retried > 10 })
            #expect(sidecar.sidecar.counters.inFlight == 10, "as many as `concurrency` are held")
            let again = try TestApp.start(port: app.port, subscriptions: Self.list)
            defer { again.stop() }
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 50 })
            #expect(Set(again.calls(at: "/orders").map(\.body)).count == 50)
            #expect(again.calls(at: "/dapr/subscribe").isEmpty)
            #expect(sidecar.sidecar.counters.dropped == 0)
        }
    }

    @Test func `the app may come after the sidecar, and events published meanwhile wait`() async throws {
        let early = try TestApp.start(subscriptions: Self.list)
        early.stop()
        try await TestSidecar.with([YAML.pubsub], appPort: early.port) { sidecar in
            try await publish(sidecar)
            let reply1 = try await sidecar.send(.get, "/v1.0/healthz/outbound")
            #expect(reply1.status == 204)
            let health = try await sidecar.send(.get, "/v1.0/healthz")
            #expect(health.status == 500 && health.errorCode == "ERR_HEALTH_NOT_READY")
            #expect(!sidecar.sidecar.isReady)
            let app = try TestApp.start(port: early.port, subscriptions: Self.list)
            defer { app.stop() }
            await sidecar.sidecar.untilReady()
            let reply2 = try await sidecar.send(.get, "/v1.0/healthz")
            #expect(reply2.status == 204)
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 1 })
        }
    }

    @Test func `an app that dies in the middle of its answer gets the event again`() async throws {
        let calls = Mutex(0)
        let app = try RawApp.start(subscriptions: Self.list) { _ in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            return switch call {
            case 1: "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"status\":"
            case 2: ""
            case 3: "not HTTP at all\r\n\r\n"
            default: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
            }
        }
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub, Self.fast], appPort: app.port) { sidecar in
            await sidecar.sidecar.untilReady()
            try await publish(sidecar)
            #expect(
                await eventually { sidecar.sidecar.counters.acknowledged == 1 }, "\(sidecar.sidecar.counters)"
            )
            #expect(calls.withLock { $0 } >= 4)
        }
    }

    @Test func `a call that takes longer than the policy's timeout counts as failed`() async throws {
        let app = try TestApp.start(subscriptions: Self.list) { _, nth in nth == 1 ? .hold : .reply(200, "") }
        defer { app.stop() }
        let policy = YAML.retry("duration: 5ms, maxRetries: 3").replacing(
            "inbound: { retry: r }", with: "inbound: { retry: r, timeout: short }")
        try await TestSidecar.with([YAML.pubsub, policy], appPort: app.port) { sidecar in
            await sidecar.sidecar.untilReady()
            try await publish(sidecar)
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 1 })
            #expect(sidecar.sidecar.counters.retried == 1)
        }
    }

    @Test func `at most ten events are with the app at once, or as many as the component says`() async throws {
        for (metadata, limit) in [([:], 10), (["concurrency": "3"], 3)] {
            let app = try TestApp.start(subscriptions: Self.list) { _, _ in .hold }
            defer { app.stop() }
            let pubsub = YAML.component("pubsub", "pubsub.in-memory", metadata)
            try await TestSidecar.with([pubsub], appPort: app.port) { sidecar in
                await sidecar.sidecar.untilReady()
                for number in 0..<20 { try await publish(sidecar, "\(number)") }
                #expect(await eventually { app.heldCount == limit })
                #expect(app.calls(at: "/orders").count == limit)
                while sidecar.sidecar.counters.acknowledged < 20 {
                    app.release()
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
        }
    }

    @Test func `a full queue answers the publisher with an error`() async throws {
        let app = try TestApp.start(subscriptions: Self.list) { _, _ in .hold }
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub], appPort: app.port, configure: { $0.limits.queueMax = 5 }) {
            sidecar in
            await sidecar.sidecar.untilReady()
            for number in 0..<10 { try await publish(sidecar, "\(number)") }
            #expect(await eventually { app.heldCount == 10 })
            for number in 0..<5 { try await publish(sidecar, "\(number)") }
            let reply = try await sidecar.send(.post, "/v1.0/publish/pubsub/orders", body: "x")
            #expect(reply.status == 500 && reply.errorCode == "ERR_PUBSUB_PUBLISH_MESSAGE")
            #expect(sidecar.sidecar.counters.publishRefused == 1)
            while sidecar.sidecar.counters.acknowledged < 15 {
                app.release()
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    @Test func `a stop waits for what is with the app and keeps the rest for the next sidecar`() async throws {
        let app = try TestApp.start(subscriptions: Self.list) { _, nth in nth <= 10 ? .hold : .reply(200, "")
        }
        defer { app.stop() }
        let broker = SharedBroker()
        try await TestSidecar.with([YAML.pubsub], appPort: app.port, broker: broker) { sidecar in
            await sidecar.sidecar.untilReady()
            for number in 0..<30 { try await publish(sidecar, "\(number)") }
            #expect(await eventually { app.heldCount == 10 })
            async let stopped: Void = sidecar.sidecar.stop(drainingAtMost: .seconds(10))
            #expect(await eventually { sidecar.apps.entry(for: "app") == nil })
            app.release()
            await stopped
            #expect(sidecar.sidecar.counters.acknowledged == 10)
        }
        #expect(broker.backlog(pubsub: "pubsub", topic: "orders") == 20)
        try await TestSidecar.with([YAML.pubsub], appPort: app.port, broker: broker) { sidecar in
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 20 })
        }
        #expect(Set(app.calls(at: "/orders").map(\.body)).count == 30)
        #expect(broker.backlog(pubsub: "pubsub", topic: "orders") == 0)
    }

    @Test func `a drain that takes too long gives the events back`() async throws {
        let app = try TestApp.start(subscriptions: Self.list) { _, _ in .hold }
        defer { app.stop() }
        let broker = SharedBroker()
        try await TestSidecar.with([YAML.pubsub], appPort: app.port, broker: broker) { sidecar in
            await sidecar.sidecar.untilReady()
            for number in 0..<3 { try await publish(sidecar, "\(number)") }
            #expect(await eventually { app.heldCount == 3 })
            await sidecar.sidecar.stop(drainingAtMost: .milliseconds(50))
        }
        #expect(broker.backlog(pubsub: "pubsub", topic: "orders") == 3)
    }

    @Test func `two apps on one topic both get every event`() async throws {
        let one = try TestApp.start(subscriptions: Self.list)
        let two = try TestApp.start(subscriptions: Self.list)
        defer {
            one.stop()
            two.stop()
        }
        let broker = SharedBroker()
        try await TestSidecar.with([YAML.pubsub], appID: "one", appPort: one.port, broker: broker) { first in
            try await TestSidecar.with([YAML.pubsub], appID: "two", appPort: two.port, broker: broker) {
                second in
                await first.sidecar.untilReady()
                await second.sidecar.untilReady()
                for number in 0..<20 { try await publish(first, "\(number)") }
                #expect(
                    await eventually {
                        first.sidecar.counters.acknowledged == 20
                            && second.sidecar.counters.acknowledged == 20
                    })
            }
        }
    }

    @Test func `an expired event is dead-lettered without asking the app`() async throws {
        let app = try TestApp.start(subscriptions: Self.listWithDead)
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub], appPort: app.port) { sidecar in
            await sidecar.sidecar.untilReady()
            let event =
                #"{"specversion":"1.0","id":"1","source":"s","type":"t","expiration":"2020-01-01T00:00:00Z"}"#
            _ = try await sidecar.send(
                .post, "/v1.0/publish/pubsub/orders",
                headers: [("content-type", "application/cloudevents+json")],
                body: event)
            #expect(await eventually { sidecar.sidecar.counters.expired >= 1 })
            #expect(app.calls(at: "/orders").isEmpty && sidecar.sidecar.counters.deadLettered == 1)
        }
    }

    @Test func `raw bytes reach a raw subscription in an envelope, and are dead-lettered elsewhere`()
        async throws
    {
        let list =
            #"[{"pubsubname":"pubsub","topic":"raw","route":"/raw","metadata":{"rawPayload":"true"}},"#
            + #"{"pubsubname":"pubsub","topic":"plain","route":"/plain","deadLetterTopic":"raw"}]"#
        let app = try TestApp.start(subscriptions: list)
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub], appPort: app.port) { sidecar in
            await sidecar.sidecar.untilReady()
            for topic in ["raw", "plain"] {
                let target = "/v1.0/publish/pubsub/\(topic)?metadata.rawPayload=true"
                let reply3 = try await sidecar.send(.post, target, body: "hello")
                #expect(reply3.status == 204)
            }
            #expect(await eventually { app.calls(at: "/raw").count == 2 })
            for call in app.calls(at: "/raw") {
                #expect(
                    call.body.contains(#""data_base64":"aGVsbG8=""#)
                        && call.body.contains(#""source":"Dapr""#))
            }
            #expect(app.calls(at: "/plain").isEmpty)
        }
    }

    @Test func `declarative subscriptions join, and the app's own replace them`() async throws {
        let declarative = { (topic: String, route: String) in
            """
            apiVersion: dapr.io/v1alpha1
            kind: Subscription
            metadata: { name: \(topic) }
            spec: { pubsubname: pubsub, topic: \(topic), route: \(route) }

            """
        }
        let app = try TestApp.start(subscriptions: Self.list)
        defer { app.stop() }
        let yaml = [YAML.pubsub, declarative("orders", "/other"), declarative("bills", "/bills")]
        try await TestSidecar.with(yaml, appPort: app.port) { sidecar in
            await sidecar.sidecar.untilReady()
            try await publish(sidecar, to: "orders")
            try await publish(sidecar, to: "bills")
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 2 })
            #expect(app.calls(at: "/orders").count == 1 && app.calls(at: "/bills").count == 1)
            let metadata = try await sidecar.send(.get, "/v1.0/metadata").body
            #expect(
                metadata.contains(
                    #""topic":"bills","rules":[{"match":"","path":"/bills"}],"type":"DECLARATIVE""#))
            #expect(
                metadata.contains(
                    #""topic":"orders","rules":[{"match":"","path":"/orders"}],"type":"PROGRAMMATIC""#))
        }
    }

    @Test(arguments: [
        ("{", "the answer is not valid JSON"), ("{}", "the answer is no JSON list"),
        ("[5]", "an entry is no object"),
        (#"[{"topic":"t","route":"/r"}]"#, "an entry lacks `pubsubname` or `topic`"),
        (
            #"[{"pubsubname":"p","topic":"t","routes":{"rules":[{"match":"event.type == \"a\"","path":"/a"}]}}]"#,
            "needs CEL, which is not in this build"
        ),
    ])
    func `a list that cannot be taken starts nothing and is said loudly`(list: String, message: String)
        async throws
    {
        let app = try TestApp.start(subscriptions: list)
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub], appPort: app.port) { sidecar in
            await sidecar.sidecar.untilReady()
            #expect(
                sidecar.log.messages(.error).contains { $0.contains(message) },
                "\(sidecar.log.messages(.error))")
            let reply4 = try await sidecar.send(.get, "/v1.0/metadata")
            #expect(reply4.body.contains(#""subscriptions":[]"#))
        }
    }

    @Test func `an app without a list of subscriptions is fine`() async throws {
        let app = try TestApp.start { _, _ in .reply(404, "") }
        defer { app.stop() }
        try await TestSidecar.with([YAML.pubsub], appPort: app.port) { sidecar in
            await sidecar.sidecar.untilReady()
            #expect(sidecar.log.messages(.error).isEmpty)
        }
    }
}
