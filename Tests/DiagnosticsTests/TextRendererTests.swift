// TextRendererTests.swift: the form of a diagnostic, byte for byte.

import Diagnostics
import Testing

struct TextRendererTests {
    static let orders = SourceFile(
        path: "scripts/orders.bay",
        text: """
            record Order {
              id: string
            }
            handler settle(event: Event<Order>) {
              receipts.save("r:${id}", oder.receipt)
            }

            """)
    static let routes = SourceFile(
        path: "routes/orders/routes.bay",
        text: """
            subscribe "pubsub/orders" {
              on "order.paid" where event.data.totl > 100 => orders.review
            }

            """)
    static let sources = SourceMap(files: [orders, routes])

    /// The range of `text` in a file, where it stands for the first time.
    static func range(_ text: String, in index: Int, of map: SourceMap = sources) -> SourceRange {
        let bytes = map.files[index].bytes
        let wanted = Array(text.utf8)
        let start = bytes.indices.first { bytes[$0...].starts(with: wanted) } ?? 0
        return SourceRange(
            file: SourceFileID(UInt32(index)), start: UInt32(start), end: UInt32(start + wanted.count))
    }

    static func text(_ diagnostic: Diagnostic, in map: SourceMap = sources, ascii: Bool = false) -> String {
        TextRenderer(colour: false, ascii: ascii).render(diagnostic, in: map)
    }

    @Test func `title, place, line, carets, help`() {
        let diagnostic = Diagnostic(
            code: .unknownName, title: "unknown name `oder`",
            primary: Label(TextRendererTests.range("oder", in: 0), "not defined in handler `settle`"),
            help: ["did you mean `order`, bound on line 2?"])
        #expect(
            TextRendererTests.text(diagnostic) == """
                error[E0301]: unknown name `oder`
                  ┌─ scripts/orders.bay:5:28
                  │
                5 │   receipts.save("r:${id}", oder.receipt)
                  │                            ^^^^ not defined in handler `settle`
                  │
                  = help: did you mean `order`, bound on line 2?

                """)
    }

    @Test func `a place in another file has its own snippet`() {
        let diagnostic = Diagnostic(
            code: .unknownField, title: "`Order` has no field `totl`",
            primary: Label(TextRendererTests.range("totl", in: 1), "fields are `id`, `total`, `lines`"),
            related: [Label(TextRendererTests.range("Order", in: 0), "event type `order.paid` carries this record")],
            fix: Suggestion(
                range: TextRendererTests.range("totl", in: 1), replacement: "total", text: "replace `totl` with `total`"
            ))
        #expect(
            TextRendererTests.text(diagnostic) == """
                error[E0407]: `Order` has no field `totl`
                  ┌─ routes/orders/routes.bay:2:36
                  │
                2 │   on "order.paid" where event.data.totl > 100 => orders.review
                  │                                    ^^^^ fields are `id`, `total`, `lines`
                  ├─ scripts/orders.bay:1:8
                  │
                1 │ record Order {
                  │        ----- event type `order.paid` carries this record
                  │
                  = fix: replace `totl` with `total`

                """)
    }

    @Test func `labels on one line share it, the rightmost text beside its marks`() {
        let map = SourceMap(files: [SourceFile(path: "a.bay", text: "let x = foo + bar\n")])
        let diagnostic = Diagnostic(
            code: .wrongType, title: "these do not fit",
            primary: Label(TextRendererTests.range("foo", in: 0, of: map), "a string"),
            related: [
                Label(TextRendererTests.range("bar", in: 0, of: map), "an int"),
                Label(TextRendererTests.range("x", in: 0, of: map), "so this is unknown"),
            ])
        #expect(
            TextRendererTests.text(diagnostic, in: map) == """
                error[E0401]: these do not fit
                  ┌─ a.bay:1:9
                  │
                1 │ let x = foo + bar
                  │     -   ^^^   --- an int
                  │     │   a string
                  │     so this is unknown

                """)
    }

    @Test func `a long file has a wider margin`() {
        let map = SourceMap(files: [
            SourceFile(path: "a.bay", text: String(repeating: "\n", count: 99) + "oops\n"),
            SourceFile(path: "b.bay", text: "first\n"),
        ])
        let diagnostic = Diagnostic(
            code: .outOfFuel, title: "handler `settle` ran out of fuel after 1000000 steps",
            primary: Label(TextRendererTests.range("oops", in: 0, of: map), "it was here"),
            related: [Label(TextRendererTests.range("first", in: 1, of: map), "it began here")],
            notes: [Note("event", "order.paid id=9f2c"), Note("effects already carried out", "inventory.one")],
            help: ["split the work,\nor raise `fuel`"])
        #expect(
            TextRendererTests.text(diagnostic, in: map) == """
                fault[F0902]: handler `settle` ran out of fuel after 1000000 steps
                    ┌─ a.bay:100:1
                    │
                100 │ oops
                    │ ^^^^ it was here
                    ├─ b.bay:1:1
                    │
                  1 │ first
                    │ ----- it began here
                    │
                    = event: order.paid id=9f2c
                    = effects already carried out: inventory.one
                    = help: split the work,
                            or raise `fuel`

                """)
    }

    @Test func `without a place there is no frame`() {
        let diagnostic = Diagnostic(
            code: .unknownHandler, title: "port 8080 is taken", primary: nil, help: ["choose another with --port"])
        #expect(
            TextRendererTests.text(diagnostic) == """
                error[E0504]: port 8080 is taken
                  = help: choose another with --port

                """)
    }

    @Test(arguments: [
        (line: "\tlet oder = 1", marker: "        ^^^^ x"),  // a tab is four cells
        (line: "\"日本\" oder", marker: "       ^^^^ x"),  // wide characters are two
        (line: "e\u{301}e\u{301} oder", marker: "   ^^^^ x"),  // combining marks are none
        (line: "👩‍👩‍👧 oder", marker: "   ^^^^ x"),  // one emoji of several
        (line: "größe oder", marker: "      ^^^^ x"),
        (line: "oder\r", marker: "^^^^ x"),
    ])
    func `carets stand below what they mean`(line: String, marker: String) {
        let map = SourceMap(files: [SourceFile(path: "a.bay", text: line + "\n")])
        let diagnostic = Diagnostic(
            code: .unknownName, title: "t", primary: Label(TextRendererTests.range("oder", in: 0, of: map), "x"))
        let lines = TextRendererTests.text(diagnostic, in: map).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[4] == "  │ " + marker)
        #expect(!lines[3].contains("\t") && !lines[3].contains("\r"))
    }

    @Test func `an end of a file or a line can be pointed at`() {
        let map = SourceMap(files: [SourceFile(path: "a.bay", text: "ab\ncd")])
        for (offset, place) in [(2, "1:3"), (5, "2:3")] as [(UInt32, String)] {
            let range = SourceRange(file: SourceFileID(0), start: offset, end: offset)
            let text = TextRendererTests.text(
                Diagnostic(code: .expected, title: "t", primary: Label(range, "")), in: map)
            #expect(text.contains("a.bay:\(place)\n"))
            #expect(text.hasSuffix("  │   ^\n"))
        }
    }

    @Test func `what goes over several lines is marked to the end of the first`() {
        let map = SourceMap(files: [SourceFile(path: "a.bay", text: "let x = [\n1\n]\n")])
        let range = SourceRange(file: SourceFileID(0), start: 8, end: 13)
        let text = TextRendererTests.text(
            Diagnostic(code: .expected, title: "t", primary: Label(range, "here")), in: map)
        #expect(text.hasSuffix("1 │ let x = [\n  │         ^ here\n"))
    }

    @Test func `plain ASCII for terminals that want it`() {
        let map = SourceMap(files: [SourceFile(path: "a.bay", text: "größe … oder\n")])
        let diagnostic = Diagnostic(
            code: .unknownName, title: "unknown “oder”",
            primary: Label(TextRendererTests.range("oder", in: 0, of: map), "dort…"))
        #expect(
            TextRendererTests.text(diagnostic, in: map, ascii: true) == """
                error[E0301]: unknown "oder"
                  --> a.bay:1:9
                  |
                1 | gr??e ... oder
                  |         ^^^^ dort...

                """)
    }

    @Test func `a line of a megabyte is cut around the place`() {
        let text = String(repeating: "a", count: 500_000) + "oder" + String(repeating: "b", count: 500_000)
        let map = SourceMap(files: [SourceFile(path: "a.bay", text: text)])
        let range = SourceRange(file: SourceFileID(0), start: 500_000, end: 500_004)
        let lines = TextRendererTests.text(
            Diagnostic(code: .expected, title: "t", primary: Label(range, "here")), in: map
        ).split(separator: "\n")
        #expect(lines[3].count < 160)
        #expect(lines[3].hasPrefix("1 │ …a") && lines[3].hasSuffix("b…"))
        let column = lines[4].prefix { $0 != "^" }.count
        #expect(lines[3].dropFirst(column).hasPrefix("oder"))
    }

    @Test func `bytes that are no text and characters that steer a terminal are shown, not obeyed`() {
        let map = SourceMap(files: [
            SourceFile(path: "a.bay", bytes: Array("a\u{1B}[31m \u{202E}".utf8) + [0xFF, 0xFE] + Array(" oder\n".utf8))
        ])
        let range = TextRendererTests.range("oder", in: 0, of: map)
        let text = TextRendererTests.text(
            Diagnostic(code: .expected, title: "t\u{1B}[0m", primary: Label(range, "")), in: map)
        #expect(!text.contains("\u{1B}"))
        #expect(!text.unicodeScalars.contains("\u{202E}"))
        #expect(text.contains("␛[31m"))
        #expect(text.contains("oder"))
    }

    @Test func `colours paint, and no line ends in a space`() {
        let diagnostic = Diagnostic(
            code: .unusedBinding, title: "unused", primary: Label(TextRendererTests.range("Order", in: 0), ""))
        let coloured = TextRenderer(colour: true, ascii: false).render(diagnostic, in: TextRendererTests.sources)
        #expect(coloured.hasPrefix("\u{1B}[1;33mwarning[W0801]\u{1B}[0m"))
        let plain = TextRendererTests.text(diagnostic)
        #expect(plain.split(separator: "\n").allSatisfy { !$0.hasSuffix(" ") })
    }

    @Test func `several diagnostics have a blank line between them`() {
        let one = Diagnostic(code: .unknownName, title: "a", primary: nil)
        let text = TextRenderer(colour: false, ascii: false).render([one, one], in: TextRendererTests.sources)
        #expect(text == "error[E0301]: a\n\nerror[E0301]: a\n")
        #expect(TextRenderer(colour: false, ascii: false).render([], in: TextRendererTests.sources) == "")
    }
}

struct JSONRendererTests {
    @Test func `one object a line with everything that the text says`() {
        let range = TextRendererTests.range("totl", in: 1)
        let diagnostic = Diagnostic(
            code: .unknownField, title: "no \"totl\"", primary: Label(range, "here\n"),
            related: [Label(TextRendererTests.range("Order", in: 0), "there")], notes: [Note("event", "e")],
            help: ["h"], fix: Suggestion(range: range, replacement: "total", text: "do it"))
        let json = JSONRenderer().render([diagnostic], in: TextRendererTests.sources)
        let place =
            #""path":"routes/orders/routes.bay","start":63,"end":67,"line":2,"column":36,"endLine":2,"endColumn":40"#
        let other = #""path":"scripts/orders.bay","start":7,"end":12,"line":1,"column":8,"endLine":1,"endColumn":13"#
        #expect(
            json == #"{"code":"E0407","severity":"error","title":"no \"totl\"","labels":[{"#
                + place + #","text":"here\n","primary":true},{"# + other
                + #","text":"there","primary":false}],"notes":{"event":"e"},"help":["h"],"fix":{"#
                + place + #","replacement":"total","text":"do it"}}"# + "\n")
    }

    @Test func `without a place and a fix there is an empty list and null`() {
        let json = JSONRenderer().render(
            [Diagnostic(code: .unknownName, title: "\u{1}", primary: nil)], in: TextRendererTests.sources)
        #expect(
            json
                == #"{"code":"E0301","severity":"error","title":"\u0001","labels":[],"notes":{},"help":[],"fix":null}"#
                + "\n")
    }
}
