// KeptValueTests.swift: values as text that keeps their kinds.

import Testing

@testable import Machine

struct KeptValueTests {
    private func round(_ make: (Arena) throws -> Value) throws -> (text: String, value: String, kind: String) {
        let memory = OwnedArena()
        let text = try make(memory.arena).keptText(in: memory.arena)
        let value = try #require(memory.arena.value(kept: text), "\(String(decoding: text, as: UTF8.self))")
        return (
            String(decoding: text, as: UTF8.self),
            String(decoding: (try? value.json()) ?? Array("-".utf8), as: UTF8.self), value.kind.name
        )
    }

    @Test func `each kind comes back as it was, in text that people can read`() throws {
        let rows: [(make: (Arena) throws -> Value, text: String, kind: String)] = [
            ({ _ in .null }, "null", "null"), ({ _ in .bool(true) }, "true", "bool"),
            ({ _ in .int(Int64.min) }, "-9223372036854775808", "int"), ({ _ in .float(3) }, "3.0", "float"),
            ({ $0.string("a\"\u{0}") }, #""a\"\u0000""#, "string"),
            ({ _ in .time(nanoseconds: -1) }, #"{"$kind":"time","value":-1}"#, "time"),
            ({ _ in .duration(nanoseconds: 5) }, #"{"$kind":"duration","value":5}"#, "duration"),
            ({ $0.bytes([0, 255]) }, #"{"$kind":"bytes","value":"AP8="}"#, "bytes"),
            ({ $0.list([.int(1), .null]) }, "[1,null]", "list"),
            ({ $0.object([("a", .int(1)), ("", .null)]) }, #"{"a":1,"":null}"#, "object"),
            (
                { $0.failure(class: .notFound, message: "gone", details: .duration(nanoseconds: 1), origin: .effect) },
                #"{"$kind":"failure","value":["not_found",true,"gone",{"$kind":"duration","value":1}]}"#, "failure"
            ),
            (
                { $0.object([("$kind", $0.string("time")), ("value", .int(1))]) },
                #"{"$kind":"object","value":["$kind","time","value",1]}"#, "object"
            ),
            ({ try $0.json(#"{"a": 1.50}"#) }, #"{"a": 1.50}"#, "object"),
            (
                { try $0.json(#"{"$kind":"time","value":1}"#) },
                #"{"$kind":"json","value":{"$kind":"time","value":1}}"#, "object"
            ),
            (
                { try $0.json(#"{"\u0024kind":"time","value":1}"#) },
                #"{"$kind":"json","value":{"\u0024kind":"time","value":1}}"#, "object"
            ),
        ]
        for row in rows {
            let memory = OwnedArena()
            let before = try row.make(memory.arena).json()
            let after = try round(row.make)
            #expect(after.text == row.text)
            #expect(after.kind == row.kind)
            #expect(after.value == String(decoding: before, as: UTF8.self))
        }
    }

    @Test func `what cannot be kept is refused, and foreign text is no value`() throws {
        let memory = OwnedArena()
        #expect(throws: Fault.self) { try memory.arena.secret("s").keptText(in: memory.arena) }
        #expect(throws: Fault.self) { try memory.arena.list([memory.arena.secret("s")]).keptText(in: memory.arena) }
        #expect(throws: Fault.self) {
            try memory.arena.makeResponse(status: 200, body: .null, headers: .null).keptText(in: memory.arena)
        }
        var deep = Value.int(1)
        for _ in 0..<200 { deep = memory.arena.list([deep]) }
        #expect(throws: Fault.self) { try deep.keptText(in: memory.arena) }
        // Not too deep itself, but in text that nests.
        let text = String(repeating: "[", count: 120) + "\"$\"" + String(repeating: "]", count: 120)
        var around = try memory.arena.json(text)
        for _ in 0..<20 { around = memory.arena.list([around]) }
        #expect(throws: Fault.self) { try around.keptText(in: memory.arena) }
        for foreign in [
            "", "{", #"{"$kind":"time"}"#, #"{"$kind":"time","value":"x"}"#, #"{"$kind":"none","value":1}"#,
            #"{"$kind":"object","value":[1,2]}"#, #"{"$kind":"object","value":["a"]}"#,
            #"{"$kind":"failure","value":["odd",true,"",null]}"#, #"{"$kind":1,"value":1}"#,
            #"[{"$kind":"bytes","value":"*"}]"#,
        ] {
            #expect(memory.arena.value(kept: Array(foreign.utf8)) == nil, "\(foreign)")
        }
    }

    /// Any value at all comes back as it was, kind for kind.
    @Test func `random values come back`() throws {
        var seed: UInt64 = 42
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        func make(_ arena: Arena, _ depth: Int) throws -> Value {
            switch next(depth > 4 ? 9 : 12) {
            case 0: return .null
            case 1: return .bool(next(2) == 0)
            case 2: return .int(Int64(next(1_000_000)) - 500_000)
            case 3: return .float(Double(next(1000)) / 8)
            case 4: return arena.string(["", "$", "$kind", "a\\\"", "é\u{1F600}"][next(5)])
            case 5: return .time(nanoseconds: Int64(next(1_000_000)) * 1_000_003)
            case 6: return .duration(nanoseconds: Int64(next(1_000_000)))
            case 7: return arena.bytes((0..<next(5)).map { UInt8($0 * 50) })
            case 8: return try arena.json([#"{"$kind": [1]}"#, "[ 1.0 ]", #"{"a":{"$x":"\u0024"}}"#][next(3)])
            case 9: return arena.list(try (0..<next(4)).map { _ in try make(arena, depth + 1) })
            case 10:
                return arena.failure(
                    class: FailureClass.allCases[next(10)], message: "m", details: try make(arena, depth + 1),
                    origin: next(2) == 0 ? .effect : .script)
            default:
                let keys = ["a", "$kind", "value", "$", ""]
                let start = next(5)
                return arena.object(try (0..<next(4)).map { (keys[(start + $0) % 5], try make(arena, depth + 1)) })
            }
        }
        for _ in 0..<2000 {
            let memory = OwnedArena()
            let value = try make(memory.arena, 0)
            let text = try value.keptText(in: memory.arena)
            let back = try #require(memory.arena.value(kept: text))
            // The text tells every kind, so equal texts are equal values.
            let again = try back.keptText(in: memory.arena)
            #expect(again == text, "\(String(decoding: text, as: UTF8.self))")
            #expect(back.kind == value.kind)
        }
    }
}
