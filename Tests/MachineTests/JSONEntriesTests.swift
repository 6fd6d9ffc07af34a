// JSONEntriesTests.swift: the scanner's two entries against each other and against the tree: slots by path, values opened
// early or late, and what is written again.

import Testing

@testable import Machine

struct JSONEntriesTests {
    /// Few keys, so that paths are met and keys are repeated; some of them escaped.
    private static let keys = ["a", "b", "data", "id", "a-key-of-more-than-eight", "a-key-of-more-than-nine", ""]
    private static let spellings = ["a": "\\u0061", "id": "i\\u0064", "b": "b"]
    private static let paths: [[PathStep]] = [
        [.key("a")], [.key("data")], [.key("data"), .key("a")], [.key("data"), .key("b"), .key("a")],
        [.key("a"), .index(0)],
        [.key("data"), .key("a-key-of-more-than-nine")], [.key("data"), .index(1), .key("a")], [.key("")],
        [.key("b"), .key("b"), .key("b")],
    ]

    private func text(_ random: inout SeededGenerator, depth: Int) -> String {
        func space() -> String { ["", "", "", " ", "\n\t", "  "].randomElement(using: &random) ?? "" }
        switch depth == 0 ? 9 : Int.random(in: 0...(depth > 4 ? 5 : 11), using: &random) {
        case 0: return "null"
        case 1: return Bool.random(using: &random) ? "true" : "false"
        case 2: return "\(Int64.random(in: .min...(.max), using: &random) >> Int64.random(in: 0...63, using: &random))"
        case 3: return "\(Double.random(in: -1e9...1e9, using: &random))"
        case 4: return "\"text \\\"é\\n\(String(repeating: "x", count: Int.random(in: 0...40, using: &random)))\""
        case 5: return "\"\""
        case 6, 7:
            let items = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                space() + text(&random, depth: depth + 1) + space()
            }
            return "[" + (items.isEmpty ? space() : items.joined(separator: ",")) + "]"
        default:
            let count = Int.random(in: 0...(Int.random(in: 0...9, using: &random) == 0 ? 90 : 6), using: &random)
            let entries = (0..<count).map { number in
                let key = count > 20 ? "k\(number % 70)" : Self.keys.randomElement(using: &random) ?? ""
                let written = Bool.random(using: &random) ? Self.spellings[key] ?? key : key
                return "\(space())\"\(written)\"\(space()):\(space())\(text(&random, depth: depth + 1))\(space())"
            }
            return "{" + (entries.isEmpty ? space() : entries.joined(separator: ",")) + "}"
        }
    }

    /// What a path gives in the tree; nil when there is nothing.
    private func look(_ tree: JSON, _ path: [PathStep]) -> JSON? {
        path.reduce(Optional(tree)) { json, step in
            switch (json, step) {
            case (.object(let members)?, .key(let key)): members.last { $0.key == key }?.value
            case (.array(let items)?, .index(let index)): items.indices.contains(index) ? .some(items[index]) : .none
            default: nil
            }
        }
    }

    private func tree(of value: Value, in arena: Arena) throws -> JSON {
        switch value.kind {
        case .list: .array(try (value.items(in: arena) ?? []).map { try tree(of: $0, in: arena) })
        case .object:
            .object(try (value.entries(in: arena) ?? []).map { .init($0.key, try tree(of: $0.value, in: arena)) })
        default: try JSON.parse(try value.json())
        }
    }

    @Test(arguments: 1...300)
    func `slots, values and the tree agree on any document`(seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed) &* 31)
        let bytes = Array(text(&random, depth: 0).utf8)
        let expected = try JSON.parse(bytes)
        var code = Assembler()
        let slots = Self.paths.map { code.slot(path: $0) }
        let main = code.declareFunction(name: "main", parameterCount: 0, range: nowhere)
        code.begin(main)
        code.emit(.returnNull, at: nowhere)
        code.end(registerCount: 1)
        let bench = Workbench(program: try code.finish())
        let ref = bench.create()
        defer { bench.slab.release(ref) }
        let arena = try #require(bench.slab.arena(of: ref))
        let envelope = try bench.slab.scan(bytes, for: ref)
        // It is passed on as it came, before and after somebody has looked into it.
        #expect(try envelope.json() == bytes)
        for (path, slot) in zip(Self.paths, slots) {
            let value = bench.slab.slot(slot, of: ref)
            let found = look(expected, path)
            #expect((value.kind == .missing) == (found == nil), "\(path)")
            guard let found else { continue }
            let read = try tree(of: value, in: arena)
            #expect(read == found, "\(path)")
        }
        let opened = try tree(of: envelope, in: arena)
        #expect(opened == expected)
        let owned = OwnedArena()
        let value = try tree(of: try owned.arena.json(bytes), in: owned.arena)
        #expect(value == expected)
        #expect(try envelope.json() == bytes)
    }

    @Test func `any finite float is written so that it reads back, and no longer than it must be`() throws {
        var random = SeededGenerator(state: 99)
        var values: [Double] = [
            0.1, 1, -0.0, 1e-7, 123456789.25, 0.30000000000000004, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
            1e21, 99999999999.9999,
        ]
        for _ in 0..<20_000 {
            let any = Double(bitPattern: UInt64.random(in: .min...(.max), using: &random))
            if any.isFinite { values.append(any) }
            values.append((Double.random(in: -1e9...1e9, using: &random) * 1000).rounded() / 1000)
        }
        for value in values {
            let text = try Value.float(value).json()
            guard case .double(let again) = try JSON.parse(text) else {
                Issue.record("\(value) is no float any more")
                return
            }
            #expect(again.bitPattern == value.bitPattern && text.count <= value.description.utf8.count)
        }
    }
}
