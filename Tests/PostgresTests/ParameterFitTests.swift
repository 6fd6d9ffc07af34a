// ParameterFitTests.swift: what is said never to go into a parameter is refused by the server, whatever its value.

import Foundation
import Machine
import Testing

@testable import Postgres

@Suite struct ParameterFitTests {
    private static let types = [
        "boolean", "bytea", "name", "bigint", "smallint", "integer", "text", "oid", "json", "cidr", "real",
        "double precision", "money", "macaddr", "inet", "character(200)", "character varying", "date", "time",
        "timestamp", "timestamp with time zone", "interval", "time with time zone", "bit varying", "numeric", "uuid",
        "jsonb", "integer[]", "text[]", "boolean[]", "jsonb[]",
    ]

    /// Values of a kind that are as unlike as may be, among them those that most types read.
    private static func samples(_ kind: Value.Kind, _ arena: Arena) -> [Value] {
        switch kind {
        case .bool: [.bool(true), .bool(false)]
        case .int: [.int(0), .int(1), .int(42), .int(20_260_101), .int(112_233_445_566)]
        case .float: [.float(0), .float(1), .float(1.5), .float(-2e9), .float(20_260_101)]
        case .bytes: [arena.bytes([]), arena.bytes([1, 2]), arena.bytes(Array("42".utf8))]
        case .time: [.time(nanoseconds: 0), .time(nanoseconds: 1_800_000_000_123_456_000)]
        case .duration:
            [
                .duration(nanoseconds: 0), .duration(nanoseconds: 1_500_000_000),
                .duration(nanoseconds: 86_400_000_000_000),
            ]
        case .list: [arena.list([]), arena.list([.int(1)]), arena.list([arena.string("a")])]
        case .object: [arena.object([]), arena.object([("a", .int(1))])]
        default: []
        }
    }

    @Test(arguments: types)
    func `never is never: the server refuses every value of a kind that is said not to fit`(type: String) throws {
        let database = try TestDatabase.shared()
        for kind in [Value.Kind.bool, .int, .float, .bytes, .time, .duration, .list, .object] {
            let taken = try Self.samples(kind, database.arena).filter {
                try database.ask("SELECT $1::\(type) IS NULL AS x", [$0]).failure == nil
            }
            let column = try described(type, database)
            if !column.takes(kind) {
                #expect(taken.isEmpty, "\(type) takes \(kind): \(taken.map { database.text($0) })")
            } else if ["integer", "bigint", "boolean", "text", "jsonb", "bytea", "uuid"].contains(type) {
                // And nothing that is always refused passes for fitting, where it matters most.
                #expect(!taken.isEmpty, "\(type) refuses each \(kind)")
            }
        }
    }

    @Test(arguments: types)
    func `a text that is said not to fit is refused`(type: String) throws {
        let database = try TestDatabase.shared()
        let column = try described(type, database)
        for text in [
            "", "card", "42", " 7 ", "1.5", "NaN", "-Infinity", "true", "off", "{1,2}", "[0:0]={1}", "\\xff",
            "0b0e7c3a-1111-2222-3333-444455556666", "2026-01-01", "now", "P1D", "{}", "10.0.0.0/8", "x\ty",
        ] where !column.takes(Constant.string(text)) {
            let failure = try database.ask("SELECT $1::\(type) IS NULL AS x", [database.arena.string(text)]).failure
            #expect(failure != nil, "\(type) takes \(text)")
        }
    }

    @Test(arguments: [
        (type: 20 as UInt32, constant: Constant.string("card"), fits: false), (20, .string("12"), true),
        (20, .float(1.5), false), (20, .float(2), true), (16, .int(2), false), (16, .int(1), true),
        (16, .string("yes"), true), (16, .string("card"), false), (2950, .string("x"), false), (25, .string("x"), true),
        (99_999, .string("x"), true), (1007, .int(1), false), (3802, .bool(true), true), (701, .string("nan"), true),
        (701, .string("card"), false),
    ])
    func `a constant is looked at itself`(type: UInt32, constant: Constant, fits: Bool) {
        #expect(ColumnType(type).takes(constant) == fits)
    }

    private func described(_ type: String, _ database: TestDatabase) throws -> ColumnType {
        let oid = try database.json("SELECT '\(type)'::regtype::oid::int8 AS o", [], .one)
        let digits = oid.filter { $0.isNumber }
        return ColumnType(try #require(UInt32(digits)))
    }
}
