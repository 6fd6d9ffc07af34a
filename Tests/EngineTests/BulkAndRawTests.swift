// BulkAndRawTests.swift: several events in one delivery, and events that are bytes.

import Dapr
import Machine
import Sidecar
import Testing
import Transport
import Wire

@testable import Engine

struct BulkAndRawTests {
    private static let routes = """
        app other = "other"
        subscribe "bus/things" (dead_letter: "dead", retry: 0, bulk: 20, bulk_wait: 5ms) {
          on "good"   { other.post("/take", event.data) }
          on "bad"    { drop "bad" }
          on "later"  { retry "later" }
        }
        subscribe "bus/bytes" (dead_letter: "dead", raw: true) {
          on where event.data == null { drop "nothing" }
          otherwise { other.post("/take", event.data.to_string()) }
        }
        """

    private static func entry(_ id: String, _ event: String) -> String { #"{"entryId":"\#(id)","event":\#(event)}"# }

    private static func deliver(_ entries: [String], to topic: String = "things", _ engine: EngineUnderTest)
        async throws
        -> Reply
    {
        let body = #"{"id":"1","type":"com.dapr.event.sent.bulk","entries":[\#(entries.joined(separator: ","))]}"#
        return try await send(body, to: topic, engine)
    }

    private static func send(_ body: String, to topic: String = "things", _ engine: EngineUnderTest) async throws
        -> Reply
    {
        try await engine.control.send(
            .post, port: engine.ports.appPort, "/dapr/bulk/bus/\(topic)",
            headers: [("content-type", "application/json")], body: Array(body.utf8))
    }

    @Test func `the sidecar is told what to gather, and what is raw`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            let list = try await engine.control.send(.get, port: engine.ports.appPort, "/dapr/subscribe").text
            #expect(
                list
                    == #"[{"pubsubname":"bus","topic":"things","route":"/dapr/bulk/bus/things","deadLetterTopic":"dead","bulkSubscribe":{"enabled":true,"maxMessagesCount":20,"maxAwaitDurationMs":5}},"#
                    + #"{"pubsubname":"bus","topic":"bytes","route":"/dapr/events/bus/bytes","deadLetterTopic":"dead","metadata":{"rawPayload":"true"}}]"#
            )
        }
    }

    @Test func `each event of a bulk delivery has a status of its own`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            let types = ["good", "bad", "later", "nobody", "good"]
            var entries = types.enumerated().map { Self.entry("e\($0)", EngineUnderTest.event($1, data: "[1.50]")) }
            entries.append(Self.entry("e5", #"{"no":"event"}"#))
            entries.append(#"{"entryId":"e6"}"#)
            entries.append(#"{"event":{}}"#)
            let reply = try await Self.deliver(entries, engine)
            #expect(reply.status == 200)
            let told = (reply.json["statuses"]?.array ?? []).map {
                "\($0["entryId"]?.string ?? "?") \($0["status"]?.string ?? "?")"
            }
            #expect(told == ["e0 SUCCESS", "e1 DROP", "e2 RETRY", "e3 SUCCESS", "e4 SUCCESS", "e5 DROP", "e6 DROP"])
            #expect(engine.sidecar.calls.map(\.body) == ["[1.50]", "[1.50]"])
            #expect(
                try await engine.outcomes() == ["success": 2, "drop": 1, "retry": 1, "unmatched": 1, "invalid": 2])
        }
    }

    @Test(arguments: ["", "{", "[]", #"{"entries":5}"#, "{}"])
    func `what is no bulk delivery is refused as a whole, so that all of it comes again`(body: String) async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            #expect(try await Self.send(body, engine).status == 400)
            #expect(engine.log.contains("a bulk delivery that is none"))
            #expect(try await engine.outcomes() == [:])
        }
    }

    @Test func `an empty bulk delivery is answered, and one of a topic that is gone is RETRY`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            #expect(try await Self.deliver([], engine).text == #"{"statuses":[]}"#)
            let reply = try await Self.deliver([Self.entry("a", EngineUnderTest.event("good"))], to: "gone", engine)
            #expect(reply.text == #"{"statuses":[{"entryId":"a","status":"RETRY"}]}"#)
            #expect(try await engine.outcomes() == ["unsubscribed": 1])
        }
    }

    @Test func `a bulk delivery waits for its slowest event, wherever that runs`() async throws {
        let routes = Self.routes.replacing("bulk: 20", with: "bulk: 20, ordered_by: event.id")
        try await EngineUnderTest.with(
            routes: routes, sidecar: { $0.body == "2" ? .held : .usual }, adjust: { $0.loopCount = 4 }
        ) { engine async throws in
            let entries = (0..<8).map {
                Self.entry("e\($0)", EngineUnderTest.event("good", id: "\($0)", data: "\($0)"))
            }
            async let reply = Self.deliver(entries, engine)
            try await eventually("seven are done") { try await engine.count("success") == 7 }
            engine.sidecar.release(200)
            let statuses = try await reply.json["statuses"]?.array ?? []
            #expect(statuses.map { $0["entryId"]?.string } == (0..<8).map { "e\($0)" })
            #expect(statuses.allSatisfy { $0["status"]?.string == "SUCCESS" })
        }
    }

    @Test func `a raw event's data are the bytes that were published`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            let event =
                #"{"id":"r","specversion":"1.0","source":"Dapr","type":"com.dapr.event.sent","datacontenttype":"application/octet-stream","data_base64":"aMO8"}"#
            #expect(try await engine.deliver(body: event, to: "bus/bytes").json["status"]?.string == "SUCCESS")
            let reply = try await Self.deliver([Self.entry("x", #""aMO8""#)], to: "bytes", engine)
            #expect(reply.text == #"{"statuses":[{"entryId":"x","status":"SUCCESS"}]}"#)
            #expect(engine.sidecar.calls.map(\.body) == [#""hü""#, #""hü""#])
        }
    }
}

/// The engine on the embedded broker: every policy at once, nothing lost, nothing twice at a time.
struct PoliciesOnTheBrokerTests {
    private static let component = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.in-memory, version: v1 }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: keep }
        spec:
          policies: { retries: { again: { policy: constant, duration: 5ms, maxRetries: 20 } } }
          targets: { components: { bus: { inbound: { retry: again } } } }
        """

    @Test(arguments: ["", ", bulk: 7, bulk_wait: 2ms"])
    func `from the embedded broker no two events of a key overlap, and each one is done once`(bulk: String) async throws
    {
        let routes = """
            subscribe "bus/things" (dead_letter: "dead", dedupe: 10m, ordered_by: event.data.key, concurrency: 6\(bulk)) {
              on "x" {
                log.info("begins", { key: event.data.key, n: event.data.n })
                sleep(1ms)
                log.info("ends", { key: event.data.key, n: event.data.n })
              }
            }
            """
        try await EngineUnderTest.with(routes: routes, adjust: { $0.loopCount = 3 }) { engine async throws in
            try engine.folder.write("components/bus.yaml", Self.component)
            let configuration = SidecarConfiguration(
                appID: "app", appPort: engine.ports.appPort, httpPort: 0, resourceFolders: [engine.folder("components")]
            )
            let sidecar = try EmbeddedSidecar.start(configuration, broker: SharedBroker(), apps: AppRegistry())
            await sidecar.untilReady()
            let count = 120
            try await withThrowingTaskGroup(of: Void.self) { group in
                for publisher in 0..<8 {
                    group.addTask {
                        for number in stride(from: publisher, to: count, by: 8) {
                            let data = #"{"key":\#(number % 5),"n":\#(number)}"#
                            let event = EngineUnderTest.event("x", id: "\(number)", data: data)
                            // Each one twice, as a publisher that was not answered does.
                            for _ in 0..<2 {
                                let reply = try await engine.control.send(
                                    .post, port: sidecar.httpPort, "/v1.0/publish/bus/things",
                                    headers: [("content-type", "application/cloudevents+json")], body: Array(event.utf8)
                                )
                                #expect(reply.status == 204)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("everything is acknowledged") { sidecar.counters.acknowledged == 2 * count }
            await sidecar.stop(drainingAtMost: .seconds(5))
            #expect(try await engine.outcomes() == ["success": Int64(2 * count)])
            #expect(try await engine.number("duplicates") == Int64(count))
            Self.checkOverlap(engine.log.text, count: count)
        }
    }

    private static func checkOverlap(_ log: String, count: Int) {
        var atWork: [Substring: Substring] = [:]
        var begun = 0
        for line in log.split(separator: "\n") where line.contains(" begins ") || line.contains(" ends ") {
            let fields = line.split(separator: " ")
            guard let key = fields.first(where: { $0.hasPrefix("key=") }),
                let n = fields.first(where: { $0.hasPrefix("n=") })
            else { continue }
            if line.contains(" begins ") {
                begun += 1
                #expect(atWork[key] == nil, "\(line)")
                atWork[key] = n
            } else {
                #expect(atWork[key] == n, "\(line)")
                atWork[key] = nil
            }
        }
        #expect(begun == count)
    }
}
