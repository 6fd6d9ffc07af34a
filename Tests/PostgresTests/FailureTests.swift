// FailureTests.swift: server errors and the classes that scripts catch.

import Machine
import Testing
import Transport

@testable import Postgres

@Suite struct FailureTests {
    @Test(arguments: [
        ("23505", FailureClass.conflict), ("40001", .conflict), ("40P01", .conflict), ("23502", .invalid),
        ("23503", .invalid),
        ("23514", .invalid), ("23P01", .invalid), ("22001", .invalid), ("22P02", .invalid), ("22012", .invalid),
        ("08006", .unavailable), ("08P01", .unavailable), ("57P01", .unavailable), ("57P03", .unavailable),
        ("53300", .unavailable), ("53100", .unavailable), ("57014", .timeout), ("42P01", .internal),
        ("42601", .internal),
        ("42501", .internal), ("XX000", .internal), ("", .internal),
    ])
    func `an SQLSTATE has one class`(sqlstate: String, expected: FailureClass) {
        #expect(FailureClass(sqlstate: sqlstate) == expected)
    }

    struct Case: Sendable {
        let sql: String
        let failureClass: FailureClass
        let sqlstate: String
        var constraint: String?
        var column: String?
    }

    @Test(arguments: [
        Case(
            sql: "INSERT INTO {s}.t VALUES (1, 'a', 5)", failureClass: .conflict, sqlstate: "23505",
            constraint: "t_pkey"),
        Case(sql: "INSERT INTO {s}.t VALUES (2, NULL, 5)", failureClass: .invalid, sqlstate: "23502", column: "name"),
        Case(
            sql: "INSERT INTO {s}.t VALUES (2, 'a', -1)", failureClass: .invalid, sqlstate: "23514",
            constraint: "t_qty_check"),
        Case(sql: "INSERT INTO {s}.t VALUES (2, 'abcdefghijk', 1)", failureClass: .invalid, sqlstate: "22001"),
        Case(sql: "INSERT INTO {s}.c VALUES (99)", failureClass: .invalid, sqlstate: "23503", constraint: "c_id_fkey"),
        Case(sql: "SELECT 1 / (SELECT qty FROM {s}.t WHERE id = 1)", failureClass: .invalid, sqlstate: "22012"),
        Case(sql: "SELECT * FROM {s}.nothing", failureClass: .internal, sqlstate: "42P01"),
        Case(sql: "SELEC 1", failureClass: .internal, sqlstate: "42601"),
        Case(sql: "SELECT 1; SELECT 2", failureClass: .internal, sqlstate: "42601"),
        Case(sql: "SELECT pg_terminate_backend(pg_backend_pid())", failureClass: .unavailable, sqlstate: "57P01"),
        // Found only at the commit, after the command itself was complete.
        Case(sql: "INSERT INTO {s}.d VALUES (1)", failureClass: .conflict, sqlstate: "23505", constraint: "d_id_key"),
    ])
    func `a server error carries class, state, constraint and column`(expected: Case) throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        let setUp = [
            "CREATE TABLE {s}.t (id int PRIMARY KEY, name varchar(10) NOT NULL, qty int CHECK (qty >= 0))",
            "CREATE TABLE {s}.c (id int REFERENCES {s}.t (id))",
            "CREATE TABLE {s}.d (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
            "INSERT INTO {s}.t VALUES (1, 'a', 0)", "INSERT INTO {s}.d VALUES (1)",
        ]
        for sql in setUp { _ = try database.json(sql.in(schema), [], .execute) }
        let failure = try database.failure(expected.sql.in(schema))
        #expect(failure.failureClass == expected.failureClass)
        #expect(failure.sqlstate == expected.sqlstate)
        #expect(failure.constraint == expected.constraint)
        #expect(failure.column == expected.column)
        #expect(failure.mayHaveRun == (expected.sqlstate == "57P01"))
        #expect(!failure.message.isEmpty && !failure.message.contains("\n"))
        #expect(try database.json("SELECT count(*) AS n FROM \(schema).d", [], .one) == #"{"n":1}"#)
    }

    @Test func `the message does not quote the data`() throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        _ = try database.json("CREATE TABLE \(schema).t (id text PRIMARY KEY)", [], .execute)
        let secret = database.arena.string("very private")
        _ = try database.json("INSERT INTO \(schema).t VALUES ($1)", [secret], .execute)
        let failure = try database.failure("INSERT INTO \(schema).t VALUES ($1)", [secret])
        #expect(failure.sqlstate == "23505")
        #expect(!failure.message.contains("private"))
    }

    @Test(arguments: [
        ("BEGIN", "transaction"), ("  -- x\n /* a /* b */ */ commit", "transaction"),
        ("set timezone to 'x'", "session"),
        ("COPY t FROM STDIN", "whole connection"), ("", "empty"), ("LISTEN x", "session"), ("SELECT 'a\0b'", "NUL"),
        ("(; ROLLBACK", "transaction"),
    ])
    func `a statement that would hit its neighbours is refused`(sql: String, part: String) throws {
        let database = try TestDatabase.shared()
        let failure = try database.failure(sql)
        #expect(failure.failureClass == .invalid)
        #expect(failure.message.contains(part))
    }

    @Test(arguments: [
        "SELECT 1", "WITH x AS (SELECT 1) SELECT 1", "(SELECT 1)", "/* BEGIN */ SELECT 1", "$x$ $x$", "endless",
    ])
    func `ordinary statements are not refused`(sql: String) {
        #expect(SQLStatement(sql).refusal == nil)
    }

    @Test func `a wrong number of parameters is said`() throws {
        let database = try TestDatabase.shared()
        let failure = try database.failure("SELECT $1::int, $2::int", [.int(1)])
        #expect(failure.message == "the statement takes 2 parameters, 1 were given")
    }

    @Test func `a table that appears later is found`() throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        #expect(try database.failure("SELECT id FROM \(schema).later").sqlstate == "42P01")
        _ = try database.json("CREATE TABLE \(schema).later (id int)", [], .execute)
        #expect(try database.json("SELECT id FROM \(schema).later") == "[]")
    }

    @Test func `a plan that a schema change made stale is prepared again`() throws {
        var options = PostgresPoolOptions()
        options.descriptionTrust = .zero
        let database = try TestDatabase.shared(options: options)
        let schema = try database.newSchema()
        _ = try database.json("CREATE TABLE \(schema).t (a int, b int)", [], .execute)
        _ = try database.json("INSERT INTO \(schema).t VALUES (1, 2)", [], .execute)
        #expect(try database.json("SELECT * FROM \(schema).t") == #"[{"a":1,"b":2}]"#)
        let insert = "INSERT INTO \(schema).t (b) VALUES ($1)"
        #expect(try database.json(insert, [.int(3)], .execute) == "1")
        _ = try database.json("ALTER TABLE \(schema).t DROP COLUMN a", [], .execute)
        _ = try database.json("ALTER TABLE \(schema).t ALTER COLUMN b TYPE text", [], .execute)
        #expect(try database.json("SELECT * FROM \(schema).t WHERE b = '2'") == #"[{"b":"2"}]"#)
        #expect(try database.json(insert, [database.arena.string("x")], .execute) == "1")
    }

    @Test func `more statements than a connection keeps work all the same`() throws {
        var options = PostgresPoolOptions()
        options.preparedStatementsMax = 3
        options.connectionsMax = 1
        let database = try TestDatabase.shared(options: options)
        for round in 0..<3 {
            let asked = (0..<10).map { database.start("SELECT \($0) + $1::int AS n", [.int(Int64(round))], .one) }
            for (index, one) in asked.enumerated() {
                let value = try database.wait(for: one).value(in: database.arena).get()
                #expect(database.text(value) == #"{"n":\#(index + round)}"#)
            }
        }
        #expect(
            try database.json("SELECT count(*) <= 4 AS few FROM pg_prepared_statements", [], .one) == #"{"few":true}"#)
    }

    @Test func `a notice reaches the callback`() throws {
        let database = try TestDatabase.shared()
        _ = try database.json("DO $$ BEGIN RAISE WARNING 'careful'; END $$", [], .execute)
        try database.wait { !database.notices.isEmpty }
        #expect(database.notices.first?.severity == "WARNING")
        #expect(database.notices.first?.message == "careful")
    }
}

extension String {
    func `in`(_ schema: String) -> String {
        split(separator: "{s}", omittingEmptySubsequences: false).joined(separator: schema)
    }
}
