// TextFormTests.swift: what needs no server: targets, messages of libpq, texts of times and arrays, pauses.

import Machine
import Testing

@testable import Postgres

@Suite struct TextFormTests {
    @Test(arguments: [
        (["host": "db", "username": "u", "password": "p w'\\", "database": "d"], "u@db:5432/d"),
        (["host": "db", "port": "6000", "user": "u"], "u@db:6000/u"),
        (["url": "postgresql://u:p%20w@db:7000/d?sslmode=require"], "u@db:7000/d"),
        (["url": "host=a,b port=1,2 user=u dbname=d"], "u@a:1,b:2/d"),
        (["whatever": "postgres://u@[::1]/d"], "u@::1:5432/d"),
        (["host": "/tmp/x", "username": "u", "extra": "ignored"], "u@/tmp/x/u"),
        (["url": "user=u dbname=d"], "u@/var/run/postgresql/d"),
    ])
    func `a secret's parts or its url give a target`(secret: [String: String], description: String) throws {
        #expect(try ConnectionTarget(secret: secret).description == description)
    }

    @Test(arguments: [
        (["host": "db"], "no `username`"), (["username": "u"], "no `host`: it has `username`"), ([:], "it is empty"),
        (["host": "db", "username": "u", "port": "http"], "`http` is not a port"),
        (["url": "host='x"], "cannot be read"),
        (["url": "postgres://u:geheim@db:99999/d"], "`99999` is not a port"),
        (["url": "nonsense geheim"], "cannot be read"),
    ])
    func `what is wrong with a secret is said without showing it`(secret: [String: String], part: String) {
        let error = #expect(throws: ConnectionTargetError.self) { try ConnectionTarget(secret: secret) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("geheim") == false)
    }

    @Test func `the password is handed over as it is`() throws {
        let target = try ConnectionTarget(secret: ["host": "h", "username": "u", "password": "a b'c\\ \"="])
        #expect(target["password"] == "a b'c\\ \"=")
        #expect(!target.description.contains("a b"))
        #expect(target.needsLookup)
        #expect(try !ConnectionTarget(conninfo: "host=127.0.0.1").needsLookup)
        #expect(try !ConnectionTarget(conninfo: "host=name hostaddr=127.0.0.1").needsLookup)
        #expect(try !ConnectionTarget(conninfo: "host=/tmp,@x,::1").needsLookup)
    }

    @Test func `looked up names go to libpq with their addresses`() throws {
        let target = try ConnectionTarget(conninfo: "host=a,/tmp port=1,2 user=u")
        let parameters = target.connectParameters(addresses: [
            HostAddress(host: "a", address: "10.0.0.1", port: "1"),
            HostAddress(host: "a", address: "10.0.0.2", port: "1"),
            HostAddress(host: "/tmp", address: nil, port: "2"),
        ])
        func value(_ keyword: String) -> String? { parameters.first { $0.keyword == keyword }?.value }
        #expect(value("host") == "a,a,/tmp")
        #expect(value("hostaddr") == "10.0.0.1,10.0.0.2,")
        #expect(value("port") == "1,1,2")
        #expect(value("options")?.contains("-c TimeZone=UTC") == true)
    }

    @Test(arguments: [
        (
            "connection to server at \"127.0.0.1\", port 5 failed: FATAL:  28P01: password authentication failed for user \"u\"\nLOCATION:  auth_failed, auth.c:335\n",
            "password authentication failed for user \"u\"", "28P01" as String?
        ),
        (
            "connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
            "Connection refused", nil
        ),
        (
            "connection to server at \"::1\", port 1 failed: Connection refused\n\tIs the server …?\nconnection to server at \"127.0.0.1\", port 1 failed: FATAL:  57P03: the database system is starting up\nLOCATION:  x\n",
            "the database system is starting up", "57P03"
        ),
        ("server closed the connection unexpectedly\n", "server closed the connection unexpectedly", nil),
        ("", "no reason given", nil),
    ])
    func `the reason is found in libpq's words`(text: String, reason: String, sqlstate: String?) {
        let failure = ConnectFailure(libpqMessage: text)
        #expect(failure.reason == reason)
        #expect(failure.sqlstate == sqlstate)
    }

    @Test(arguments: [
        ("1970-01-01 00:00:00+00", 0 as Int64?), ("2000-02-29 23:59:59.000001+00", 951_868_799_000_001_000),
        ("1969-12-31 19:00:00-05", 0), ("1970-01-01 05:30:00+05:30", 0),
        ("2262-04-11 23:47:16+00", 9_223_372_036_000_000_000),
        ("2262-04-12 00:00:00+00", nil), ("infinity", nil), ("1970-01-01 00:00:00", nil), ("1970-01-01", nil),
        ("", nil),
        ("0044-03-15 00:00:00+00 BC", nil),
    ])
    func `timestamps are read to the nanosecond`(text: String, nanoseconds: Int64?) {
        #expect((try? TimeText.time(Array(text.utf8).span)) == nanoseconds)
    }

    @Test(arguments: [
        ("PT0S", 0 as Int64?), ("PT-0.5S", -500_000_000), ("P1DT2H3M4.5S", 93_784_500_000_000),
        ("P-1DT1S", -86_399_000_000_000),
        ("P1M", nil), ("P1Y", nil), ("PT", nil), ("P", nil), ("1 day", nil), ("PT1", nil), ("PT1D", nil), ("", nil),
        ("P106752D", nil),
    ])
    func `intervals are read to the nanosecond`(text: String, nanoseconds: Int64?) {
        #expect((try? TimeText.interval(Array(text.utf8).span)) == nanoseconds)
    }

    @Test(arguments: [
        "{", "{1", "{1,", "{\"a", "{\"a\\", "1", "", "{1}x", "{{1}", String(repeating: "{", count: 40), "{a}",
    ])
    func `an array's text that is broken is a problem, not a crash`(text: String) {
        let memory = OwnedArena()
        #expect(throws: CellProblem.self) { _ = try ArrayText.list(Array(text.utf8).span, of: .int4, in: memory.arena) }
    }

    @Test(arguments: [
        (1, 0.0, 25 as UInt64), (1, 1.0, 50), (2, 0.0, 50), (3, 0.5, 150), (9, 1.0, 2000), (60, 0.0, 1000),
    ])
    func `pauses double up to their limit, with jitter`(failures: Int, random: Double, milliseconds: UInt64) {
        let pause = ReconnectState.pauseNanoseconds(
            failures: failures, min: .milliseconds(50), max: .seconds(2), random: random)
        #expect(pause == milliseconds * 1_000_000)
    }

    @Test func `equal texts are equal statements`() {
        #expect(SQLStatement("SELECT 1") == SQLStatement("SELECT" + " 1"))
        #expect(SQLStatement("SELECT 1") != SQLStatement("SELECT 2"))
    }

    @Test func `the least recently used statement goes first, and never one that is waited for`() {
        var statements = PreparedStatements(countMax: 2)
        let first = statements.add(SQLStatement("a"))
        let second = statements.add(SQLStatement("b"))
        _ = statements.add(SQLStatement("c"))
        #expect(statements.evictSurplus() == nil)
        first.phase = .ready(StatementDescription(parameterTypes: [], columns: []))
        second.phase = .ready(StatementDescription(parameterTypes: [], columns: []))
        _ = statements.find(SQLStatement("a"))
        #expect(statements.evictSurplus() === second)
        #expect(statements.evictSurplus() == nil)
    }
}
