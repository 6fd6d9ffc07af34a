// FormatterTests.swift: one canonical form, the same tree, the same comments, and nothing left to do.

import Diagnostics
import Foundation
import Language
import Testing

struct FormatterTests {
    static func format(_ text: String) -> String? { Formatted(text).text }

    static func comments(_ parsed: Parsed) -> [String] {
        parsed.tree.comments.map {
            String(decoding: parsed.source.bytes[Int($0.start)..<Int($0.end)], as: UTF8.self)
                .trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "# ", with: "#")
        }
    }

    /// Formats and checks what must hold of every file.
    @discardableResult
    static func checked(_ text: String) throws -> String {
        let once = try #require(format(text))
        #expect(format(once) == once, "formatting again changes it")
        let before = Parsed(text)
        let after = Parsed(once)
        #expect(after.titles == [])
        #expect(after.dump == before.dump)
        #expect(comments(after) == comments(before))
        #expect(!once.contains(" \n") || once.contains("\"\"\""))
        return once
    }

    @Test(arguments: SyntaxShippedTests.shippedFiles)
    func `a shipped file is in canonical form`(path: String) throws {
        let text = try String(contentsOf: SyntaxShippedTests.root.appending(path: path), encoding: .utf8)
        #expect(try FormatterTests.checked(text) == text)
    }

    @Test(arguments: [
        ("", ""), ("\n\n# a\n\n\n\nlet x=1\n\n\n", "# a\n\nlet x = 1\n"),
        ("let x = 1;let y = 2;", "let x = 1\nlet y = 2\n"),
        ("let x=-1+ -y*3-2", "let x = -1 + -y * 3 - 2\n"), ("let x=[1,2,3,]", "let x = [1, 2, 3]\n"),
        ("let x={a:1,[b]:2,c,...d}", "let x = { a: 1, [b]: 2, c, ...d }\n"),
        ("let x = { }", "let x = {}\n"),
        ("fn f(a:int,b:[{T}]?)->Event<A> ?=a", "fn f(a: int, b: [{T}]?) -> Event<A>? = a\n"),
        ("let x: Event<A>=1", "let x: Event<A> = 1\n"), ("let x:{ [int](1 ..2) }|1=1", "error"),
        ("let x: \"a\"|\"b\"= y", "let x: \"a\" | \"b\" = y\n"),
        ("let x = a . b ?. c ( d , e : 1 ) [ 0 ]", "let x = a.b?.c(d, e: 1)[0]\n"),
        ("let x = l.sort_by( .price,by: .a . b )", "let x = l.sort_by(.price, by: .a.b)\n"),
        ("let x = a in 1 .. 5 and b in ..<3 or c not in 1..", "let x = a in 1..5 and b in ..<3 or c not in 1..\n"),
        ("let x = not( a ) and any( b in c where d )", "let x = not (a) and any(b in c where d)\n"),
        ("fn f() {return(1)}", "fn f() { return (1) }\n"),
        ("fn f() { a;\nb }", "fn f() {\n  a\n  b\n}\n"), ("fn f() {\n\n  a\n\n\n  b\n\n}", "fn f() {\n  a\n\n  b\n}\n"),
        ("fn f() { # c\n a }", "fn f() {  # c\n  a\n}\n"),
        ("fn f() {\n if a { b }\n else { c }\n}", "fn f() {\n  if a { b } else { c }\n}\n"),
        ("let x = f({\na: 1})", "let x = f({\n  a: 1,\n})\n"),
        ("let x = a\n.b(c)\n.d { }", "error"),
        ("record A {a:int,b:int,}", "record A { a: int, b: int }\n"),
        (
            "store a = \"x\"\ndatabase bcd=secret(\"y\")\n\ntopic t = \"z\"",
            "store    a   = \"x\"\ndatabase bcd = secret(\"y\")\n\ntopic t = \"z\"\n"
        ),
        ("get \"/a\"=>a.b\ndelete \"/abc\" => c.d", "get \"/a\"      => a.b\ndelete \"/abc\" => c.d\n"),
        (
            "let x = match a {\n1=>2\n\"long\" { b }\notherwise => 3,\n}",
            "let x = match a {\n  1         => 2\n  \"long\"    { b }\n  otherwise => 3\n}\n"
        ),
        (
            "fn f() {\nlet a = 1 # x\nlet bc = 2 # y\n# z\n}\n#end",
            "fn f() {\n  let a = 1   # x\n  let bc = 2  # y\n  # z\n}\n#end\n"
        ),
        ("fn f() {\ndb.exec \"\"\"\nA\n  B\n\n\"\"\"\n}", "fn f() {\n  db.exec \"\"\"\n  A\n    B\n\n  \"\"\"\n}\n"),
        ("let x: int(-5..-1) = -9223372036854775808", "let x: int(-5..-1) = -9223372036854775808\n"),
        (
            "fn f() { update s[k](ttl:1h)as c{c+1} catch e{e} }",
            "fn f() { update s[k] (ttl: 1h) as c { c + 1 } catch e { e } }\n"
        ), ("let x = event.data.on.match", "let x = event.data.on.match\n"),
        ("let x = { in :1,not: 2 }", "let x = { in: 1, not: 2 }\n"),
        ("\u{FEFF}let x = 1\r\nlet y = 2\r\n", "let x = 1\nlet y = 2\n"),
    ])
    func `a text becomes this`(text: String, canonical: String) throws {
        if canonical == "error" { return #expect(FormatterTests.format(text) == nil) }
        #expect(try FormatterTests.checked(text) == canonical)
    }

    @Test(arguments: SyntaxFuzzTests.corpus.filter { Parsed(bytes: $0).diagnostics.isEmpty })
    func `formatting keeps the tree and the comments, and is done after once`(bytes: [UInt8]) throws {
        try FormatterTests.checked(String(decoding: bytes, as: UTF8.self))
    }

    @Test func `every case and every page is left the same by a second time`() throws {
        let cases = SyntaxShippedTests.root.appending(path: "Tests/Conformance/cases")
        let names = FileManager.default.enumerator(atPath: cases.path)?.allObjects.compactMap { $0 as? String } ?? []
        for name in names where name.hasSuffix(".case") {
            let text = try String(contentsOf: cases.appending(path: name), encoding: .utf8)
            for section in text.components(separatedBy: "\n--- ").dropFirst() {
                guard let end = section.firstIndex(of: "\n"), section[..<end].hasSuffix(".bay") else { continue }
                let part = String(section[section.index(after: end)...])
                if Parsed(part).diagnostics.isEmpty { try FormatterTests.checked(part) }
            }
        }
        for page in Catalogue.pages { for file in page.right?.files ?? [] { try FormatterTests.checked(file.text) } }
    }
}
