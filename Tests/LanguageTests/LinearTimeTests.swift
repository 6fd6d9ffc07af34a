// LinearTimeTests.swift: four times the text costs about four times the work, whatever the text is.
//
// Measured in processor time of this thread, which a busy machine does not stretch; linear is 4, quadratic is 16, and
// a test fails from 9 on. `make bench` does the same with instructions (rows `linear-…`).

import Diagnostics
import Foundation
import Language
import Testing

/// A text that grows: what is written before, again and again, and after.
struct GrowingText: Sendable, CustomTestStringConvertible {
    let name: String
    /// The whole text, of about this many bytes.
    let make: @Sendable (Int) -> String
    var testDescription: String { name }

    init(_ name: String, before: String = "", _ piece: @escaping @Sendable (Int) -> String, after: String = "\n") {
        self.name = name
        make = { bytes in
            var text = before
            var number = 0
            while text.utf8.count < bytes {
                text += piece(number)
                number += 1
            }
            return text + after
        }
    }

    private static let handler = "handler run(event) {\n"

    /// Valid or not: the compiler answers.
    static let all: [GrowingText] = [
        GrowingText("open brackets") { _ in "(" },
        GrowingText("nested blocks", before: handler) { _ in "if event.a { " },
        GrowingText("one long line", before: "let xs = [") { _ in "1, " },
        GrowingText("one long name", before: "let ") { _ in "abcdefgh" },
        GrowingText(
            "one long unknown name", before: "handler run(event) { return ", { _ in "abcdefgh" }, after: " }\n"),
        GrowingText("one long comment", before: "# ") { _ in "abcdefgh " },
        GrowingText("comments") { _ in "# a line\n" },
        GrowingText("blank lines") { _ in "\n" },
        GrowingText("carriage returns") { _ in "let a = 1\r\n" },
        GrowingText("zero bytes") { _ in "\u{0}" },
        GrowingText("byte order marks") { _ in "\u{FEFF}" },
        GrowingText("chain of fields", before: "let x = a") { _ in ".b" },
        GrowingText("chain of `??`", before: "handler run(event) { return event.a", { _ in " ?? 1" }, after: " }\n"),
        GrowingText("chain of `or`", before: "let x = true") { _ in " or true" },
        GrowingText(
            "chain of `catch`", before: "handler run(event) { return now()", { _ in " catch 1" }, after: " }\n"),
        GrowingText(
            "chains in statements", before: handler, { "  log.info(event.a\($0).b.c.d.e ?? \"x\")\n" }, after: "}\n"),
        GrowingText("unknown names", before: handler, { "  log.info(unknown\($0))\n" }, after: "}\n"),
        GrowingText("unknown functions", before: handler, { "  unknown\($0)()\n" }, after: "}\n"),
        GrowingText("unknown methods", before: handler, { "  event.data.unknown\($0)()\n" }, after: "}\n"),
        GrowingText("unknown resources", before: handler, { "  unknown\($0).save(\"a\", 1)\n" }, after: "}\n"),
        GrowingText("unknown types") { "fn f\($0)(a: Unknown\($0)) = a\n" },
        GrowingText(
            "unknown fields of a record", before: "record R { a: int }\nfn f(r: R) {\n", { "  r.unknown\($0)\n" },
            after: "}\n"),
        GrowingText(
            "unknown handlers", before: "subscribe \"p/t\" (dead_letter: \"d\") {\n",
            { "  on \"t\($0)\" => main.handler\($0)\n" }, after: "}\n"),
        GrowingText("syntax errors") { _ in "let x = *\n" },
        GrowingText("syntax errors among handlers") { "handler h\($0)(event) { return unknown\($0) }\nlet x = *\n" },
        GrowingText("functions") { "fn f\($0)(a) = a + \($0)\n" },
        GrowingText("wrong names among many that are alike") { "fn f\($0)(a) = g\($0)(a)\n" },
        GrowingText("wrong types among many that are alike") { "record R\($0) { a: S\($0) }\n" },
        GrowingText("handlers that nobody reaches") { "handler h\($0)(event) { return \($0) }\n" },
        GrowingText("functions that call the next") { "fn f\($0)(a) = f\($0 + 1)(a)\n" },
        GrowingText("records") { "record R\($0) { a: int, b: string }\n" },
        GrowingText("records of the next", before: "") { "record R\($0) { a: R\($0 + 1)? }\n" },
        GrowingText("fields of a record", before: "record R {\n", { "  f\($0): int = \($0)\n" }, after: "}\n"),
        GrowingText("constants") { "let c\($0) = \($0)\n" },
        GrowingText("constants of constants", before: "let c0 = 1\n") { "let c\($0 + 1) = c\($0)\n" },
        GrowingText("event types") { "event \"t\($0).v1\": any\n" },
        GrowingText("event types and globs", before: "record R { a: int }\n") {
            "event \"t\($0).v1\": R\nsubscribe \"p/t\($0)\" (dead_letter: \"d\") { on \"*t\($0)*\" => main.run }\n"
        },
        GrowingText("resources") { "store s\($0) = \"statestore\"\n" },
        GrowingText("duplicate names") { _ in "fn same(a) = a\n" },
        GrowingText("duplicate records") { _ in "record Same { a: int }\n" },
        GrowingText("duplicate fields", before: "record R {\n", { _ in "  same: int\n" }, after: "}\n"),
        GrowingText("duplicate locals", before: handler, { _ in "  let same = 1\n" }, after: "}\n"),
        GrowingText(
            "duplicate rules", before: "subscribe \"p/t\" (dead_letter: \"d\") {\n",
            { _ in "  on \"x\" => main.run\n" }, after: "}\n"),
        GrowingText(
            "duplicate globs", before: "subscribe \"p/t\" (dead_letter: \"d\") {\n",
            { _ in "  on \"a*b\" => main.run\n" }, after: "}\n"),
        GrowingText(
            "globs that begin alike", before: "subscribe \"p/t\" (dead_letter: \"d\") {\n",
            { "  on \"a*\($0)\" => main.run\n" }, after: "}\n"),
        GrowingText(
            "patterns of one rule", before: "subscribe \"p/t\" (dead_letter: \"d\") {\n  on ", { "\"t\($0)\", " },
            after: "\"z\" => main.run\n}\n"),
        GrowingText(
            "named rules", before: "subscribe \"p/t\" (dead_letter: \"d\") {\n",
            { "  on \"t\($0)\" as n\($0) => main.run\n" }, after: "}\n"),
        GrowingText("subscriptions") { "subscribe \"p/t\($0)\" (dead_letter: \"d\") { on \"x\" => main.run }\n" },
        GrowingText("endpoints") { "get \"/v1/a\($0)/{id}\" => main.load\n" },
        GrowingText("duplicate endpoints") { _ in "get \"/v1/a/{id}\" => main.load\n" },
        GrowingText("segments of an endpoint", before: "get \"", { "/{a\($0)}" }, after: "\" => main.load\n"),
        GrowingText(
            "conditions of a rule",
            before: "subscribe \"p/t\" (dead_letter: \"d\") {\n  on \"x\" where event.data.a == 1",
            { " and event.data.f\($0 % 900) == \($0)" }, after: " => main.run\n}\n"),
        GrowingText("deep types", before: "fn f(a: ", { _ in "[" }, after: "int\n"),
        GrowingText("a wide union", before: "fn f(a: \"x\"", { " | \"v\($0)\"" }, after: ") = a\n"),
        GrowingText(
            "texts with interpolation", before: "handler run(event) { return \"", { "a${event.f\($0)} " },
            after: "\" }\n"),
        GrowingText(
            "SQL with parameters", before: "database db = \"postgres://x\"\nhandler run(event) { db.exec \"SELECT ",
            { "${event.f\($0)}, " }, after: "1\" }\n"),
        GrowingText("a block text", before: "let t = \"\"\"\n", { "  line \($0)\n" }, after: "  \"\"\"\n"),
        GrowingText("escapes", before: "let t = \"", { _ in "\\n" }, after: "\"\n"),
        GrowingText("a list", before: "let xs = [\n", { "  \($0),\n" }, after: "]\n"),
        GrowingText("a list of lists", before: "let xs = [\n", { "  [\($0), \"a\"],\n" }, after: "]\n"),
        GrowingText("an object", before: "let o = {\n", { "  k\($0): \($0),\n" }, after: "}\n"),
        GrowingText("an object of the same key", before: "let o = {\n", { "  k: \($0),\n" }, after: "}\n"),
        GrowingText(
            "an object that is computed", before: handler + "return {\n", { "  k\($0): event.f\($0),\n" },
            after: "} }\n"),
        GrowingText("a list that is computed", before: handler + "return [\n", { "  event.f\($0),\n" }, after: "] }\n"),
        GrowingText("locals", before: handler, { "  let a\($0) = \($0 == 0 ? "1" : "a\($0 - 1)")\n" }, after: "}\n"),
        GrowingText("locals in blocks", before: handler, { "  if event.a { let a\($0) = 1 }\n" }, after: "}\n"),
        GrowingText("assignments", before: handler + "  var a = 1\n", { _ in "  a += 1\n" }, after: "}\n"),
        GrowingText("unreachable statements", before: handler + "  return 1\n", { _ in "  now()\n" }, after: "}\n"),
        GrowingText(
            "arms of literals", before: handler + "  return match event.a {\n", { "    \($0) => \($0)\n" },
            after: "    otherwise => 0\n  }\n}\n"),
        GrowingText(
            "arms of patterns", before: handler + "  return match event.a {\n",
            { "    { k\($0): string } as o => o\n" }, after: "    otherwise => 0\n  }\n}\n"),
        GrowingText(
            "alternatives", before: handler + "  return match event.a {\n    0", { " | \($0)" },
            after: " => 1\n    otherwise => 0\n  }\n}\n"),
        GrowingText(
            "else ifs", before: handler + "  if event.a { 1 }", { " else if event.b\($0) { 2 }" }, after: "\n}\n"),
        GrowingText(
            "loops", before: handler, { "  for x\($0) in event.xs { log.info(\"${x\($0)}\") }\n" }, after: "}\n"),
        GrowingText(
            "comprehensions", before: handler, { "  let a\($0) = [x * 2 for x in event.xs where x > 0]\n" },
            after: "}\n"),
        GrowingText(
            "effects", before: "store shelf = \"s\"\n" + handler, { "  shelf.save(\"k\($0)\", event.a)\n" },
            after: "}\n"),
        GrowingText(
            "effects that are caught", before: "store shelf = \"s\"\n" + handler,
            { "  shelf.save(\"k\($0)\", 1) catch null\n" }, after: "}\n"),
        GrowingText(
            "secrets", before: handler, { "  let s\($0) = secret(\"a/b\($0)\")\n  log.info(\"${s\($0)}\")\n" },
            after: "}\n"),
        GrowingText("arguments", before: "handler run(event) { return f(", { "\($0), " }, after: "1) }\nfn f(a) = a\n"),
        GrowingText(
            "calls of one function", before: "fn f(a: int, b: string) = a\n" + handler, { "  f(\($0), \"b\")\n" },
            after: "}\n"),
    ]
}

struct LinearTimeTests {
    /// Processor time, so that a busy machine is no slow compiler.
    private static func seconds(_ work: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        var best = Double.infinity
        for _ in 0..<2 {
            let start = now()
            work()
            best = min(best, now() - start)
        }
        return best
    }

    private static let routes = "subscribe \"p/main\" (dead_letter: \"d\") { on \"x\" => main.run }\n"

    private static func files(_ text: String) -> [DeploymentFile] {
        let isModule = !text.contains("subscribe") && !text.contains("get \"") && !text.contains("store ")
        return [
            ConformanceCase.file("routes/a/r.bay", routes),
            ConformanceCase.file(isModule ? "scripts/main.bay" : "routes/a/more.bay", text),
            ConformanceCase.file(
                isModule ? "scripts/other.bay" : "scripts/main.bay",
                isModule ? "" : "handler run(event) { return 1 }\nhandler load(request: Request) { return 1 }\n"),
        ]
    }

    private static func expectLinear(_ what: String, _ work: (Int) -> Void) {
        let sizes = (ProcessInfo.processInfo.environment["PATCHBAY_LINEAR_BYTES"].flatMap { Int($0) }) ?? 8_000
        let short = seconds { work(sizes) }
        let long = seconds { work(sizes * 4) }
        #expect(long < short * 9 + 0.03, "\(what): \(short) s, then \(long) s")
    }

    @Test(arguments: GrowingText.all)
    func `compiling and rendering take time that grows with the text`(text: GrowingText) {
        Self.expectLinear(text.name) { bytes in
            let result = Compiler.compile(Self.files(text.make(bytes)))
            let shown = TextRenderer(colour: false, ascii: false).render(result.diagnostics, in: result.sources)
            // Fifty messages of a few lines each: what is quoted is cut.
            #expect(shown.utf8.count < 200_000)
            _ = JSONRenderer().render(result.diagnostics, in: result.sources)
        }
    }

    @Test(arguments: GrowingText.all)
    func `formatting takes time that grows with the text`(text: GrowingText) {
        Self.expectLinear(text.name) { bytes in
            _ = Formatter.format(SourceFile(path: "a.bay", text: text.make(bytes)))
        }
    }
}
