// OnceTests.swift: `once` against a real server: redelivered, raced, killed, and still done once.

import Foundation
import Machine
import Synchronization
import Testing
import Transport

@testable import Engine

@Suite(.serialized, .databaseServer)
struct OnceTests {
    private let server: DatabaseServer

    init() throws { server = try #require(DatabaseServer.running) }

    private static func routes(_ schema: DatabaseServer.Schema, _ handler: String, options: String = "") -> String {
        """
        database shop = \(schema.target)
        topic told = "bus/told"
        subscribe "bus/things" (dead_letter: "dead", once: shop, timeout: 1m\(options)) {
          on "do" { \(handler) }
        }
        """
    }

    /// A schema with a counter at 0.
    private func counter() async throws -> DatabaseServer.Schema {
        let schema = try await server.schema()
        try await schema.run("CREATE TABLE $counter (id text PRIMARY KEY, n int NOT NULL, note text)")
        try await schema.run("INSERT INTO $counter VALUES ('a', 0)")
        return schema
    }

    /// What was published, in order.
    private static func told(_ engine: EngineUnderTest) -> [String] {
        engine.sidecar.calls(to: "/v1.0/publish/").map {
            String(decoding: ($0.json["data"] ?? .null).serialized(), as: UTF8.self)
        }
    }

    private static let units: [(name: String, handler: String, told: String)] = [
        ("exec", "let n = shop.exec \"UPDATE counter SET n = n + 1\"; told.publish({ n })", #"{"n":1}"#),
        (
            "returning", "let row = shop.one \"UPDATE counter SET n = n + 1 RETURNING id, n\"; told.publish(row)",
            #"{"id":"a","n":1}"#
        ),
        (
            "rows", "let rows = shop.rows \"UPDATE counter SET n = n + 1 RETURNING n\"; told.publish({ rows })",
            #"{"rows":[{"n":1}]}"#
        ),
        (
            "transaction",
            """
            let seen = shop.one "SELECT n FROM counter WHERE id = 'a'"
            let done = transaction shop {
              shop.exec "UPDATE counter SET n = n + 1"
              shop.one "SELECT n FROM counter WHERE id = 'a'"
            }
            told.publish({ done: done.n, before: seen.n })
            """, #"{"done":1,"before":0}"#
        ),
    ]

    @Test(arguments: units)
    func `a redelivery passes the writing by and takes its value again`(
        unit: (name: String, handler: String, told: String)
    ) async throws {
        let schema = try await counter()
        try await EngineUnderTest.with(routes: Self.routes(schema, unit.handler)) { engine async throws in
            for _ in 0..<3 { #expect(try await engine.deliver("do", id: "one") == "SUCCESS") }
            #expect(try await schema.number("SELECT n FROM $counter") == 1)
            let told = Self.told(engine)
            #expect(told.count == 3 && told[0] == unit.told)
            // What is outside of the unit runs again, and sees what is there now.
            #expect(
                told.dropFirst().allSatisfy {
                    $0 == unit.told.replacingOccurrences(of: #""before":0"#, with: #""before":1"#)
                })
            let ids = Set(engine.sidecar.calls(to: "/v1.0/publish/").map { $0.json["id"]?.string })
            #expect(ids.count == 1, "a redelivery publishes the same id")
            #expect(try await engine.number("passed_by") == 2)
            #expect(try await engine.deliver("do", id: "two") == "SUCCESS")
            #expect(try await schema.number("SELECT n FROM $counter") == 2)
            #expect(try await schema.number("SELECT count(*) FROM $patchbay_inbox") == 2)
        }
    }

    @Test func `every kind of value comes back as it was`() async throws {
        let schema = try await counter()
        let handler = """
            let v = transaction shop {
              shop.exec "UPDATE counter SET n = n + 1"
              {
                row: shop.one "SELECT now() AS at, '\\\\x00ff'::bytea AS raw, interval '1.5 s' AS span, 2.0::float8 AS f, 9007199254740993 AS i",
                data: event.data, why: not_found("gone", { at: 1m }), $odd: 1, list: [null, true, "text"],
              }
            }
            told.publish({
              v: [v.row.at.kind(), v.row.raw.kind(), v.row.span.kind(), v.row.f.kind(), v.row.i.kind(), v.why.kind()],
              same: v.to_json(),
            })
            """.replacingOccurrences(of: "$odd", with: #""$kind""#)
        let data = #"{"$kind":"time","long":123456789012345678901234567890,"text":"\u0000 A","deep":[[[{"$x":1.0}]]]}"#
        try await EngineUnderTest.with(routes: Self.routes(schema, handler)) { engine async throws in
            for _ in 0..<2 {
                #expect(try await engine.deliver("do", id: "kinds", data: data) == "SUCCESS", "\(engine.log.text)")
            }
            let told = Self.told(engine)
            #expect(told.count == 2 && told[0] == told[1], "\(told)")
            #expect(told[0].contains(#""v":["time","bytes","duration","float","int","failure"]"#), "\(told)")
            #expect(told[0].contains("123456789012345678901234567890"))
        }
    }

    @Test func `what fails behind the writing is repeated without it`() async throws {
        let schema = try await counter()
        let failures = Mutex(2)
        try await EngineUnderTest.with(
            routes: Self.routes(schema, Self.units[0].handler, options: ", backoff: 1ms"),
            sidecar: { call in
                guard call.target.hasPrefix("/v1.0/publish/") else { return .usual }
                return failures.withLock { left in
                    left -= 1
                    return left >= 0 ? .reply(500) : .usual
                }
            }
        ) { engine async throws in
            #expect(try await engine.deliver("do", id: "one") == "SUCCESS")
            #expect(try await schema.number("SELECT n FROM $counter") == 1)
            #expect(Self.told(engine) == Array(repeating: #"{"n":1}"#, count: 3))
            #expect(try await engine.number("passed_by") == 2)
        }
    }

    @Test func `a writing that fails leaves no row, and is done when it is possible`() async throws {
        let schema = try await counter()
        let handler = """
            transaction shop {
              shop.exec "UPDATE counter SET n = n + 1"
              if shop.one "SELECT note FROM counter".note == null { fail invalid("not yet") }
            }
            """
        try await EngineUnderTest.with(routes: Self.routes(schema, handler)) { engine async throws in
            #expect(try await engine.deliver("do", id: "one") == "DROP")
            #expect(try await schema.number("SELECT count(*) FROM $patchbay_inbox") == 0)
            try await schema.run("UPDATE $counter SET note = 'now'")
            for _ in 0..<2 { #expect(try await engine.deliver("do", id: "one") == "SUCCESS") }
            #expect(try await schema.number("SELECT n FROM $counter") == 1)
        }
    }

    @Test(arguments: ["read committed", "repeatable read", "serializable"])
    func `deliveries of one event at the same time are one writing`(isolation: String) async throws {
        let level = isolation.replacing(" ", with: "\\\\ ")
        let schema = try await counter().with(options: "-cdefault_transaction_isolation=\(level)")
        let handler = """
            let done = transaction shop {
              shop.exec "UPDATE counter SET n = n + 1"
              shop.exec "SELECT pg_sleep(0.2)"
              shop.one "SELECT n, current_setting('transaction_isolation') AS level FROM counter"
            }
            told.publish(done)
            """
        try await EngineUnderTest.with(
            routes: Self.routes(schema, handler), adjust: { $0.loopCount = 2 }
        ) { engine async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let word = try await engine.deliver("do", id: "one")
                        #expect(word == "SUCCESS")
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await schema.number("SELECT n FROM $counter") == 1)
            #expect(Self.told(engine) == Array(repeating: #"{"n":1,"level":"\#(isolation)"}"#, count: 6))
        }
    }

    @Test func `rules of "match all" keep a row each, and branches of a together write once`() async throws {
        let schema = try await counter()
        let routes = """
            database shop = \(schema.target)
            subscribe "bus/things" (dead_letter: "dead", once: shop, match: "all") {
              on "do" { shop.exec "UPDATE counter SET n = n + 1" }
              on "do" { shop.exec "UPDATE counter SET n = n + 10" }
              on "*" as third {
                together [shop.exec "UPDATE counter SET n = n + 100", sleep(1ms)]
              }
            }
            """
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            for _ in 0..<3 { #expect(try await engine.deliver("do", id: "one") == "SUCCESS", "\(engine.log.text)") }
            #expect(try await schema.number("SELECT n FROM $counter") == 111)
            #expect(try await schema.number("SELECT count(DISTINCT rule) FROM $patchbay_inbox") == 3)
        }
    }

    @Test func `tables that somebody drops are made again`() async throws {
        let schema = try await counter()
        try await EngineUnderTest.with(
            routes: Self.routes(schema, Self.units[0].handler, options: ", backoff: 1ms")
        ) { engine async throws in
            #expect(try await engine.deliver("do", id: "one") == "SUCCESS")
            try await schema.run("DROP TABLE $patchbay_inbox")
            #expect(try await engine.deliver("do", id: "two") == "SUCCESS", "\(engine.log.text)")
            #expect(try await schema.number("SELECT n FROM $counter") == 2)
        }
    }

    @Test func `a role that may not make the tables is told what to run`() async throws {
        let schema = try await counter()
        try await server.sql("DROP ROLE IF EXISTS guest")
        let password = try #require(schema.conninfo.firstMatch(of: #/password=(\S+)/#)?.1)
        try await server.sql("CREATE ROLE guest LOGIN PASSWORD '\(password)'")
        try await server.sql("GRANT USAGE ON SCHEMA \(schema.name) TO guest")
        let conninfo = try server.conninfo(user: "guest", options: "options='-csearch_path=\(schema.name)'")
        let guest = DatabaseServer.Schema(name: schema.name, conninfo: conninfo, server: server)
        try await EngineUnderTest.with(
            routes: Self.routes(guest, Self.units[0].handler, options: ", retry: 0")
        ) { engine async throws in
            #expect(try await engine.deliver("do", id: "one") == "RETRY")
            #expect(
                engine.log.contains(
                    "`once` and `publish` in a `transaction` need the tables `patchbay_inbox` and `patchbay_outbox` in `shop`"
                ),
                "\(engine.log.text)")
            #expect(engine.log.contains("permission denied for schema"))
        }
    }

    @Test func `the statements of the operations page are enough for a role that may not make tables`() async throws {
        let schema = try await counter()
        let page = try Project.read("docs/operations.md")
        let statements = try #require(page.firstMatch(of: #/(?s)## Inbox and outbox.*?```sql\n(.*?)```/#)?.1)
        let plain = statements.replacing(#/--[^\n]*/#, with: "").replacing(
            "patchbay_", with: "\(schema.name).patchbay_"
        )
        .replacing("EXISTS \(schema.name).patchbay_inbox_written_at", with: "EXISTS patchbay_inbox_written_at")
        for statement in plain.split(separator: ";") where statement.contains("CREATE") {
            try await server.sql(String(statement))
        }
        try await server.sql("DROP ROLE IF EXISTS clerk")
        let password = try #require(schema.conninfo.firstMatch(of: #/password=(\S+)/#)?.1)
        try await server.sql("CREATE ROLE clerk LOGIN PASSWORD '\(password)'")
        try await server.sql("GRANT USAGE ON SCHEMA \(schema.name) TO clerk")
        for table in ["counter", "patchbay_inbox", "patchbay_outbox"] {
            try await server.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON \(schema.name).\(table) TO clerk")
        }
        let conninfo = try server.conninfo(user: "clerk", options: "options='-csearch_path=\(schema.name)'")
        let clerk = DatabaseServer.Schema(name: schema.name, conninfo: conninfo, server: server)
        let handler = "transaction shop { shop.exec \"UPDATE counter SET n = n + 1\"; told.publish({ n: 1 }) }"
        try await EngineUnderTest.with(routes: Self.routes(clerk, handler, options: ", retry: 0")) {
            engine async throws in
            for _ in 0..<2 { #expect(try await engine.deliver("do", id: "one") == "SUCCESS", "\(engine.log.text)") }
            try await eventually("it was sent") { Self.told(engine) == [#"{"n":1}"#] }
            try await eventually("its row is gone") {
                try await schema.number("SELECT count(*) FROM $patchbay_outbox") == 0
            }
        }
    }

    @Test func `PostgreSQL is killed again and again, and each of 240 events counts once`() async throws {
        let schema = try await counter()
        let handler = """
            let done = transaction shop {
              shop.exec "UPDATE counter SET n = n + 1"
              shop.one "SELECT n FROM counter"
            }
            told.publish(done)
            """
        try await EngineUnderTest.with(
            routes: Self.routes(schema, handler, options: ", backoff: 10ms"), adjust: { $0.loopCount = 2 }
        ) { engine async throws in
            let server = server
            _ = try await Redelivery.run {
                try await engine.deliver("do", id: $0) == "SUCCESS"
            } kill: {
                try await server.kill()
            }
            try await eventually("the server is back") { (try? await schema.number("SELECT n FROM $counter")) != nil }
            #expect(try await schema.number("SELECT n FROM $counter") == 240)
            #expect(try await schema.number("SELECT count(*) FROM $patchbay_inbox") == 240)
        }
    }

    @Test func `rows are forgotten after their time`() async throws {
        let schema = try await counter()
        try await EngineUnderTest.with(
            routes: Self.routes(schema, Self.units[0].handler)
        ) { engine async throws in
            for number in 0..<3 { _ = try await engine.deliver("do", id: "\(number)") }
            try await schema.run("UPDATE $patchbay_inbox SET written_at = now() - interval '8 days' WHERE id <> '2'")
            #expect(try await engine.prune() == 2)
            #expect(try await schema.number("SELECT count(*) FROM $patchbay_inbox") == 1)
            #expect(try await engine.prune() == 0)
        }
    }
}
