// StatementPlacesTests.swift: a place in the SQL that a database was sent is the right place in the `.bay` file.

import Diagnostics
import Machine
import Testing

@testable import Language

struct StatementPlacesTests {
    /// The statement of a handler whose only effect is this literal.
    private static func compiled(_ literal: String, line: String = "\n") throws -> (CompiledStatement, SourceMap) {
        let routes = "database db = env(\"DB\")\nget \"/a/{id}\" => main.run\n"
        let script =
            "handler run(request: Request) {\(line)  let id = request.params.id\(line)"
            + "  return db.rows \(literal)\(line)}\(line)"
        let result = Compiler.compile([
            DeploymentFile(source: SourceFile(path: "routes/app/routes.bay", text: routes), module: nil),
            DeploymentFile(source: SourceFile(path: "scripts/main.bay", text: script), module: "main"),
        ])
        let shown = TextRenderer(colour: false, ascii: true).render(result.diagnostics, in: result.sources)
        let deployment = try #require(result.deployment, "\(shown)")
        return (try #require(deployment.statements.first), deployment.sources)
    }

    private static func text(_ range: SourceRange, _ sources: SourceMap) -> String {
        String(decoding: sources[range.file].bytes[Int(range.start)..<Int(range.end)], as: UTF8.self)
    }

    struct Case: Sendable {
        let literal: String
        /// What the server counts from, in the text that it got.
        let before: String
        let shown: String
    }

    @Test(arguments: [
        Case(literal: #""SELECT nope FROM t""#, before: "SELECT ", shown: "nope"),
        Case(literal: #""SELECT w.nope FROM t""#, before: "SELECT ", shown: "w.nope"),
        Case(literal: #""SELECT 'é😀', nope FROM t""#, before: "SELECT 'é😀', ", shown: "nope"),
        Case(literal: #""SELECT 1,\tnope FROM t""#, before: "SELECT 1,\t", shown: "nope"),
        Case(literal: #""SELECT '\u{1F600}', nope FROM t""#, before: "SELECT '😀', ", shown: "nope"),
        Case(literal: #""SELECT \"No Pe\" FROM t""#, before: "SELECT ", shown: #"\"No Pe\""#),
        Case(literal: #""SELECT w.\"No\".x FROM t""#, before: "SELECT ", shown: #"w.\"No\".x"#),
        Case(literal: #""SELECT n\u{6f}pe FROM t""#, before: "SELECT ", shown: #"n\u{6f}pe"#),
        Case(literal: #"r"SELECT '\n', nope FROM t""#, before: #"SELECT '\n', "#, shown: "nope"),
        Case(literal: #""SELECT ${id}, nope FROM t""#, before: "SELECT $1, ", shown: "nope"),
        Case(literal: #""SELECT ${id.replace("x", "y")} FROM t""#, before: "SELECT ", shown: #"id.replace("x", "y")"#),
        Case(literal: #""SELECT ${id}::int + ${id}""#, before: "SELECT $1::int + ", shown: "id"),
        Case(literal: #""SELECT a->>'b' FROM t""#, before: "SELECT a", shown: "->>"),
        Case(literal: #""SELECT /* nope /* */ */ nope FROM t""#, before: "SELECT /* nope /* */ */ ", shown: "nope"),
        Case(literal: #""SELECT $x$nope$x$ FROM t""#, before: "SELECT ", shown: "$x$nope$x$"),
        Case(literal: #""SELECT 1 +""#, before: "SELECT 1 +", shown: #"""#),
        Case(
            literal: "\"\"\"\n    SELECT ${id},\n      nope\n    FROM t\n    \"\"\"", before: "SELECT $1,\n  ",
            shown: "nope"),
        Case(literal: "\"\"\"\n    SELECT \"a b\"\n    FROM t\n    \"\"\"", before: "SELECT ", shown: "\"a b\""),
        Case(literal: "\"\"\"\n    SELECT 1 +\n    \"\"\"", before: "SELECT 1 +", shown: "\"\"\""),
        Case(literal: "\"\"\"\n\n    SELECT é,\n\n    nope\n    \"\"\"", before: "\nSELECT é,\n\n", shown: "nope"),
    ])
    func `a position of the server points at the whole word`(expected: Case) throws {
        let (statement, sources) = try Self.compiled(expected.literal)
        #expect(statement.text.hasPrefix(expected.before), "\(statement.text)")
        let places = StatementPlaces(statement, in: sources)
        let position = expected.before.unicodeScalars.count + 1
        let range = places.word(atCharacter: position)?.range ?? places.end
        #expect(Self.text(range, sources) == expected.shown)
    }

    @Test(arguments: [
        (sql: "SELECT w.Price FROM t w", last: "Price", isReplaceable: true),
        (sql: #"SELECT \"price\" FROM t"#, last: #""price""#, isReplaceable: false),
        (sql: #"SELECT pri\u{63}e FROM t"#, last: "price", isReplaceable: false),
        (sql: "SELECT 'x', price FROM t", last: "'x'", isReplaceable: false),
    ])
    func `only a word that stands there letter for letter can be replaced`(
        sql: String, last: String, isReplaceable: Bool
    ) throws {
        let (statement, sources) = try Self.compiled("\"\(sql)\"")
        let word = try #require(StatementPlaces(statement, in: sources).word(atCharacter: 8))
        #expect(word.lastText == last && word.isReplaceable == isReplaceable)
    }

    @Test func `a column is found by its name, not inside of strings and comments`() throws {
        let (statement, sources) = try Self.compiled(#""SELECT 'price', /* price */ sum(q) AS Price FROM t""#)
        let places = StatementPlaces(statement, in: sources)
        let word = try #require(places.word(named: "price"))
        #expect(Self.text(word.range, sources) == "Price")
        #expect(places.word(named: "cost") == nil)
        #expect(places.firstWord?.text == "SELECT")
    }

    /// A literal with the place of each byte of its text, known because it is written piece by piece.
    private struct Written {
        var source = ""
        var value: [(byte: UInt8, piece: String)] = []

        mutating func add(_ piece: String, _ meaning: String) {
            source += piece
            for byte in meaning.utf8 { value.append((byte, piece)) }
        }
    }

    private static let pieces: [(written: String, meaning: String)] = [
        ("a", "a"), ("column_b ", "column_b "), (" ", " "), ("é", "é"), ("😀", "😀"), ("\\u{e9}", "é"), ("\\t", "\t"),
        ("\\u{1F600}", "😀"), ("\\n", "\n"), ("\\\"q\\\"", "\"q\""), ("'s''t'", "'s''t'"), (", ", ", "), ("1.5", "1.5"),
        ("\\$ ", "$ "), ("\\\\", "\\"), ("e\u{301}", "e\u{301}"), ("$ ", "$ "),
    ]

    private static func literal(_ dice: inout SplitMix64, line: String) -> Written {
        var written = Written()
        let isBlock = dice.roll(2) == 0
        let indent = isBlock ? String(repeating: dice.pick([" ", "\t"]), count: dice.roll(5)) : ""
        var parameters = 0
        func addLine(_ dice: inout SplitMix64, isFirst: Bool) {
            // A blank line may be shorter than the indent.
            if isBlock, !isFirst, dice.roll(6) == 0 { return }
            written.source += indent
            for _ in 0..<dice.roll(7) {
                if dice.roll(5) == 0 {
                    parameters += 1
                    let expression = dice.pick(["id", "\"${id}é\"", "request.query.b"])
                    written.source += "${"
                    written.add(expression, "$\(parameters)")
                    written.source += "}"
                } else {
                    let piece = dice.pick(pieces)
                    written.add(piece.written, piece.meaning)
                }
            }
        }
        if isBlock {
            written.source += "\"\"\"" + line
            let count = 1 + dice.roll(4)
            for number in 0..<count {
                addLine(&dice, isFirst: number == 0)
                if number == 0 { written.add("x", "x") }
                if number < count - 1 {
                    if line == "\r\n" { written.source += "\r" }
                    written.add("\n", "\n")
                }
            }
            written.source += line + indent + "\"\"\""
        } else {
            written.source += "\""
            addLine(&dice, isFirst: true)
            written.add("x", "x")
            written.source += "\""
        }
        return written
    }

    @Test(arguments: 0..<40)
    func `every byte of the text maps to the piece that it was written as`(seed: Int) throws {
        var dice = SplitMix64(state: UInt64(seed) &* 7919)
        for _ in 0..<25 {
            let line = dice.roll(3) == 0 ? "\r\n" : "\n"
            let written = Self.literal(&dice, line: line)
            let (statement, sources) = try Self.compiled(written.source, line: line)
            #expect(Array(statement.text.utf8) == written.value.map(\.byte), "\(written.source)")
            let places = StatementPlaces(statement, in: sources)
            var last: UInt32 = statement.literal.start
            for (offset, expected) in written.value.enumerated() {
                let range = places.range(ofBytes: offset..<offset + 1)
                #expect(range.start >= last && range.end <= statement.literal.end)
                last = range.start
                let bytes = Array(sources[range.file].bytes[Int(range.start)..<Int(range.end)])
                let isWhole = bytes == Array(expected.piece.utf8)
                // A letter, an escape or a byte of a character: in any case a part of that piece, standing for this byte.
                let isPart = bytes == [expected.byte] || bytes.first == UInt8(ascii: "\\")
                #expect(
                    isWhole || isPart && expected.piece.utf8.contains(bytes[0]),
                    "byte \(offset) of \(written.source) is at \(bytes)")
            }
        }
    }

    @Test func `parameters carry what is known of them, and anything where nothing is`() throws {
        let routes = """
            database db = env("DB")
            event "a": Order
            record Order { n: int, tags: [string], kind: "x" | "y", note: string? }
            subscribe "bus/t" (dead_letter: "d") { on "a" {
              db.exec "SELECT ${event.data.n}, ${event.data.tags}, ${event.data.kind}, ${event.data.note}, ${event.data}, ${event.id == "x"}, ${event.data["more"]}"
            } }

            """
        let result = Compiler.compile([
            DeploymentFile(source: SourceFile(path: "routes/app/routes.bay", text: routes), module: nil)
        ])
        let statement = try #require(result.deployment?.statements.first)
        let known = statement.parameters.map { parameter in
            switch parameter.value {
            case .anything: "anything"
            case .kind(let kind): kind.name
            case .list(of: .kind(let kind)): "[\(kind.name)]"
            case .list: "list"
            case .oneOf(let constants): constants.map(\.text).joined(separator: "|")
            }
        }
        #expect(known == ["int", "[string]", "\"x\"|\"y\"", "string", "object", "bool", "anything"])
        #expect(statement.label == "db.exec" && statement.kind == .sqlExecute)
    }

    @Test func `a statement that no route reaches is not among them`() throws {
        let result = Compiler.compile([
            DeploymentFile(
                source: SourceFile(
                    path: "routes/app/routes.bay", text: "database db = env(\"DB\")\nget \"/\" => m.a\n"),
                module: nil),
            DeploymentFile(
                source: SourceFile(
                    path: "scripts/m.bay",
                    text:
                        "handler a(r) { return db.one \"SELECT 1\" }\nhandler b(r) { return other.one \"SELECT 2\" }\n"),
                module: "m"),
        ])
        #expect(try #require(result.deployment).statements.map(\.text) == ["SELECT 1"])
    }

    @Test(arguments: [
        ("CREATE TABLE later (id int)", "later" as String?),
        ("create temp table if not exists Later (id int)", "later"),
        ("CREATE UNLOGGED TABLE s.\\\"Odd\\\" (id int)", "Odd"), ("CREATE OR REPLACE VIEW v AS SELECT 1", "v"),
        ("CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1", "m"), ("CREATE INDEX ON later (id)", nil),
        ("INSERT INTO later VALUES (1)", nil), ("CREATE TABLE", nil), ("/* CREATE TABLE a */ SELECT 1", nil),
        ("CREATE TABLE IF", nil),
    ])
    func `a statement that creates a table is known by its words`(sql: String, table: String?) throws {
        #expect(try Self.compiled("\"\(sql)\"").0.createdTable == table)
    }

    @Test(arguments: 0..<20)
    func `any text has its words, in order and inside of it`(seed: Int) {
        var dice = SplitMix64(state: UInt64(seed) &* 104_729)
        let pieces = [
            "'", "\"", "E'", "$", "$1", "$a$", "--", "/*", "*/", "\n", "\\", ".", "create", "table", "if", "é", "a1",
            "1.5", "||", " ",
        ]
        for _ in 0..<200 {
            let text = Array((0..<dice.roll(24)).map { _ in dice.pick(pieces) }.joined().utf8)
            var end = 0
            for token in SQLToken.all(in: text) {
                #expect(token.bytes.lowerBound >= end && !token.bytes.isEmpty && token.bytes.upperBound <= text.count)
                end = token.bytes.upperBound
            }
        }
    }
}
