// StatementInspectionTests.swift: what a real server says about statements that nobody runs.

import Foundation
import Machine
import Testing
import Transport

@testable import Postgres

@Suite struct StatementInspectionTests {
    private static func inspect(
        _ texts: [String], at target: ConnectionTarget? = nil, within limit: Duration = .seconds(20)
    ) throws -> StatementInspection.Outcome {
        let loop = try EventLoop()
        var outcome: StatementInspection.Outcome?
        StatementInspection.begin(
            texts.map { SQLStatement($0) }, at: try target ?? TestServer.shared().target(), on: loop,
            deadlineNanoseconds: loop.nowNanoseconds + limit.wholeNanoseconds
        ) { outcome = $0 }
        _ = loop.run(until: { outcome != nil }, atMost: .seconds(60))
        return try #require(outcome)
    }

    @Test func `one that fails does not spoil the others, and each failure says where`() throws {
        let answers = try Self.inspect([
            "SELECT $1::int8 AS a, $2::text[] AS b", "SELECT 'é', nope FROM pg_class", "SELECT 1",
            "SELECT relnam FROM pg_class",
            "BEGIN", "SELECT * FROM nothing_there", "SELEC", "INSERT INTO pg_class (nope) VALUES (1)",
        ]).get().each
        #expect(answers.count == 8)
        let description = try answers[0].get()
        #expect(description.parameterTypes.map { $0.name } == ["bigint", "text[]"])
        #expect(description.columns.map { $0.name } == ["a", "b"])
        #expect(try answers[2].get().columns.count == 1)
        let failures = answers.map { answer in
            if case .failure(let failure) = answer { return failure }
            return PostgresFailure(.internal, "", mayHaveRun: false)
        }
        #expect(failures.map(\.sqlstate) == [nil, "42703", nil, "42703", nil, "42P01", "42601", "42703"])
        #expect(failures.map(\.position) == [nil, 13, nil, 8, nil, 15, 1, 23])
        #expect(
            failures[3].hint
                == "Perhaps you meant to reference the column \"pg_class.relname\" or the column \"pg_class.relam\"."
                || failures[3].hint == "Perhaps you meant to reference the column \"pg_class.relname\".")
        #expect(failures[4].message.hasPrefix("`BEGIN` is not possible here"))
        #expect(failures.allSatisfy { !$0.mayHaveRun })
    }

    @Test func `statements that are not run may be what they like: nothing is changed`() throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        let texts = [
            "CREATE TABLE {s}.made (id int)", "CREATE INDEX ON {s}.nothing (id)", "VACUUM", "DROP TABLE {s}.nothing",
            "TRUNCATE {s}.nothing", "DO $$ BEGIN RAISE EXCEPTION 'ran'; END $$", "NOTIFY somewhere",
            "EXPLAIN SELECT 1", "CALL {s}.nothing()", "CREATE TABLE {s}.copy AS SELECT 1 AS one", "SHOW timezone",
            "WITH gone AS (DELETE FROM pg_class RETURNING 1) SELECT * FROM gone",
        ]
        let answers = try Self.inspect(texts.map { $0.in(schema) }).get().each
        let refused = zip(texts, answers).compactMap { text, answer in
            if case .failure(let failure) = answer { return "\(text): \(failure.sqlstate ?? "")" }
            return nil
        }
        #expect(refused == ["CALL {s}.nothing(): 42883"])
        #expect(
            try database.json("SELECT count(*) AS n FROM pg_tables WHERE schemaname = '\(schema)'", [], .one)
                == #"{"n":0}"#)
    }

    @Test func `a thousand statements take a moment on one connection`() throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        _ = try database.json("CREATE TABLE \(schema).t (id int8 PRIMARY KEY, name text, n int)", [], .execute)
        let texts = (0..<1000).map { number in
            number % 10 == 7
                ? "SELECT nope\(number) FROM \(schema).t"
                : "SELECT id, name, n + \(number) AS n FROM \(schema).t WHERE id = $1 AND name LIKE $2"
        }
        let began = ContinuousClock.now
        let answers = try Self.inspect(texts).get().each
        let took = ContinuousClock.now - began
        #expect(answers.count { if case .failure = $0 { true } else { false } } == 100)
        for (number, answer) in answers.enumerated() where number % 10 != 7 {
            #expect(try answer.get().parameterTypes.map { $0.name } == ["bigint", "text"])
        }
        print("1000 statements described in \(took)")
        #expect(took < .seconds(10))
    }

    @Test func `a server that is not there is told at once, one that hangs when the time is over`() throws {
        let nowhere = try ConnectionTarget(conninfo: "host=127.0.0.1 port=1 user=nobody dbname=nothing")
        guard case .failure(let refused) = try Self.inspect(["SELECT 1"], at: nowhere) else {
            return #expect(Bool(false), "it answered")
        }
        #expect(refused.failureClass == .unavailable && refused.message.contains("nobody@127.0.0.1:1/nothing"))

        // A socket that takes connections and never says a word.
        let silent = try ListenSocket.open(address: "127.0.0.1", port: 0)
        let hanging = try ConnectionTarget(conninfo: "host=127.0.0.1 port=\(silent.port) user=nobody dbname=nothing")
        let began = ContinuousClock.now
        guard case .failure(let late) = try Self.inspect(["SELECT 1"], at: hanging, within: .milliseconds(300)) else {
            return #expect(Bool(false), "it answered")
        }
        #expect(late.failureClass == .timeout && late.message.contains("did not answer"))
        #expect(ContinuousClock.now - began < .seconds(5))
    }

    @Test func `behind a migration's lock it ends by its deadline, and leaves nothing behind`() throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        _ = try database.json("CREATE TABLE \(schema).t (id int)", [], .execute)
        var isOpen = false
        let transaction = database.pool.begin(deadlineNanoseconds: database.loop.nowNanoseconds + 10_000_000_000) {
            isOpen = $0 == nil
        }
        try database.wait { isOpen }
        var isLocked = false
        transaction.execute(
            SQLStatement("LOCK TABLE \(schema).t IN ACCESS EXCLUSIVE MODE"), parameters: [], in: database.arena,
            mode: .execute, deadlineNanoseconds: database.loop.nowNanoseconds + 10_000_000_000
        ) { isLocked = $0.failure == nil }
        try database.wait { isLocked }
        let outcome = try Self.inspect(
            ["SELECT 1", "SELECT id FROM \(schema).t", "SELECT 2"], within: .milliseconds(400))
        guard case .failure(let late) = outcome else { return #expect(Bool(false), "it answered") }
        #expect(
            late.failureClass == .timeout
                && late.message.hasSuffix("has described 1 of 3 statements in the time that there is"))
        transaction.rollback()
        var count = "?"
        for _ in 0..<100 where count != #"{"n":0}"# {
            count = try database.json(
                "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'", [], .one)
        }
        #expect(count == #"{"n":0}"#)
        #expect(try Self.inspect(["SELECT id FROM \(schema).t"]).get().each.count == 1)
    }

    @Test func `a server that ends in the middle was not asked`() async throws {
        let server = try await TestServer.start()
        let target = try server.target()
        let process = try #require(await server.processID())
        let loop = try EventLoop()
        var outcome: StatementInspection.Outcome?
        let texts = (0..<2000).map { SQLStatement("SELECT \($0)") }
        StatementInspection.begin(
            texts, at: target, on: loop, deadlineNanoseconds: loop.nowNanoseconds + 20_000_000_000
        ) { outcome = $0 }
        // The postmaster takes its children with it; a backend that has just begun may have answered some.
        _ = loop.run(until: { outcome != nil }, atMost: .milliseconds(2))
        kill(process, SIGQUIT)
        _ = loop.run(until: { outcome != nil }, atMost: .seconds(30))
        guard case .failure(let failure)? = outcome else { return #expect(Bool(false), "it answered all") }
        #expect(failure.failureClass == .unavailable)
        await server.stop()
    }

    @Test func `none to ask about is no question`() throws {
        #expect(try Self.inspect([]).get().each.isEmpty)
        #expect(try Self.inspect(["COMMIT"]).get().each.count == 1)
    }

    @Test func `the tables and columns that are there are told only where a name is missing`() throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        _ = try database.json("CREATE TABLE \(schema).t (id int, \"Odd Name\" text, gone int)", [], .execute)
        _ = try database.json("ALTER TABLE \(schema).t DROP COLUMN gone", [], .execute)
        _ = try database.json("CREATE VIEW \(schema).v AS SELECT id AS one FROM \(schema).t", [], .execute)
        var target = try TestServer.shared().target()
        target["options"] = "-csearch_path=\(schema)"
        let answers = try Self.inspect(["SELECT id FROM t", "INSERT INTO t (nope) VALUES (1)"], at: target).get()
        #expect(answers.names.columns == ["t": ["id", "Odd Name"], "v": ["one"]])
        #expect(try Self.inspect(["SELECT id FROM t", "SELECT 1 +"], at: target).get().names.columns.isEmpty)
    }
}
