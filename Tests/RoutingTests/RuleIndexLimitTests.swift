// RuleIndexLimitTests.swift: rules and events that are meant to hurt: many clauses, many stars, many copies.

import Machine
import Routing
import Testing

struct RuleIndexLimitTests {
    private func text(_ slot: Int, _ text: String) -> Predicate { .test(slot: slot, .equals(.string(ByteText(text)))) }

    /// More rules than are tried one by one.
    private func crowd(_ first: Rule) -> [Rule] {
        [first] + (1...40).map { rule($0, ["other\($0)"], predicate: $0, condition: text(1, "never\($0)")) }
    }

    @Test func `a rule of a thousand clauses is one conjunction`() throws {
        let parts = (0..<1000).map { text(1 + $0 % 50, "v\($0 % 50)") }
        let index = RuleIndex(rules: crowd(rule(0, ["t"], predicate: 0, condition: .all(parts))))
        let values = (0..<50).map { Constant?.some(.string("v\($0)")) }
        var other = values
        other[49] = .string("w")
        #expect(try names(index, type: "t", values, all: true) { _ in false } == ["r0"])
        #expect(try names(index, type: "t", other, all: true) { _ in true } == [])
    }

    @Test func `a thousand alternatives of one path are one test`() throws {
        let parts = (0..<1000).map { text(1, "v\($0)") }
        let index = RuleIndex(rules: crowd(rule(0, ["t"], predicate: 0, condition: .any(parts))))
        for (value, expected) in [("v0", ["r0"]), ("v999", ["r0"]), ("v1000", [])] {
            #expect(
                try names(index, type: "t", [.string(value)], all: true) { _ in !expected.isEmpty ? false : true }
                    == expected)
        }
    }

    @Test func `alternatives beyond sixty-four conjunctions are left to the machine, with the same meaning`() throws {
        for count in [64, 65, 1000] {
            let parts = (0..<count).map { Predicate.test(slot: 1, .startsWith(ByteText("p\($0)."))) }
            let index = RuleIndex(rules: crowd(rule(0, ["t"], predicate: 0, condition: .any(parts))))
            var asked = 0
            let found = try names(index, type: "t", [.string("p63.x")], all: true) { _ throws(Fault) in
                asked += 1
                return true
            }
            #expect(found == ["r0"])
            #expect(asked == (count > 64 ? 1 : 0))
            #expect(try names(index, type: "u", [.string("p63.x")], all: true) == [])
        }
        // A product of alternatives: 9 times 9 would be 81.
        let left = Predicate.any((0..<9).map { Predicate.test(slot: 1, .startsWith(ByteText("l\($0)"))) })
        let right = Predicate.any((0..<9).map { Predicate.test(slot: 2, .startsWith(ByteText("r\($0)"))) })
        let index = RuleIndex(rules: crowd(rule(0, ["t"], predicate: 0, condition: .all([left, right]))))
        #expect(try names(index, type: "t", [.string("l8"), .string("r8")], all: true) { _ in true } == ["r0"])
        #expect(try names(index, type: "t", [.string("l8"), .string("x")], all: true) { _ in false } == [])
        #expect(try names(index, type: "t", [.string("x"), .string("r8")], all: true) { _ in true } == [])
    }

    @Test func `sixty-four stars are matched piece by piece`() throws {
        let pattern = ByteText(String(repeating: "*ab", count: 64) + "*c")
        let index = RuleIndex(rules: crowd(rule(0, [], predicate: 0, condition: .test(slot: 1, .isLike(pattern)))))
        let long = String(repeating: "ab", count: 500_000)
        #expect(try names(index, type: "t", [.string(long)], all: true) == [])
        #expect(try names(index, type: "t", [.string(long + "c")], all: true) == ["r0"])
    }

    @Test func `a hundred thousand equal rules are one list`() throws {
        let count = 100_000
        let rules = (0..<count).map { rule($0, ["t"], predicate: $0, condition: .all([text(1, "a"), text(2, "b")])) }
        let index = RuleIndex(rules: rules)
        #expect(index.byteCount < 100 * count, "\(index.byteCount)")
        let memory = OwnedArena()
        let arena = memory.arena
        let slots = arena.slots([arena.string("t"), arena.string("a"), arena.string("b")])
        let buffer = MatchBuffer()
        try index.match(slots, all: true, into: buffer) { _ in false }
        #expect(buffer.count == count && buffer[0] == 0 && buffer[count - 1] == count - 1)
        try index.match(slots, all: false, into: buffer) { _ in false }
        #expect(buffer.count == 1 && buffer[0] == 0)
    }

    @Test func `equal items of a list lead to a rule once`() throws {
        let rules = (0..<1000).map {
            rule(
                $0, [], predicate: $0,
                condition: .anyItem(slot: 1, keys: [], .equals(.string("vip")), isNegated: false))
        }
        let index = RuleIndex(rules: rules)
        let list = Constant.list(Array(repeating: .string("vip"), count: 10_000))
        #expect(try names(index, type: "t", [list], all: true) { _ in false }.count == 1000)
    }

    @Test func `prefixes of any number of lengths are found, by few look-ups`() throws {
        let rules = (0..<300).map { number in
            rule(
                number, [], predicate: number,
                condition: .test(slot: 1, .startsWith(ByteText(String(repeating: "x", count: number + 1) + "-"))))
        }
        let index = RuleIndex(rules: rules)
        for number in [0, 1, 7, 19, 20, 21, 150, 298, 299] {
            let value = String(repeating: "x", count: number + 1) + "-rest"
            #expect(try names(index, type: "t", [.string(value)], all: true) { _ in false } == ["r\(number)"])
        }
    }

    @Test func `a buffer serves indexes of any size in turn`() throws {
        let buffer = MatchBuffer()
        let memory = OwnedArena()
        let arena = memory.arena
        for count in [1, 5000, 3, 20_000] {
            let rules = (0..<count).map {
                rule(
                    $0, [], predicate: $0,
                    condition: .anyItem(slot: 1, keys: [], .equals(.int(Int64($0 % 7))), isNegated: false))
            }
            let index = RuleIndex(rules: rules)
            let slots = arena.slots([arena.string("t"), arena.list([.int(3), .int(3), .float(3)])])
            for _ in 0..<2 {
                try index.match(slots, all: true, into: buffer) { _ in false }
                #expect(buffer.count == (0..<count).count { $0 % 7 == 3 })
            }
        }
    }

    @Test func `a value's kinds are those of the machine`() {
        let kinds: [(Value.Kind, UInt8)] = [
            (.null, 0), (.missing, 1), (.bool, 2), (.int, 3), (.float, 4), (.string, 5), (.list, 9), (.object, 10),
        ]
        for (kind, number) in kinds { #expect(kind.rawValue == number) }
    }
}
