// JSONHostileTests.swift: documents that somebody wrote to hurt: read or refused in time and memory that grow with the text.

import Diagnostics
import Testing

@testable import Machine

/// A document and the memory that it lives in.
private final class Document {
    private let owned: OwnedArena
    let value: Value
    var arena: Arena { owned.arena }

    init(_ text: [UInt8], limitBytes: Int = 64 << 20) throws {
        owned = OwnedArena(limitBytes: limitBytes)
        value = try owned.arena.json(text)
    }

    var count: Int { value.count(in: arena) }
    func field(_ key: String) -> Value { value.field(key, in: arena) }
    var keys: [String]? { value.entries(in: arena)?.map(\.key) }
    var items: [Value]? { value.items(in: arena) }
}

struct JSONHostileTests {

    private func object(keys: Int, _ key: (Int) -> String) -> [UInt8] {
        Array(("{" + (0..<keys).map { "\"\(key($0))\":\($0)" }.joined(separator: ",") + "}").utf8)
    }

    @Test func `ten thousand keys are found by index, in the order of the text`() throws {
        let many = try Document(object(keys: 10_000) { "key\($0)" })
        #expect(many.count == 10_000)
        #expect(many.field("key9999").asInt == 9999)
        #expect(many.keys?.first == "key0")
        // Keys of one length that begin alike.
        let alike = try Document(object(keys: 3_000) { "a-common-beginning-\(100_000 + $0)" })
        #expect(alike.count == 3_000)
        #expect(alike.field("a-common-beginning-102999").asInt == 2999)
    }

    @Test(arguments: [2, 63, 64, 65, 5_000])
    func `of equal keys the last one wins, where the first one stood`(count: Int) throws {
        var text = object(keys: count) { _ in "same" }
        let same = try Document(text)
        #expect(same.count == 1)
        #expect(same.field("same").asInt == Int64(count - 1))
        text = object(keys: count) { $0.isMultiple(of: 2) ? "" : "\\u0061" }
        let empty = try Document(text)
        #expect(empty.keys == ["", "a"])
        #expect(empty.field("").asInt == Int64((count - 1) / 2 * 2))
        #expect(try empty.value.json() == text)
    }

    @Test func `a string of four megabytes is passed on, escaped or not`() throws {
        let count = 4 << 20
        for piece in ["x", "\\n", "é", "\\u00e9", "\\ud83d\\ude00"] {
            let text = Array(("[\"" + String(repeating: piece, count: count / piece.utf8.count) + "\"]").utf8)
            let document = try Document(text)
            #expect(try document.value.json().count == text.count)
            #expect((document.items?.first?.length ?? 0) > 0)
        }
        var open = Array("[\"".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: count)
        #expect(throws: JSONError(reason: .unexpectedEnd, offset: open.count)) { try JSON.parse(open) }
        open.append(7)
        #expect(throws: JSONError(reason: .controlCharacter(7), offset: open.count - 1)) { try JSON.parse(open) }
    }

    @Test func `numbers of four hundred digits are read as floats, or refused beyond them`() throws {
        let digits = String(repeating: "1234567890", count: 40)
        let floats = try Document(Array("[0.\(digits),-0.\(digits),1\(String(repeating: "0", count: 300))]".utf8))
        let items = try #require(floats.items)
        #expect(items.map(\.asDouble) == [0.12345678901234568, -0.12345678901234568, 1e300])
        for text in [digits, "-\(digits)", "[\(digits)]", "{\"a\":{\"b\":[\(digits)]}}", "1e400", "\(digits).5e-3"] {
            #expect(throws: JSONError.self) { try JSON.parse(text) }
            #expect(throws: JSONError.self) { _ = try Document(Array(text.utf8)) }
        }
        // What is only passed on keeps its digits.
        let text = "{\"a\":{\"b\":{\"c\":0.\(digits)}}}"
        let kept = try Document(Array(text.utf8))
        #expect(String(decoding: try kept.field("a").json(), as: UTF8.self) == "{\"b\":{\"c\":0.\(digits)}}")
    }

    @Test func `a document that does not fit the run's memory is refused where it is opened, not before`() throws {
        let text = Array(("{\"list\":[" + (0..<50_000).map { "\($0)" }.joined(separator: ",") + "]}").utf8)
        let bench = try Workbench(parameters: 1) { code in
            code.emit(.getField, 1, 0, word: code.constant(.string("list")), at: nowhere)
            code.emit(.callBuiltin, 1, 1, 1, word: Builtin.index(named: "length")!, at: nowhere)
            code.emit(.returnValue, 1, at: nowhere)
        }
        bench.limits.arenaBytesMax = 1 << 20
        let small = bench.create()
        let arena = try #require(bench.slab.arena(of: small))
        let value = try arena.json(text)
        #expect(try value.json() == text)
        guard case .faulted(let fault) = bench.slab.start(small, FunctionIndex(0), argument: value) else {
            Issue.record("it fitted")
            return
        }
        #expect(fault.code == .outOfMemory)
        bench.slab.release(small)
        bench.limits.arenaBytesMax = 16 << 20
        let large = bench.create()
        let room = try #require(bench.slab.arena(of: large))
        let again = try room.json(text)
        guard case .finished(.returned(let length)) = bench.slab.start(large, FunctionIndex(0), argument: again) else {
            Issue.record("it did not fit")
            return
        }
        #expect(length.asInt == 50_000)
    }

    /// Four times the text may take ten times the time, on a busy machine: what is quadratic takes sixteen times.
    @Test(arguments: ["keys", "duplicates", "nested", "escapes", "numbers", "colliding"])
    func `time grows with the text`(kind: String) throws {
        func text(_ size: Int) -> [UInt8] {
            switch kind {
            case "keys": object(keys: size) { "key\($0)" }
            case "duplicates": object(keys: size) { "k\($0 % 100)" }
            case "nested": Array(("[" + (0..<size).map { _ in "{\"a\":[{}]}" }.joined(separator: ",") + "]").utf8)
            case "escapes": Array(("{\"a\":\"" + String(repeating: "\\u00e9\\\\", count: size) + "\"}").utf8)
            case "colliding": object(keys: size) { "same-first-8-\($0)" }
            default: Array(("[" + (0..<size).map { "\($0).5e-3" }.joined(separator: ",") + "]").utf8)
            }
        }
        func time(_ size: Int) throws -> Duration {
            let text = text(size)
            return try (0..<3).map { _ in
                try ContinuousClock().measure {
                    let document = try Document(text, limitBytes: 256 << 20)
                    _ = document.count
                    _ = document.field("missing")
                }
            }.min() ?? .zero
        }
        let small = try time(2_000), large = try time(8_000)
        #expect(large < small * 10 + .milliseconds(20), "\(small) for 2,000 and \(large) for 8,000")
    }
}
