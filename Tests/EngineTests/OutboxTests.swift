// OutboxTests.swift: what a transaction publishes is sent when it is committed, in order, and however the engine ends.

import Foundation
import Machine
import Synchronization
import Testing
import Transport

@testable import Engine

@Suite(.serialized, .databaseServer)
struct OutboxTests {
    private let server: DatabaseServer

    init() throws { server = try #require(DatabaseServer.running) }

    private static func routes(_ schema: DatabaseServer.Schema, _ handler: String, options: String = "") -> String {
        """
        database shop = \(schema.target)
        topic audit = "bus/audit"
        topic mail = "bus/mail"
        subscribe "bus/things" (dead_letter: "dead", timeout: 1m\(options)) {
          on "do" { \(handler) }
        }
        """
    }

    private func schema() async throws -> DatabaseServer.Schema {
        let schema = try await server.schema()
        try await schema.run("CREATE TABLE $orders (id text PRIMARY KEY)")
        return schema
    }

    /// Data of what was published to a topic, in order.
    private static func told(_ engine: EngineUnderTest, _ topic: String = "audit") -> [String] {
        engine.sidecar.calls(to: "/v1.0/publish/bus/\(topic)").map {
            String(decoding: ($0.json["data"] ?? .null).serialized(), as: UTF8.self)
        }
    }

    private static let order = """
        transaction shop {
          shop.exec "INSERT INTO orders (id) VALUES (${event.id}) ON CONFLICT DO NOTHING"
          audit.publish({ id: event.id }, type: "order.kept", subject: "orders", metadata: { ttlInSeconds: 60 })
          if event.data == "bad" { fail invalid("no") }
        }
        """

    @Test func `a commit sends and a rollback does not`() async throws {
        let schema = try await schema()
        try await EngineUnderTest.with(routes: Self.routes(schema, Self.order)) { engine async throws in
            #expect(try await engine.deliver("do", id: "1", data: "\"bad\"") == "DROP")
            #expect(
                try await engine.deliver(
                    "do", id: "2",
                    headers: [
                        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                    ]) == "SUCCESS")
            try await eventually("it was sent") { !Self.told(engine).isEmpty }
            let call = try #require(engine.sidecar.calls(to: "/v1.0/publish/").first)
            #expect(call.target == "/v1.0/publish/bus/audit?metadata.ttlInSeconds=60")
            #expect(call.headers["content-type"] == "application/cloudevents+json")
            #expect(call.headers["traceparent"]?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)
            #expect(
                call.json["type"] == "order.kept" && call.json["subject"] == "orders" && call.json["source"] == "app")
            #expect(call.json["time"]?.string?.hasPrefix("20") == true)
            try await eventually("its row is gone") {
                try await schema.number("SELECT count(*) FROM $patchbay_outbox") == 0
            }
            #expect(Self.told(engine) == [#"{"id":"2"}"#])
            #expect(try await schema.number("SELECT count(*) FROM $orders") == 1)
            #expect(try await engine.number("relayed") == 1)
        }
    }

    @Test func `a list and the event itself go the same way, and the same event has the same ids`() async throws {
        let schema = try await schema()
        let handler = """
            transaction shop {
              audit.publish_all([{ n: 1, key: "a" }, { n: 2, key: "b" }], subject: .key)
              audit.publish_all([])
              mail.forward(event)
            }
            """
        try await EngineUnderTest.with(routes: Self.routes(schema, handler)) { engine async throws in
            for _ in 0..<2 { #expect(try await engine.deliver("do", id: "7", data: "[1.0]") == "SUCCESS") }
            try await eventually("all are sent") {
                Self.told(engine).count == 4 && Self.told(engine, "mail").count == 2
            }
            let calls = engine.sidecar.calls(to: "/v1.0/publish/bus/audit")
            #expect(calls.map { $0.json["subject"]?.string } == ["a", "b", "a", "b"])
            let ids = calls.map { $0.json["id"]?.string }
            #expect(ids[0] == ids[2] && ids[1] == ids[3] && ids[0] != ids[1])
            let mail = try #require(engine.sidecar.calls(to: "/v1.0/publish/bus/mail").first).json
            #expect(mail["id"] == "7" && mail["source"] == "test")
            #expect(String(decoding: (mail["data"] ?? .null).serialized(), as: UTF8.self) == "[1.0]")
        }
    }

    @Test func `a topic that is refused waits by itself, in order, and is told of once`() async throws {
        let schema = try await schema()
        let isRefused = Mutex(true)
        let handler = """
            transaction shop {
              audit.publish({ n: event.data })
              mail.publish({ n: event.data })
            }
            """
        try await EngineUnderTest.with(
            routes: Self.routes(schema, handler),
            sidecar: { call in
                guard call.target.hasPrefix("/v1.0/publish/bus/audit") else { return .usual }
                return isRefused.withLock { $0 }
                    ? .reply(500, #"{"errorCode":"ERR_PUBSUB","message":"broker is down"}"#) : .usual
            }
        ) { engine async throws in
            for number in 0..<20 {
                #expect(try await engine.deliver("do", id: "\(number)", data: "\(number)") == "SUCCESS")
            }
            let wanted = (0..<20).map { "{\"n\":\($0)}" }
            try await eventually("the other topic has all") { Self.told(engine, "mail") == wanted }
            #expect(try await schema.number("SELECT count(*) FROM $patchbay_outbox WHERE topic = 'audit'") == 20)
            #expect(Set(Self.told(engine)) == [wanted[0]], "the first is tried again, and nothing behind it")
            #expect(engine.log.text.components(separatedBy: "was not taken").count == 2)
            isRefused.withLock { $0 = false }
            try await eventually("the refused topic has all") {
                try await schema.number("SELECT count(*) FROM $patchbay_outbox") == 0
            }
            #expect(Self.told(engine).drop { $0 == wanted[0] } == wanted.dropFirst())
            #expect(engine.log.contains("takes events of the outbox again"))
        }
    }

    @Test func `what an engine left behind the next one sends, also when nothing publishes there any more`()
        async throws
    {
        let schema = try await schema()
        try await EngineUnderTest.with(
            routes: Self.routes(schema, Self.order),
            sidecar: { $0.target.hasPrefix("/v1.0/publish/") ? .reply(503) : .usual }
        ) { engine async throws in
            for number in 0..<120 { #expect(try await engine.deliver("do", id: "\(number)") == "SUCCESS") }
        }
        #expect(try await schema.number("SELECT count(*) FROM $patchbay_outbox") == 120)
        try await EngineUnderTest.with(
            routes: Self.routes(schema, "shop.exec \"SELECT 1\"")
        ) { engine async throws in
            try await eventually("all are sent") { Self.told(engine).count == 120 }
            #expect(Self.told(engine) == (0..<120).map { "{\"id\":\"\($0)\"}" })
            try await eventually("no row is left") {
                try await schema.number("SELECT count(*) FROM $patchbay_outbox") == 0
            }
        }
    }

    @Test func `two engines share an outbox and send each event once`() async throws {
        let schema = try await schema()
        let routes = Self.routes(schema, Self.order)
        try await EngineUnderTest.with(routes: routes, adjust: { $0.loopCount = 2 }) { first async throws in
            try await EngineUnderTest.with(routes: routes, adjust: { $0.loopCount = 2 }) { second async throws in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (name, engine) in [("a", first), ("b", second)] {
                        for worker in 0..<3 {
                            group.addTask {
                                for number in 0..<30 {
                                    let word = try await engine.deliver("do", id: "\(name)-\(worker)-\(number)")
                                    #expect(word == "SUCCESS")
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await eventually("no row is left") {
                    try await schema.number("SELECT count(*) FROM $patchbay_outbox") == 0
                }
                let told = Self.told(first) + Self.told(second)
                #expect(told.count == 180 && Set(told).count == 180)
            }
        }
    }

    @Test func `PostgreSQL is killed again and again: what is committed is sent, and nothing else`() async throws {
        let schema = try await schema()
        try await EngineUnderTest.with(
            routes: Self.routes(schema, Self.order, options: ", once: shop, backoff: 10ms"),
            adjust: { $0.loopCount = 2 }
        ) { engine async throws in
            let server = server
            _ = try await Redelivery.run {
                try await engine.deliver("do", id: $0) == "SUCCESS"
            } kill: {
                try await server.kill()
            }
            try await eventually("no row is left", within: .seconds(120)) {
                (try? await schema.number("SELECT count(*) FROM $patchbay_outbox")) == 0
            }
            #expect(try await schema.number("SELECT count(*) FROM $orders") == 240)
            let calls = engine.sidecar.calls(to: "/v1.0/publish/")
            #expect(Set(calls.map { $0.json["data"]?["id"]?.string }).count == 240)
            // Sent again perhaps, but each time as the same event.
            #expect(Set(calls.map { $0.json["id"]?.string }).count == 240)
        }
    }

    @Test func `a block that runs again publishes the same ids`() async throws {
        let schema = try await schema()
        try await schema.run("CREATE TABLE $accounts (id int PRIMARY KEY, n int NOT NULL)")
        try await schema.run("INSERT INTO $accounts VALUES (1, 0), (2, 0)")
        let handler = """
            transaction shop {
              audit.publish({ id: event.id })
              shop.exec "UPDATE accounts SET n = n + 1 WHERE id = ${event.data.first}"
              shop.exec "SELECT pg_sleep(0.2)"
              shop.exec "UPDATE accounts SET n = n + 1 WHERE id = ${event.data.second}"
            }
            """
        try await EngineUnderTest.with(routes: Self.routes(schema, handler)) { engine async throws in
            func cross() async throws {
                async let one = engine.deliver("do", id: "one", data: #"{"first":1,"second":2}"#)
                async let two = engine.deliver("do", id: "two", data: #"{"first":2,"second":1}"#)
                let words = try await [one, two]
                #expect(words == ["SUCCESS", "SUCCESS"])
            }
            try await cross()
            try await cross()
            try await eventually("all are sent") { Self.told(engine).count == 4 }
            #expect(try await schema.number("SELECT sum(n) FROM $accounts") == 8)
            let ids = Set(engine.sidecar.calls(to: "/v1.0/publish/").map { $0.json["id"]?.string })
            #expect(ids.count == 2)
        }
    }
}
