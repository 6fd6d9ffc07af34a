// SyntaxFuzzTests.swift: whatever bytes come, the parser neither traps nor dawdles, and keeps its promises.

import Diagnostics
import Foundation
import Language
import Testing

/// A small generator with a seed, so that a failure can be repeated.
private struct Dice {
    var state: UInt64
    mutating func roll(_ sides: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(max(1, sides)))
    }
}

/// Processor time, so that a busy machine is no slow parser.
private func secondsOfThisThread() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

struct SyntaxFuzzTests {
    static let corpus: [[UInt8]] = {
        let shipped = SyntaxShippedTests.shippedFiles.compactMap {
            try? Array(Data(contentsOf: SyntaxShippedTests.root.appending(path: $0)))
        }
        return shipped + SyntaxGoldenTests.cases.map { Array($0.source.utf8) } + [Array(everything.utf8)]
    }()

    static let everything = """
        # all of it
        record A { id: string(1..256), n: int(0..) = 1, c: "x" | "y"?\n d: [{float}](..3) }
        event "a.v1": A; let limit: duration = 1h30m
        fn f(a, b: int) -> int { if a { b } else if b { 2 } else { { x: 1 } } }
        lock locks = secret("a/b", "c") (x: 1..2)
        subscribe "p/t" (match: "all") { on "a", "b*" as n where event.x in ..5 and not exists(event.y) => m.h\n otherwise { x } }
        get "/x/{id}" (limit: 5) => a.b.c; serve "a.proto" as x.Y { Get => a.b }; job "n" => a.b
        handler h(event: Event<A>) {
          let t = [l.p * l.q for l in ls where l.q > 0].sum(.x, by: -1); var u = { [k]: v for k, v in o }
          u += 1; for i in 0..<10 where i % 2 == 0 { continue }
          match event.data { { kind: "card", l: string } as c => f(c), [a, ...r] { break }\n 1 | -2..5 => 3, otherwise => fail invalid("x") }
          update s["k:${t}"] (tries: 10) as cur { (cur ?? 0) + 1 } catch e { return respond(status: 4) }
          db.exec \"\"\"
            INSERT ${t ?? fail not_found("${"deep ${u}"}")}
            VALUES r"d"
            \"\"\"
          let b = together { a: db.one "x" catch { q: 0 }, b: any(x in y where x) }
          transaction db { retry "why" }; drop
        }
        """

    static let pieces = [
        "(", ")", "[", "]", "{", "}", "\"", "\"\"\"", "${", "\\", "\n", "\r\n", " ", "=>", "->", "=", "==", "..", "..<",
        "...", ".", "?.", "??",
        "?", ",", ";", ":", "|", "-", "+", "*", "/", "%", "!", "&&", "||", "'", "#", "//", "/*", "“", "–", "é", "\u{0}",
        "\u{FEFF}", "0x", "1_", "1h",
        "9999999999999999999", "1.5e", "64kb", "r\"", "if ", "else ", "match ", "for x in ", "let x = ", "return ",
        "fail ", "catch e {", "not ", "in ",
        "update s[k] as c {", "together ", "any(", "exists(", "handler a(e) {", "record A {", "subscribe \"a\" {",
        "on \"x\"", "where ", "as ", "otherwise ",
    ]

    private static func mutate(_ source: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = source
        for _ in 0...dice.roll(6) {
            let place = dice.roll(bytes.count + 1)
            switch dice.roll(6) {
            case 0 where place < bytes.count: bytes[place] = UInt8(dice.roll(256))
            case 1: bytes.insert(contentsOf: Array(pieces[dice.roll(pieces.count)].utf8), at: place)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + dice.roll(8)))
            case 3 where place < bytes.count:
                let end = min(bytes.count, place + 1 + dice.roll(40))
                bytes.insert(contentsOf: bytes[place..<end], at: dice.roll(bytes.count + 1))
            case 4: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: Array(pieces[dice.roll(pieces.count)].utf8), at: place)
            }
        }
        return bytes
    }

    /// What holds of every parse.
    static func check(_ parsed: Parsed, _ context: String) {
        let count = UInt32(parsed.source.bytes.count)
        #expect(parsed.diagnostics.count <= 50)
        #expect(parsed.tree.hasErrors == !parsed.diagnostics.isEmpty)
        var last: UInt32 = 0
        for diagnostic in parsed.diagnostics {
            let ranges =
                ([diagnostic.primary] + diagnostic.related).compactMap { $0?.range }
                + [diagnostic.fix?.range].compactMap { $0 }
            for range in ranges where range.start > range.end || range.end > count {
                Issue.record("\(context): \(diagnostic.title) is out of the file")
            }
            let start = diagnostic.primary?.range.start ?? 0
            if start < last { Issue.record("\(context): not in order") }
            last = start
        }
        var hasErrorNode = false
        for raw in 0..<UInt32(parsed.tree.nodeCount) {
            let node = NodeID(raw)
            let range = parsed.tree.range(of: node)
            if range.start > range.end || range.end > count {
                Issue.record("\(context): a \(parsed.tree.kind(of: node)) is out of the file")
            }
            for child in parsed.tree.children(of: node) where child.exists && child.rawValue >= raw {
                Issue.record("\(context): a child comes after its parent")
            }
            if parsed.tree.kind(of: node) == .error { hasErrorNode = true }
        }
        if hasErrorNode, parsed.diagnostics.isEmpty {
            Issue.record(
                "\(context): an error node without a word in \(parsed.source.bytes.count < 4000 ? String(decoding: parsed.source.bytes, as: UTF8.self).debugDescription : "")"
            )
        }
        if parsed.diagnostics.count < 8 {
            _ = parsed.dump
            _ = TextRenderer(colour: true, ascii: false).render(
                parsed.diagnostics, in: SourceMap(files: [parsed.source]))
            _ = JSONRenderer().render(parsed.diagnostics, in: SourceMap(files: [parsed.source]))
        }
    }

    @Test func `all of the language parses`() {
        #expect(Parsed(SyntaxFuzzTests.everything).titles == [])
    }

    @Test(arguments: 1...8)
    func `mutated text neither traps nor breaks a promise`(seed: Int) {
        var dice = Dice(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
        let rounds = Int(ProcessInfo.processInfo.environment["PATCHBAY_FUZZ_ROUNDS"] ?? "") ?? 400
        for round in 0..<rounds {
            let source = SyntaxFuzzTests.corpus[dice.roll(SyntaxFuzzTests.corpus.count)]
            let mutated = SyntaxFuzzTests.mutate(source, &dice)
            SyntaxFuzzTests.check(Parsed(bytes: mutated), "seed \(seed), round \(round)")
        }
    }

    @Test func `every beginning of a text can be parsed`() {
        let bytes = Array(SyntaxFuzzTests.everything.utf8)
        for end in stride(from: 0, through: bytes.count, by: 3) {
            SyntaxFuzzTests.check(Parsed(bytes: Array(bytes[..<end])), "the first \(end)")
        }
    }

    static let monotone = [
        "(", "[", "{", "}", ")", "\"${", "\"", "\"\"\"", "\"\"\"\n${", "a.", "a+", "a ", "-", "not ", "if a {} else ",
        "if a {", "{\n  }\n", "'", "“", "é", "–a",
        "\"\\q\"", "let x = ", "handler a(e) {\n", "0x", "1h", ";", ",", "a, ", "[a,", "{a: ", "a ?? fail ", "return ",
        "x => ", "a catch ", "a catch e {} ",
        "fn f(a) { a: 1 ", "on \"a\" ", "match a {", "a\n", "..", "a..", "|", "let x: [", "let x: A<", "f(a b ",
        "//x\n", "/*", "\u{0}", "\r", "#\n", "a ? ",
        "(]", "{)", "({[", "x = ", "a == ", "\n  }", "fn f() =\n", "}\n{", "\"${a}", "r\"", "a\"\"",
    ]

    @Test(arguments: monotone)
    func `a long monotone text ends in time that grows with its length`(piece: String) {
        func seconds(_ length: Int) -> Double {
            let bytes = Array(String(repeating: piece, count: length / piece.utf8.count).utf8)
            var best = Double.infinity
            for _ in 0..<2 {
                let start = secondsOfThisThread()
                let parsed = Parsed(bytes: bytes)
                best = min(best, secondsOfThisThread() - start)
                #expect(parsed.diagnostics.count <= 50)
            }
            return best
        }
        let short = seconds(20_000)
        let long = seconds(80_000)
        #expect(long < short * 12 + 0.1, "\(piece.debugDescription): \(short) s, then \(long) s")
    }

    @Test func `a megabyte of brackets is one message`() {
        for piece in ["(", "[", "{"] {
            let parsed = Parsed(bytes: Array(repeating: Array(piece.utf8)[0], count: 1 << 20))
            #expect(parsed.codes == ["E0206"])
            #expect(parsed.diagnostics.first?.primary?.range.start == 200)
        }
    }

    @Test func `two hundred levels are fine and one more is not, whatever they are made of`() {
        for (open, inner, close) in [
            ("(", "1", ")"), ("[", "1", "]"), ("{ a: ", "1", " }"), ("f(", "1", ")"), ("\"${", "1", "}\""),
            ("-", "1", ""), ("not ", "a", ""),
            ("if a { ", "1", " }"),
        ] {
            func nested(_ depth: Int) -> [String] {
                Parsed(
                    "let x = " + String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
                        + "\n"
                ).codes
            }
            #expect(nested(open.hasPrefix("if") ? 100 : 200) == [], "\(open)")
            #expect(nested(201) == ["E0206"], "\(open)")
        }
    }

    @Test func `a chain ends before whoever walks the tree runs out of stack`() {
        #expect(Parsed("let x = a" + String(repeating: " + a", count: 900)).codes == [])
        #expect(Parsed("let x = a" + String(repeating: " + a", count: 1100)).codes == ["E0206"])
        #expect(Parsed("let x = a" + String(repeating: ".b", count: 100_000)).codes == ["E0206"])
    }

    @Test func `fifty messages a file at most`() {
        #expect(Parsed(String(repeating: "let x = *\n", count: 200)).codes.count == 50)
        #expect(Parsed(String(repeating: "let x = \"\n", count: 200)).codes.count == 50)
        #expect(Parsed(String(repeating: "let x = )\n", count: 200)).codes.count == 50)
    }
}
