// StatementCheckTests.swift: what a real database says about a deployment's SQL, to the letter, and the exit codes of
// `patchbay check --connect`.

import Dapr
import Diagnostics
import Foundation
import Language
import Testing

@testable import Engine

@Suite struct StatementCheckTests {
    static let schema = """
        CREATE TABLE widgets (id text PRIMARY KEY, description text, stock int, price numeric(12, 2), tags text[], seen timestamptz, ok boolean, size float8);
        CREATE TABLE orders (id bigint PRIMARY KEY, widget text, "Odd Name" int)
        """

    struct Case: Sendable {
        /// What the handler does. `w` is of the type of the record below, `r` a request.
        let line: String
        /// Exactly what is printed, without the summary.
        let says: String
        init(_ line: String, _ says: String) {
            self.line = line
            self.says = says
        }
    }

    private static let routes = """
        database inventory = env("DATABASE_URL")
        post "/widgets/{id}" => widgets.run

        """

    private static func script(_ line: String) -> String {
        """
        record Widget { id: string, n: int, ok: bool, at: time, kind: "card" | "cash", tags: [string], size: float, more: any }
        handler run(request: Request<Widget>) {
          let w = request.body
        \(line)
          return w
        }

        """
    }

    static let cases: [Case] = [
        Case(#"  inventory.exec "DELETE FROM widgets WHERE id = ${w.id}""#, ""),
        Case(#"  inventory.exec "SELECT 1""#, ""),
        Case(#"  inventory.exec "CREATE TABLE IF NOT EXISTS later (id int)""#, ""),
        Case(
            #"  inventory.exec "SELECT id, desciption FROM widgets""#,
            """
            error[E0621]: column "desciption" does not exist
              ┌─ scripts/widgets.bay:4:30
              │
            4 │   inventory.exec "SELECT id, desciption FROM widgets"
              │                              ^^^^^^^^^^ no such column in `inventory`
              │
              = fix: replace `desciption` with `description`

            """),
        Case(
            #"  inventory.exec "UPDATE widgets SET stok = ${w.n} WHERE id = ${w.id}""#,
            """
            error[E0621]: column "stok" of relation "widgets" does not exist
              ┌─ scripts/widgets.bay:4:38
              │
            4 │   inventory.exec "UPDATE widgets SET stok = ${w.n} WHERE id = ${w.id}"
              │                                      ^^^^ no such column in `inventory`
              │
              = fix: replace `stok` with `stock`

            """),
        Case(
            #"  inventory.exec "INSERT INTO orders (id, amount) VALUES (${w.n}, 1)""#,
            """
            error[E0621]: column "amount" of relation "orders" does not exist
              ┌─ scripts/widgets.bay:4:43
              │
            4 │   inventory.exec "INSERT INTO orders (id, amount) VALUES (${w.n}, 1)"
              │                                           ^^^^^^ no such column in `inventory`
              │
              = help: `orders` has `id`, `widget`, `Odd Name`

            """),
        Case(
            #"  inventory.exec "SELECT amount FROM widgets""#,
            """
            error[E0621]: column "amount" does not exist
              ┌─ scripts/widgets.bay:4:26
              │
            4 │   inventory.exec "SELECT amount FROM widgets"
              │                          ^^^^^^ no such column in `inventory`
              │
              = help: `widgets` has `id`, `description`, `stock`, `price`, `tags` …

            """),
        Case(
            #"  inventory.exec "DELETE FROM customers""#,
            """
            error[E0621]: relation "customers" does not exist
              ┌─ scripts/widgets.bay:4:31
              │
            4 │   inventory.exec "DELETE FROM customers"
              │                               ^^^^^^^^^ no such table in `inventory`
              │
              = help: its tables are `orders`, `widgets`

            """),
        Case(
            #"  inventory.exec "SELECT w.id FROM widgets""#,
            """
            error[E0621]: missing FROM-clause entry for table "w"
              ┌─ scripts/widgets.bay:4:26
              │
            4 │   inventory.exec "SELECT w.id FROM widgets"
              │                          ^^^^ not known here

            """),
        Case(
            #"  inventory.exec "SELECT ${w.more} IS NULL""#,
            """
            error[E0622]: could not determine data type of parameter $1
              ┌─ scripts/widgets.bay:4:28
              │
            4 │   inventory.exec "SELECT ${w.more} IS NULL"
              │                            ^^^^^^ nothing here says of which type this is
              │
              = help: say it in the SQL: `${w.more}::text`

            """),
        // What the app makes itself is missing only until it has run.
        Case(
            "  transaction inventory {\n    inventory.exec \"CREATE TEMP TABLE IF NOT EXISTS Later (id int)\"\n"
                + "    inventory.exec \"INSERT INTO later VALUES (1)\"\n  }", ""),
        Case(
            #"  inventory.exec "SELECT w.id FROM widgtes w""#,
            """
            error[E0621]: relation "widgtes" does not exist
              ┌─ scripts/widgets.bay:4:36
              │
            4 │   inventory.exec "SELECT w.id FROM widgtes w"
              │                                    ^^^^^^^ no such table in `inventory`
              │
              = fix: replace `widgtes` with `widgets`

            """),
        Case(
            "  inventory.exec \"\"\"\n    SELECT ${w.id},\n      o.\"Odd Nam\"\n    FROM orders o\n    \"\"\"",
            """
            error[E0621]: column o.Odd Nam does not exist
              ┌─ scripts/widgets.bay:6:7
              │
            6 │       o."Odd Nam"
              │       ^^^^^^^^^^^ no such column in `inventory`
              │
              = help: Perhaps you meant to reference the column "o.Odd Name".

            """),
        Case(
            #"  inventory.exec "SELECT '\u{e9}\t', nope(${w.id}) FROM widgets""#,
            #"""
            error[E0621]: function nope(unknown) does not exist
              ┌─ scripts/widgets.bay:4:38
              │
            4 │   inventory.exec "SELECT '\u{e9}\t', nope(${w.id}) FROM widgets"
              │                                      ^^^^ not in `inventory`
              │
              = help: No function matches the given name and argument types. You might need to add explicit type casts.

            """#),
        Case(
            #"  inventory.exec "SELECT id FORM widgets""#,
            """
            error[E0622]: syntax error at or near "widgets"
              ┌─ scripts/widgets.bay:4:34
              │
            4 │   inventory.exec "SELECT id FORM widgets"
              │                                  ^^^^^^^ PostgreSQL stops here

            """),
        Case(
            #"  inventory.exec "SELECT id FROM widgets WHERE""#,
            """
            error[E0622]: syntax error at end of input
              ┌─ scripts/widgets.bay:4:47
              │
            4 │   inventory.exec "SELECT id FROM widgets WHERE"
              │                                               ^ PostgreSQL stops here

            """),
        Case(
            #"  inventory.exec "INSERT INTO widgets (id, stock) VALUES (${w.id}, ${w.n}, 3)""#,
            """
            error[E0622]: INSERT has more expressions than target columns
              ┌─ scripts/widgets.bay:4:76
              │
            4 │   inventory.exec "INSERT INTO widgets (id, stock) VALUES (${w.id}, ${w.n}, 3)"
              │                                                                            ^ PostgreSQL stops here

            """),
        Case(
            #"  inventory.exec "BEGIN""#,
            """
            error[E0622]: `BEGIN` is not possible here
              ┌─ scripts/widgets.bay:4:19
              │
            4 │   inventory.exec "BEGIN"
              │                   ^^^^^ every statement is a transaction of its own, or stands in the block of a `transaction`

            """),
        Case(
            #"  inventory.exec "UPDATE widgets SET stock = ${w.ok}, ok = ${w.ok} WHERE id = ${w.id}""#,
            """
            error[E0623]: a bool can never go into `integer`
              ┌─ scripts/widgets.bay:4:48
              │
            4 │   inventory.exec "UPDATE widgets SET stock = ${w.ok}, ok = ${w.ok} WHERE id = ${w.id}"
              │                                                ^^^^ `inventory` wants `integer` here

            """),
        Case(
            #"  inventory.exec "DELETE FROM orders WHERE id = ${w.kind}""#,
            """
            error[E0623]: `"card"` or `"cash"` can never go into `bigint`
              ┌─ scripts/widgets.bay:4:51
              │
            4 │   inventory.exec "DELETE FROM orders WHERE id = ${w.kind}"
              │                                                   ^^^^^^ `inventory` wants `bigint` here

            """),
        Case(
            #"  inventory.exec "DELETE FROM orders WHERE id = ANY (${w.tags}) OR id = ${w.tags} OR widget = ANY (${w.tags})""#,
            """
            error[E0623]: a list can never go into `bigint`
              ┌─ scripts/widgets.bay:4:75
              │
            4 │   inventory.exec "DELETE FROM orders WHERE id = ANY (${w.tags}) OR id = ${w.tags} OR widget = ANY (${w.tags})"
              │                                                                           ^^^^^^ `inventory` wants `bigint` here
              │
              = help: lists go into arrays and into jsonb: `= ANY (${list})`

            """),
        Case(
            #"  inventory.exec "DELETE FROM orders WHERE id = ANY (${[w.ok]}) OR widget = ${w}""#,
            """
            error[E0623]: a list of a bool can never go into `bigint[]`
              ┌─ scripts/widgets.bay:4:56
              │
            4 │   inventory.exec "DELETE FROM orders WHERE id = ANY (${[w.ok]}) OR widget = ${w}"
              │                                                        ^^^^^^ `inventory` wants `bigint[]` here

            error[E0623]: an object can never go into `text`
              ┌─ scripts/widgets.bay:4:79
              │
            4 │   inventory.exec "DELETE FROM orders WHERE id = ANY (${[w.ok]}) OR widget = ${w}"
              │                                                                               ^ `inventory` wants `text` here
              │
              = help: objects go into jsonb

            """),
        // What may fit is not reported, and `any` never is.
        Case(
            #"  inventory.exec "DELETE FROM orders WHERE id = ${w.id} OR id = ${w.more} OR id = ${w.size} OR id = ${request.query.id}""#,
            ""),
        Case(
            #"  inventory.exec "UPDATE widgets SET seen = ${w.at}, tags = ${w.tags}, description = ${w.ok}, size = ${w.n}""#,
            ""),
        Case(
            #"  inventory.one "SELECT id, price FROM widgets WHERE price > 3""#,
            """
            warning[W0821]: `price` is numeric and comes back as a float
              ┌─ scripts/widgets.bay:4:29
              │
            4 │   inventory.one "SELECT id, price FROM widgets WHERE price > 3"
              │                             ^^^^^ digits beyond those of a float are lost
              │
              = help: cast it: `::text` keeps all digits, `::float8` says that a float will do

            """),
        Case(
            #"  inventory.rows "SELECT * FROM widgets""#,
            """
            warning[W0821]: `price` is numeric and comes back as a float
              ┌─ scripts/widgets.bay:4:19
              │
            4 │   inventory.rows "SELECT * FROM widgets"
              │                   ^^^^^^ digits beyond those of a float are lost
              │
              = help: cast it: `::text` keeps all digits, `::float8` says that a float will do

            """),
        Case(#"  inventory.one "SELECT price::text AS price, price::float8 AS cost FROM widgets""#, ""),
        Case(#"  inventory.exec "SELECT price FROM widgets""#, ""),
        Case(
            #"  inventory.rows "INSERT INTO widgets (id) VALUES (${w.id})""#,
            """
            warning[W0822]: `inventory.rows` of a statement that gives no rows
              ┌─ scripts/widgets.bay:4:19
              │
            4 │   inventory.rows "INSERT INTO widgets (id) VALUES (${w.id})"
              │                   ^^^^^^ its value is always an empty list
              │
              = help: end it with `RETURNING …`, or write `inventory.exec` for the number of rows

            """),
        Case(#"  inventory.one "INSERT INTO widgets (id) VALUES (${w.id}) RETURNING id""#, ""),
        // Two that are wrong in the same way are both shown; the right one between them is not touched.
        Case(
            "  inventory.exec \"DELETE FROM nope\"\n  inventory.exec \"DELETE FROM orders\"\n  inventory.exec \"DELETE FROM nope\"",
            """
            error[E0621]: relation "nope" does not exist
              ┌─ scripts/widgets.bay:4:31
              │
            4 │   inventory.exec "DELETE FROM nope"
              │                               ^^^^ no such table in `inventory`
              │
              = help: its tables are `orders`, `widgets`

            error[E0621]: relation "nope" does not exist
              ┌─ scripts/widgets.bay:6:31
              │
            6 │   inventory.exec "DELETE FROM nope"
              │                               ^^^^ no such table in `inventory`
              │
              = help: its tables are `orders`, `widgets`

            """),
    ]

    @Test func `each mistake is shown at its word, and nothing else is`() async throws {
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            for one in Self.cases {
                let files = [("routes/app/routes.bay", Self.routes), ("scripts/widgets.bay", Self.script(one.line))]
                let shown = try await Self.shown(files, database: database.conninfo)
                #expect(shown == one.says, "\(one.line):\n\(shown)")
            }
        }
    }

    @Test func `the examples of the catalogue show what they say`() async throws {
        for page in Catalogue.pages {
            guard let schema = page.schema else { continue }
            try await DatabaseUnderTest.with(schema) { database async throws in
                let expectations: [(example: CatalogueExample?, codes: Set<DiagnosticCode>)] = [
                    (page.wrong, [page.code]), (page.right, []),
                ]
                for (example, expected) in expectations {
                    let files = try #require(example).files.map { ($0.path, $0.text) }
                    let found = try await Self.asked(files, database: database.conninfo).diagnostics
                    #expect(Set(found.map(\.code)) == expected, "\(page.code)")
                }
            }
        }
    }

    @Test func `of a file no more is shown than the compiler shows, and warnings take no error's place`() async throws {
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            let numeric = (0..<70).map { "  inventory.one \"SELECT price, \($0) AS n FROM widgets\"" }
            let wrong = (0..<70).map { "  inventory.exec \"DELETE FROM nope\($0)\"" }
            let files = [
                ("routes/app/routes.bay", Self.routes),
                ("scripts/widgets.bay", Self.script((numeric + wrong).joined(separator: "\n"))),
            ]
            let found = try await Self.asked(files, database: database.conninfo).diagnostics
            #expect(found.count { $0.severity == .warning } == 50 && found.count { $0.severity == .error } == 50)
            #expect(found.last?.title == "relation \"nope49\" does not exist")
        }
    }

    /// What is printed about these files.
    private static func shown(_ files: [(String, String)], database: String) async throws -> String {
        let (findings, sources) = try await asked(files, database: database)
        return TextRenderer(colour: false, ascii: false).render(findings, in: sources)
    }

    private static func asked(
        _ files: [(String, String)], database: String
    ) async throws -> (diagnostics: [Diagnostic], sources: SourceMap) {
        let result = Compiler.compile(
            files.map { path, text in
                let module = path.hasPrefix("scripts/") ? String(path.dropFirst(8).dropLast(4)) : nil
                return DeploymentFile(source: SourceFile(path: path, text: text), module: module)
            })
        let clean = TextRenderer(colour: false, ascii: false).render(result.diagnostics, in: result.sources)
        let compiled = try #require(result.deployment, "\(clean)")
        #expect(clean.isEmpty)
        let control = try ControlThread()
        let check = StatementCheck(
            loop: control.loop, sidecar: .init(port: 1), environment: [:],
            overrides: [DatabaseOverride(database)])
        let answers = try await control.run {
            await check.ask(StatementQuestions(about: compiled), within: .seconds(20))
        }
        try await control.stop()
        #expect(answers.unasked.isEmpty)
        return (StatementAnswers.impossible(in: compiled) + answers.diagnostics(in: compiled), result.sources)
    }
}
