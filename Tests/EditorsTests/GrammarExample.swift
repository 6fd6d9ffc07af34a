// GrammarExample.swift: texts, and the scopes of pieces of them.

import Testing

struct GrammarExample: CustomTestStringConvertible, Sendable {
    let text: String
    /// The first place where the piece stands; `.bay` is left out.
    let expected: [(String, String?)]
    var testDescription: String { text }

    init(_ text: String, _ expected: [(String, String?)]) {
        self.text = text
        self.expected = expected
    }

    static let all = declarations + types + strings + expressions

    static let declarations = [
        GrammarExample(
            "record Widget {\n  sku: string(1..256) = \"x\"\n  as: Line?\n}\nrecord",
            [
                ("record", "storage.type.record"), ("Widget", "entity.name.type.record"),
                ("sku", "variable.other.member"),
                ("string", "support.type"), ("1", "constant.numeric.integer"), ("..", "keyword.operator.range"),
                ("=", "keyword.operator.assignment"), ("as", "variable.other.member"), ("Line", "entity.name.type"),
                ("?", "keyword.operator.optional"),
            ]),
        GrammarExample(
            "event \"order.*\": Order",
            [
                ("event", "storage.type.event"), ("order", "string.quoted.double"), ("*", "keyword.operator.glob"),
                ("Order", "entity.name.type"),
            ]),
        GrammarExample(
            "handler save(event: Event<Widget>) {}",
            [
                ("handler", "storage.type.handler"), ("save", "entity.name.function.handler"),
                ("event", "variable.parameter"), ("Event", "entity.name.type"),
                ("<", "punctuation.definition.typeparameters"), ("Widget", "entity.name.type"),
            ]),
        GrammarExample(
            "fn total(lines: [Line], n: int) -> {float} = lines.sum()",
            [
                ("fn", "storage.type.function"), ("total", "entity.name.function"), ("lines", "variable.parameter"),
                ("Line", "entity.name.type"), ("int", "support.type"), ("->", "keyword.operator.arrow"),
                ("float", "support.type"), ("lines.", nil), ("sum", "entity.name.function.member"),
            ]),
        GrammarExample(
            "fn one(x) -> Line { x }", [("Line", "entity.name.type"), ("{", "punctuation.section.braces.begin")]),
        GrammarExample(
            "let limit: duration = 5s",
            [
                ("let", "storage.type"), ("limit", "variable.other.definition"), ("duration", "support.type"),
                ("5s", "constant.numeric.duration"),
            ]),
        GrammarExample(
            "database inventory = secret(\"secrets/postgres\")",
            [
                ("database", "storage.type.resource"), ("inventory", "entity.name.type.resource"),
                ("secret", "support.function"),
            ]),
        GrammarExample(
            "lock locks = \"l\"", [("lock", "storage.type.resource"), ("locks", "entity.name.type.resource")]),
        GrammarExample(
            "service c = \"p\" (\n  proto: \"products.proto\",\n)",
            [("proto", "variable.other.member"), ("products", "string.quoted.double")]),
        GrammarExample(
            "subscribe \"p/t\" (retry: 2) {\n  on \"a.*\", \"b\" as x where event.data.on > 1 => shop.orders.review\n  on where a { log.info(\"x\") }\n  otherwise => keep.it\n}\nget \"/v1/{id}/{rest*}\" => a.b",
            [
                ("subscribe", "keyword.control.route"), ("retry", "variable.other.member"), ("on \"", nil),
                ("on", "keyword.control.route"),
                ("*", "keyword.operator.glob"), ("as", "keyword.control.route"), ("x", "entity.name.label.rule"),
                ("where", "keyword.control"), ("=>", "keyword.operator.arrow"), ("shop", "entity.name.namespace"),
                ("orders", "entity.name.namespace"),
                ("review", "entity.name.function.handler"), ("otherwise", "keyword.control.route"),
                ("get", "keyword.control.route"),
                ("/v1/", "string.quoted.double"), ("{id}", "variable.parameter.path"),
                ("{rest*}", "variable.parameter.path"),
            ]),
        GrammarExample(
            "serve \"p.proto\" as dapr.v1.Products {\n  GetProduct => shop.find\n}\njob",
            [
                ("serve", "keyword.control.route"), ("dapr.v1.Products", "entity.name.type.service"),
                ("GetProduct", "entity.name.function.rpc"), ("find", "entity.name.function.handler"),
                ("job", "variable.other"),
            ]),
        GrammarExample(
            "job \"nightly\" (schedule: \"0 3 * * *\") => jobs.run",
            [
                ("job", "keyword.control.route"), ("nightly", "string.quoted.double"),
                ("schedule", "variable.other.member"), ("run", "entity.name.function.handler"),
            ]),
    ]

    static let types = [
        GrammarExample(
            "record R { a: \"card\" | \"cash\" = \"card\", b: {any}, c: string(like: \"A-*\"), d: [R](1..low) }",
            [
                ("card", "string.quoted.double"), ("|", "keyword.operator.union"), ("any", "support.type"),
                ("like", "keyword.other.like"), ("[", "punctuation.section.brackets.begin"), ("low", "variable.other"),
            ]),
        GrammarExample(
            "handler h(x) {\n  let list: [int] = list\n}",
            [("int", "support.type"), ("list", "variable.other.definition")]),
    ]

    static let strings = [
        GrammarExample(
            "let a = \"x\\n${ f({ k: \"in ${n}\" }) } y\"",
            [
                ("x", "string.quoted.double"), ("\\n", "constant.character.escape"),
                ("${", "punctuation.section.interpolation.begin"), ("f", "entity.name.function.call"),
                ("k", "variable.other.member"), ("in ", "string.quoted.double"), ("n}", nil),
                (" y", "string.quoted.double"),
            ]),
        GrammarExample(
            "let a = \"\"\"\n  one \"two\" ${three}\n  \"\"\"\nlet b = 1",
            [
                ("one", "string.quoted.triple"), ("\"two\"", "string.quoted.triple"), ("three", "variable.other"),
                ("let b", nil), ("b", "variable.other.definition"),
            ]),
        GrammarExample(
            "x.matches(r\"^\\d+${\")",
            [("r\"", nil), ("^\\d+${", "string.quoted.double.raw"), (")", "punctuation.section.parentheses.end")]),
        GrammarExample("let a = \"\\q\"", [("\\q", "invalid.illegal.escape")]),
        GrammarExample("let a = \"open\nlet b = 1", [("b", "variable.other.definition")]),
        GrammarExample(
            "db.one \"SELECT id FROM widgets WHERE id = ${id} AND n = 'x'\"",
            [
                ("one", "entity.name.function.member"), ("SELECT", "keyword.other.sql"), ("widgets", "source.sql"),
                ("${", "punctuation.section.interpolation.begin"), ("'x'", "string.quoted.single.sql"),
            ]),
        GrammarExample(
            "db.exec \"\"\"\n  insert into w values (now(), ${w.id})\n  -- done\n  \"\"\"\nlet later = 1",
            [
                ("insert", "keyword.other.sql"), ("now", "support.function.sql"), ("w.id", nil),
                ("-- done", "comment.line.double-dash.sql"), ("later", "variable.other.definition"),
            ]),
    ]

    static let expressions = [
        GrammarExample(
            "# a `comment` \"x\nlet a = 1 # why",
            [
                ("comment", "comment.line.number-sign"), ("#", "punctuation.definition.comment"),
                ("why", "comment.line.number-sign"),
            ]),
        GrammarExample(
            "[42, 1_000, 0x1f, 1.5, 2e-9, 250ms, 1h30m, 1.5s, 64kb]",
            [
                ("42", "constant.numeric.integer"), ("1_000", "constant.numeric.integer"),
                ("0x1f", "constant.numeric.hex"), ("1.5,", nil), ("2e-9", "constant.numeric.float"),
                ("250ms", "constant.numeric.duration"), ("1h30m", "constant.numeric.duration"),
                ("1.5s", "constant.numeric.duration"), ("64kb", "constant.numeric.size"),
            ]),
        GrammarExample("let a = 12abc", [("12abc", "invalid.illegal.number")]),
        GrammarExample(
            "for key, value in o where value in 0..<10 { f(value) }",
            [
                ("for", "keyword.control.loop"), ("key", "variable.other.definition"),
                ("value", "variable.other.definition"), ("in", "keyword.control.loop"),
                ("0", "constant.numeric.integer"), ("..<", "keyword.operator.range"),
                ("10", "constant.numeric.integer"),
            ]),
        GrammarExample(
            "a ?? fail not_found(\"x\")",
            [
                ("??", "keyword.operator.coalesce"), ("fail", "keyword.control.exit"),
                ("not_found", "support.class.failure"),
            ]),
        GrammarExample(
            "let p = catalog.GetProduct({ id }) catch e { e?.class }",
            [
                ("GetProduct", "entity.name.function.member"), ("catch", "keyword.control.exception"), ("e {", nil),
                ("?.", "punctuation.accessor"), ("class", "variable.other.property"),
            ]),
        GrammarExample(
            "update shelf[\"k\"] (ttl: 1h) as current { keep }",
            [
                ("update", "keyword.control.effect"), ("ttl", "variable.other.member"), ("as", "keyword.control"),
                ("current", "variable.other.definition"), ("keep", "keyword.control.exit"),
            ]),
        GrammarExample(
            "match event.data { { kind: \"card\" } | null => [...rest], otherwise => x }",
            [
                ("match", "keyword.control"), ("event", "variable.language"), ("|", "keyword.operator.alternative"),
                ("null", "constant.language"), ("=>", "keyword.operator.arrow"), ("...", "keyword.operator.spread"),
                ("otherwise", "keyword.control"),
            ]),
        GrammarExample(
            "a == 1 and not b or c not in [1]",
            [
                ("==", "keyword.operator.comparison"), ("and", "keyword.operator.word"),
                ("not", "keyword.operator.word"), ("or", "keyword.operator.word"), ("in", "keyword.operator.word"),
            ]),
        GrammarExample(
            "tries += 1; x = -2",
            [
                ("+=", "keyword.operator.assignment"), (";", "punctuation.terminator"),
                ("-", "keyword.operator.arithmetic"),
            ]),
        GrammarExample(
            "any(l in lines where exists(l.qty))",
            [("any", "keyword.operator.quantifier"), ("exists", "keyword.operator.quantifier")]),
        GrammarExample("a && !b", [("&", "invalid.illegal.character"), ("!", "invalid.illegal.character")]),
    ]
}
