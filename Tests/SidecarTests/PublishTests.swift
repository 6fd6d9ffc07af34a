// PublishTests.swift: what a publisher's body becomes, and what the publish API answers.
import DaprContract
import Foundation
import Testing
import Wire

@testable import Sidecar

struct EnvelopeTests {
    private let context = PublishContext(
        appID: "shop", pubsubName: "pubsub", topic: "orders",
        trace: TraceContext(
            continuing: HeaderFields([
                ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                ("tracestate", "a=1"),
            ])),
        now: CalendarTime(millisecondsSince1970: 1_795_256_130_000), newID: "new-id")

    private func make(
        _ body: String, _ contentType: String?, _ metadata: [String: String] = [:]
    ) throws -> [String: Any] {
        let event = try Envelope.make(
            body: Array(body.utf8), contentType: contentType, metadata: metadata, context)
        return try #require(try JSONSerialization.jsonObject(with: Data(event.data)) as? [String: Any])
    }

    @Test func `JSON is wrapped with every attribute of Dapr's`() throws {
        let event = try make(#"{"a": 1}"#, "application/json")
        #expect(event["data"] as? [String: Int] == ["a": 1])
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let texts = [
            "id": "new-id", "source": "shop", "specversion": "1.0", "type": "com.dapr.event.sent",
            "datacontenttype": "application/json", "topic": "orders", "pubsubname": "pubsub",
            "time": "2026-11-21T10:15:30Z", "traceid": trace, "traceparent": trace, "tracestate": "a=1",
        ]
        for (name, value) in texts { #expect(event[name] as? String == value, "\(name)") }
        #expect(event["subject"] == nil && event["expiration"] == nil)
        #expect(event.count == texts.count + 1)
    }

    @Test(
        arguments: [
            ("application/json", #"{"n": 75.00}"#, #""data":{"n": 75.00}"#),
            ("Application/JSON; charset=utf-8", "[1,2]", #""data":[1,2]"#),
            ("application/json", "not json", #""data":"not json""#),
            ("application/vnd.x+json", #"{"a":1}"#, #""data":"{\"a\":1}""#),
            ("text/plain", "x\ny", #""data":"x\ny""#),
            ("application/xml", "<a/>", #""data":"<a/>""#),
            (nil, "plain", #""data":"plain","datacontenttype":"text/plain""#),
            ("application/octet-stream", "\u{1}", #""data_base64":"AQ==""#),
        ] as [(String?, String, String)])
    func `the content type decides the form of the data`(contentType: String?, body: String, part: String)
        throws
    {
        let event = try Envelope.make(
            body: Array(body.utf8), contentType: contentType, metadata: [:], context)
        #expect(String(decoding: event.data, as: UTF8.self).contains(part))
    }

    @Test func `metadata overrides what Dapr lets it, in any case, and no more`() throws {
        let event = try make(
            "1", "application/json",
            [
                "cloudevent.id": "i", "CloudEvent.Type": "t", "cloudevent.source": "s",
                "cloudevent.subject": "u",
                "cloudevent.topic": "no", "cloudevent.extra": "no",
            ])
        #expect(
            event["id"] as? String == "i" && event["type"] as? String == "t"
                && event["source"] as? String == "s")
        #expect(
            event["subject"] as? String == "u" && event["topic"] as? String == "orders"
                && event["extra"] == nil)
    }

    @Test func `the publisher's own CloudEvent keeps all it has but topic and pubsubname`() throws {
        let body = """
            {"specversion":"1.0","id":"1","source":"/s","type":"widget.v1","topic":"wrong","time":"2020-01-01T00:00:00Z",
             "myext":"e","data":{"price": 175.00, "big": 12345678901234567890}}
            """
        let made = try Envelope.make(
            body: Array(body.utf8), contentType: "application/cloudevents+json; charset=utf-8", metadata: [:],
            context)
        let text = String(decoding: made.data, as: UTF8.self)
        #expect(text.contains(#""data":{"price": 175.00, "big": 12345678901234567890}"#))
        let event = try #require(try JSONSerialization.jsonObject(with: Data(made.data)) as? [String: Any])
        #expect(event["topic"] as? String == "orders" && event["pubsubname"] as? String == "pubsub")
        #expect(event["time"] as? String == "2020-01-01T00:00:00Z" && event["myext"] as? String == "e")
        #expect(event["id"] as? String == "1" && event["traceid"] as? String == context.trace.traceparent)
        #expect(made.eventID == "1")
    }

    @Test func `a CloudEvent without attributes gets Dapr's defaults, and no id`() throws {
        let event = try make(#"{"data":1}"#, "application/cloudevents+json")
        #expect(event["source"] as? String == "Dapr" && event["type"] as? String == "com.dapr.event.sent")
        #expect(event["specversion"] as? String == "1.0" && event["id"] == nil)
    }

    @Test(arguments: ["", "[]", "5", "{", #""text""#])
    func `what is no JSON object is no CloudEvent`(body: String) throws {
        let error = #expect(throws: APIError.self) { _ = try make(body, "application/cloudevents+json") }
        #expect(error?.code.name == "ERR_PUBSUB_CLOUD_EVENTS_SER" && error?.status == 500)
    }

    @Test func `a time to live becomes an expiration`() throws {
        let event = try make("1", "application/json", ["ttlInSeconds": "90"])
        #expect(event["expiration"] as? String == "2026-11-21T10:17:00Z")
        #expect(throws: APIError.self) { _ = try make("1", "application/json", ["ttlInSeconds": "soon"]) }
    }

    @Test func `a raw payload goes as it is, and a bad flag is refused`() throws {
        let raw = try Envelope.make(
            body: [1, 2, 3], contentType: nil, metadata: ["rawPayload": "true"], context)
        #expect(raw.data == [1, 2, 3] && !raw.isObject)
        let error = #expect(throws: APIError.self) { _ = try make("1", nil, ["rawPayload": "maybe"]) }
        #expect(error?.code.name == "ERR_PUBSUB_REQUEST_METADATA" && error?.status == 400)
    }
}

struct BrokerTests {
    private func event(_ id: String) -> Envelope {
        Envelope(
            data: Array(id.utf8), isObject: true, expiresAt: nil, eventID: id, traceparent: "",
            tracestate: nil)
    }
    private let topic = TopicAddress(pubsubName: "p", topic: "t")

    @Test func `each group gets every event once, in order`() {
        let broker = SharedBroker()
        let one = broker.attach(group: "one", to: topic, queueMax: 10) {}
        let two = broker.attach(group: "two", to: topic, queueMax: 10) {}
        for id in ["a", "b"] { #expect(broker.publish(event(id), metadata: [:], to: topic) == .accepted) }
        for consumer in [one, two] {
            #expect(broker.take(consumer)?.event.eventID == "a")
            #expect(broker.take(consumer)?.event.eventID == "b")
            #expect(broker.take(consumer) == nil)
        }
        #expect(broker.backlog(pubsub: "p", topic: "t") == 4)
    }

    @Test func `what a consumer held is first in line for the next one`() throws {
        let broker = SharedBroker()
        let first = broker.attach(group: "g", to: topic, queueMax: 10) {}
        for id in ["a", "b", "c"] { _ = broker.publish(event(id), metadata: [:], to: topic) }
        _ = broker.take(first)
        let b = try #require(broker.take(first))
        broker.finish(b.number, by: first)
        broker.detach(first)
        let second = broker.attach(group: "g", to: topic, queueMax: 10) {}
        #expect(broker.take(second)?.event.eventID == "a")
        #expect(broker.take(second)?.event.eventID == "c")
    }

    @Test func `a full queue refuses for all groups, so that no group gets a part`() {
        let broker = SharedBroker()
        let small = broker.attach(group: "small", to: topic, queueMax: 1) {}
        let large = broker.attach(group: "large", to: topic, queueMax: 10) {}
        #expect(broker.publish(event("a"), metadata: [:], to: topic) == .accepted)
        #expect(broker.publish(event("b"), metadata: [:], to: topic) == .queueFull(group: "small", limit: 1))
        #expect(broker.take(large)?.event.eventID == "a" && broker.take(large) == nil)
        _ = broker.take(small)
        #expect(broker.publish(event("b"), metadata: [:], to: topic) == .accepted)
    }

    @Test func `a topic without subscribers keeps its newest events for the first group`() {
        let broker = SharedBroker(retainedMax: 2)
        for id in ["a", "b", "c"] { _ = broker.publish(event(id), metadata: [:], to: topic) }
        #expect(broker.forgottenCount == 1 && broker.backlog(pubsub: "p", topic: "t") == 2)
        let consumer = broker.attach(group: "g", to: topic, queueMax: 10) {}
        #expect(broker.take(consumer)?.event.eventID == "b" && broker.take(consumer)?.event.eventID == "c")
    }

    @Test func `a queue keeps its order over many turns`() {
        var queue = MessageQueue()
        var next: UInt64 = 0
        var expected: UInt64 = 0
        for round in 0..<2000 {
            for _ in 0..<(round % 7) {
                queue.append(BrokerMessage(number: next, event: event("x"), metadata: [:]))
                next += 1
            }
            for _ in 0..<(round % 5) {
                guard let message = queue.popFirst() else { break }
                #expect(message.number == expected)
                expected += 1
            }
        }
        #expect(queue.count == Int(next - expected))
    }
}

struct PublishAPITests {
    @Test func `a publish is answered as the contract says`() async throws {
        let scoped = YAML.component(
            "scoped", "pubsub.in-memory", ["publishingScopes": "app=open", "allowedTopics": "open,other"])
        try await TestSidecar.with([YAML.pubsub, scoped]) { sidecar in
            let table: [(path: String, type: String, body: String, status: Int, code: String?)] = [
                ("pubsub/orders", "application/json", "{}", 204, nil),
                ("pubsub/a/b", "text/plain", "x", 204, nil), ("scoped/open", "text/plain", "x", 204, nil),
                ("nowhere/orders", "application/json", "{}", 404, "ERR_PUBSUB_NOT_FOUND"),
                ("pubsub/", "application/json", "{}", 404, "ERR_TOPIC_NAME_EMPTY"),
                ("/orders", "application/json", "{}", 404, "ERR_PUBSUB_EMPTY"),
                ("scoped/other", "text/plain", "x", 403, "ERR_PUBSUB_FORBIDDEN"),
                (
                    "pubsub/o?metadata.rawPayload=perhaps", "text/plain", "x", 400,
                    "ERR_PUBSUB_REQUEST_METADATA"
                ),
                ("pubsub/o", "application/cloudevents+json", "x", 500, "ERR_PUBSUB_CLOUD_EVENTS_SER"),
            ]
            for row in table {
                let reply = try await sidecar.send(
                    .post, "/v1.0/publish/\(row.path)", headers: [("content-type", row.type)], body: row.body)
                #expect(reply.status == row.status && reply.errorCode == row.code, "\(row.path): \(reply)")
            }
            #expect(sidecar.sidecar.counters.published == 3)
        }
        try await TestSidecar.with([]) { sidecar in
            let reply = try await sidecar.send(.post, "/v1.0/publish/pubsub/orders", body: "x")
            #expect(reply.status == 400 && reply.errorCode == "ERR_PUBSUB_NOT_CONFIGURED")
        }
    }
}
