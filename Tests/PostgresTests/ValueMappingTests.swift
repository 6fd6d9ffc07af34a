// ValueMappingTests.swift: the table of language.md section 4, against a real server.

import Machine
import Testing

@testable import Postgres

@Suite struct ValueMappingTests {
    @Test(arguments: [
        ("true", "true"), ("false", "false"), ("NULL::int", "null"),
        ("7::int2", "7"), ("'-2147483648'::int4", "-2147483648"), ("9223372036854775807", "9223372036854775807"),
        ("0.1::float4", "0.1"), ("1e300::float8", "1e+300"), ("3::float8", "3.0"), ("12.50::numeric", "12.5"),
        ("'a \"b\" \\'::text", #""a \"b\" \\""#), ("'x'::varchar(4)", #""x""#), ("'é😀'", #""é😀""#), ("''", #""""#),
        ("'3f333df6-90a4-4fda-8dd3-9485d27cee36'::uuid", #""3f333df6-90a4-4fda-8dd3-9485d27cee36""#),
        ("'2024-02-29'::date", #""2024-02-29""#), ("'2024-02-29 01:02:03'::timestamp", #""2024-02-29 01:02:03""#),
        ("'10.0.0.0/8'::cidr", #""10.0.0.0/8""#), ("12.5::numeric::text", #""12.5""#), ("5::oid", #""5""#),
        (#"'{"a":  [1, 2.50]}'::json"#, #"{"a":  [1, 2.50]}"#), (#"'{"a": [1, 2.50]}'::jsonb"#, #"{"a": [1, 2.50]}"#),
        ("'null'::jsonb", "null"), ("'\"x\"'::jsonb", #""x""#), ("'3.0'::json", "3.0"),
        ("ARRAY[1,2,NULL]", "[1,2,null]"), ("ARRAY[]::int[]", "[]"), ("ARRAY[[1,2],[3,4]]", "[[1,2],[3,4]]"),
        ("'[0:1]={7,8}'::int[]", "[7,8]"),
        ("ARRAY['a','b c','NULL',NULL,'','q\"\\,{}']", #"["a","b c","NULL",null,"","q\"\\,{}"]"#),
        ("ARRAY[true,false]", "[true,false]"), ("ARRAY[1.5,2]::float8[]", "[1.5,2.0]"),
        (#"ARRAY['{"a":1}']::jsonb[]"#, #"[{"a": 1}]"#),
    ])
    func `a column's type decides the kind of its value`(expression: String, json: String) throws {
        let database = try TestDatabase.shared()
        #expect(try database.json("SELECT \(expression) AS v", [], .one) == #"{"v":\#(json)}"#)
    }

    @Test(arguments: [
        ("'2024-02-29 12:34:56.789012+02'::timestamptz", Constant.time(1_709_202_896_789_012_000)),
        ("'1969-12-31 23:59:59.5Z'::timestamptz", .time(-500_000_000)),
        ("'1 day 02:03:04.5'::interval", .duration(93_784_500_000_000)),
        ("'-0.25 s'::interval", .duration(-250_000_000)),
        ("'0 s'::interval", .duration(0)), ("'1 day -1 second'::interval", .duration(86_399_000_000_000)),
        ("'\\x00ff10'::bytea", .bytes([0, 255, 16])), ("''::bytea", .bytes([])),
    ])
    func `times, durations and bytes keep their kind`(expression: String, expected: Constant) throws {
        let database = try TestDatabase.shared()
        let reply = try database.ask("SELECT \(expression) AS v", [], .one)
        let value = try reply.value(in: database.arena).get().field("v", in: database.arena)
        #expect(try constant(value) == expected)
    }

    /// What is bound comes back the same; `nil` type: as the statement's context has it.
    @Test(arguments: [
        (Constant.null, "int"), (.bool(true), "bool"), (.bool(false), "bool"), (.int(.min), "int8"),
        (.int(.max), "int8"),
        (.int(-5), "int4"), (.int(7), "int2"), (.float(1.5), "float8"), (.float(0.1), "float8"),
        (.float(-1e-300), "float8"),
        (.float(0.5), "float4"), (.float(2.25), "numeric"), (.string("a'b\"c\\d\n\u{1}"), "text"),
        (.string(""), "text"),
        (.string("😀é"), "varchar"), (.bytes([0, 1, 2, 255]), "bytea"), (.bytes([]), "bytea"),
        (.time(1_709_202_896_789_012_000), "timestamptz"), (.time(-1_000), "timestamptz"), (.time(0), "timestamptz"),
        (.duration(5_000_000_000), "interval"), (.duration(-250_000_000), "interval"), (.duration(0), "interval"),
        (.duration(90_061_000_001_000), "interval"),
        (.list([.int(1), .null, .int(3)]), "int[]"), (.list([]), "int[]"),
        (.list([.string("a,\"b\\"), .null, .string("NULL")]), "text[]"),
        (.list([.list([.int(1), .int(2)]), .list([.int(3), .int(4)])]), "int[]"), (.list([.float(1.5)]), "float8[]"),
        (.list([.bytes([1, 0, 2])]), "bytea[]"), (.list([.bool(true)]), "bool[]"),
        (.list([.time(1_000_000)]), "timestamptz[]"),
        (.list([.int(1), .string("a"), .null, .list([])]), "jsonb"),
        (.object([.init(key: "a", value: .list([.float(3)]))]), "jsonb"),
        (.object([.init(key: "a b", value: .null)]), "json"), (.string("text \"x\""), "jsonb"), (.int(3), "jsonb"),
        (.bool(true), "json"), (.list([.object([.init(key: "k", value: .int(1))]), .list([.int(2)])]), "jsonb[]"),
    ])
    func `a parameter comes back as it was bound`(value: Constant, type: String) throws {
        let database = try TestDatabase.shared()
        let bound = database.arena.value(of: value)
        let reply = try database.ask("SELECT $1::\(type) AS v", [bound], .one)
        let back = try reply.value(in: database.arena).get().field("v", in: database.arena)
        #expect(try constant(back, in: database.arena) == value)
    }

    @Test(arguments: [
        (Constant.float(3), "int", "3"), (.int(3), "float8", "3.0"), (.int(3), "text", #""3""#),
        (.float(3), "numeric", "3.0"),
        (.string("12"), "int", "12"), (.string("ab"), "bytea", #""YWI=""#), (.bool(true), "text", #""true""#),
        (.time(0), "date", #""1970-01-01""#), (.string("2024-02-29"), "date", #""2024-02-29""#),
        (.string("3f333df6-90a4-4fda-8dd3-9485d27cee36"), "uuid", #""3f333df6-90a4-4fda-8dd3-9485d27cee36""#),
        (.list([.float(1), .int(2)]), "int[]", "[1,2]"), (.list([.int(1)]), "json", "[1]"),
    ])
    func `a value is fitted to the parameter's type`(value: Constant, type: String, json: String) throws {
        let database = try TestDatabase.shared()
        let bound = database.arena.value(of: value)
        #expect(try database.json("SELECT $1::\(type) AS v", [bound], .one) == #"{"v":\#(json)}"#)
    }

    @Test(arguments: [
        (Constant.float(1.5), "int", "22P02"), (.int(1 << 40), "int", "22003"), (.string("x"), "int", "22P02"),
        (.string("a\u{0}b"), "text", "22021"), (.list([.int(1)]), "int", "42804"), (.object([]), "text", "42804"),
        (.bytes([1]), "text", "42804"), (.list([.list([.int(1)]), .list([])]), "int[]", "22P02"),
        (.list([.string("a\u{0}")]), "text[]", "22021"), (.string("{"), "int[]", "22P02"), (.time(0), "int", "22P02"),
    ])
    func `a value that does not fit is invalid`(value: Constant, type: String, sqlstate: String) throws {
        let database = try TestDatabase.shared()
        let failure = try database.failure("SELECT $1::\(type) AS v", [database.arena.value(of: value)])
        #expect(failure.failureClass == .invalid)
        #expect(failure.sqlstate == sqlstate)
        #expect(!failure.mayHaveRun)
    }

    @Test(arguments: [
        ("'NaN'::float8", "not a number that Bay knows"), ("'Infinity'::numeric", "not a number that Bay knows"),
        ("'infinity'::timestamptz", "not a time"), ("'0044-03-15 BC'::timestamptz", "not a time"),
        ("'3000-01-01'::timestamptz", "1677 to 2262"), ("'1 month'::interval", "not fixed"),
        ("'1000 years'::interval", "not fixed"),
        ("'200000 days'::interval", "292 years"),
    ])
    func `what Bay has no value for is a failure that names the column`(expression: String, part: String) throws {
        let database = try TestDatabase.shared()
        let failure = try database.failure("SELECT 1 AS a, \(expression) AS odd")
        #expect(failure.failureClass == .internal)
        #expect(failure.column == "odd")
        #expect(failure.message.contains(part), "\(failure.message)")
    }

    @Test func `types that the user defined travel as text`() throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        _ = try database.json("CREATE TYPE \(schema).mood AS ENUM ('glad', 'sad')", [], .execute)
        _ = try database.json("CREATE TABLE \(schema).t (m \(schema).mood, ms \(schema).mood[])", [], .execute)
        let glad = database.arena.string("glad")
        let list = database.arena.list([glad, database.arena.string("sad")])
        #expect(try database.json("INSERT INTO \(schema).t VALUES ($1, $2)", [glad, list], .execute) == "1")
        #expect(try database.json("SELECT m, ms FROM \(schema).t") == #"[{"m":"glad","ms":"{glad,sad}"}]"#)
        #expect(try database.failure("SELECT $1::\(schema).mood", [database.arena.string("odd")]).sqlstate == "22P02")
    }

    @Test func `exec counts, one gives the first row, rows give all`() throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        #expect(try database.json("CREATE TABLE \(schema).t (id int)", [], .execute) == "0")
        #expect(try database.json("INSERT INTO \(schema).t VALUES (1), (2), (3)", [], .execute) == "3")
        #expect(try database.json("UPDATE \(schema).t SET id = id WHERE id > 1", [], .execute) == "2")
        #expect(try database.json("DELETE FROM \(schema).t WHERE id = 9", [], .execute) == "0")
        #expect(try database.json("SELECT id FROM \(schema).t ORDER BY id", [], .one) == #"{"id":1}"#)
        #expect(try database.json("SELECT id FROM \(schema).t WHERE id > 9", [], .one) == "null")
        #expect(try database.json("SELECT id FROM \(schema).t WHERE id > 9", [], .rows) == "[]")
        #expect(try database.json("INSERT INTO \(schema).t VALUES (4) RETURNING id AS n", [], .one) == #"{"n":4}"#)
        #expect(try database.json("SELECT 1 AS a, 2 AS a", [], .one) == #"{"a":2}"#)
    }

    @Test(arguments: [
        "'); DROP TABLE {t}; --", "\\'; DROP TABLE {t}; --", "$1; DROP TABLE {t}", "x' OR '1'='1",
        "\"; DROP TABLE {t}; --",
        "1; DELETE FROM {t}", "/* */ ; TRUNCATE {t}", "\u{2019}; DROP TABLE {t}; --",
    ])
    func `data stays data, whatever it says`(text: String) throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        _ = try database.json("CREATE TABLE \(schema).t (id int, t text, l text[], j jsonb)", [], .execute)
        let attack = database.arena.string(
            text.split(separator: "{t}", omittingEmptySubsequences: false).joined(separator: "\(schema).t"))
        let list = database.arena.list([attack])
        let object = database.arena.object([("k", attack)])
        let sql = "INSERT INTO \(schema).t VALUES (1, $1, $2, $3)"
        #expect(try database.json(sql, [attack, list, object], .execute) == "1")
        let same = "SELECT count(*) AS n FROM \(schema).t WHERE t = $1 AND l[1] = $1 AND j->>'k' = $1"
        #expect(try database.json(same, [attack], .one) == #"{"n":1}"#)
    }

    private func constant(_ value: Value, in arena: Arena? = nil) throws -> Constant {
        switch value.kind {
        case .null, .missing: return .null
        case .bool: return .bool(value.asBool == true)
        case .int: return .int(value.asInt ?? 0)
        case .float: return .float(value.asDouble ?? 0)
        case .string: return .string(value.asString ?? "")
        case .bytes: return .bytes(value.asBytes ?? [])
        case .time: return .time(value.asTimeNanoseconds ?? 0)
        case .duration: return .duration(value.asDurationNanoseconds ?? 0)
        case .list:
            let arena = try #require(arena)
            return .list(try (value.items(in: arena) ?? []).map { try constant($0, in: arena) })
        case .object:
            let arena = try #require(arena)
            let entries = value.entries(in: arena) ?? []
            return .object(try entries.map { .init(key: $0.key, value: try constant($0.value, in: arena)) })
        default:
            Issue.record("a \(value.kind.name)")
            return .null
        }
    }
}
