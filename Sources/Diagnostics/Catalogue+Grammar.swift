// Catalogue+Grammar.swift: the pages of E02xx, what can be wrong with the grammar.

extension Catalogue {
    static let grammar: [CataloguePage] = [
        CataloguePage(
            .expected, "expected …",
            """
            Something that the grammar needs is not there. The place shown is where it would stand; the label says \
            what was found instead.
            """,
            wrong: "record Widget {\n  id string\n}\n", right: "record Widget {\n  id: string\n}\n"),
        CataloguePage(
            .unexpected, "unexpected …",
            """
            Something stands where nothing of its kind can. The label says why; usually it can be removed or belongs \
            elsewhere.
            """,
            wrong: "handler save(event, request) { }\n", right: "handler save(event) { }\n"),
        CataloguePage(
            .unclosedBracket, "`…` is never closed",
            """
            A bracket is opened and no other closes it. The place shown is the opener, found with the help of the \
            indents: a `}` that begins a line closes the block whose line is indented alike.
            """,
            wrong: "fn double(n) {\n  if n > 0 {\n    n * 2\n}\n",
            right: "fn double(n) {\n  if n > 0 {\n    n * 2\n  }\n}\n"),
        CataloguePage(
            .strayBracket, "`…` closes nothing",
            """
            A closing bracket stands where none is open, or where one of another kind is.
            """,
            wrong: "fn double(n) = (n * 2))\n", right: "fn double(n) = (n * 2)\n"),
        CataloguePage(
            .reservedWord, "`…` is a reserved word",
            """
            The word belongs to the language and cannot name a declaration, a parameter or a local, nor stand for a \
            value. As a key, a field, an argument or after a dot any word is fine: `event.data.match`.
            """,
            wrong: "fn twice(match) = 2\n", right: "fn twice(match_) = 2\n"),
        CataloguePage(
            .nestingTooDeep, "nested too deeply",
            """
            Brackets, blocks and operators stand in one another at most 200 deep (`--nesting` says otherwise), and an expression is \
            built of at most 1000 parts one in the other, so that no file can exhaust the engine. Move inner parts into \
            functions or lets.
            """,
            wrong: .nested, right: "let list = [[[1]]]\n"),
        CataloguePage(
            .objectInBlock, "this `{` opens a block, and an object stands in it",
            """
            Where the grammar wants a block, `{` opens one, and `key: value` is no statement. A block whose value is an \
            object has two pairs of braces: the outer for the block, the inner for the object.
            """,
            wrong: "fn point(x) { x: x, y: 0 }\n", right: "fn point(x) { { x: x, y: 0 } }\n"),
        CataloguePage(
            .missingSeparator, "two … on one line",
            """
            Statements, rules, fields and declarations end at the end of the line, or at `;` where several stand on one.
            """,
            wrong: "fn f(a) { let b = a let c = b }\n", right: "fn f(a) { let b = a; let c = b }\n"),
        CataloguePage(
            .missingComma, "expected `,` or `…`",
            """
            Items of lists, objects, calls, options and parameters are separated by commas; inside brackets a line end \
            separates nothing. A comma after the last one is fine.
            """,
            wrong: "let list = [1 2]\n", right: "let list = [1, 2]\n"),
        CataloguePage(
            .bracketPlacement, "`…` stands on the line of what it belongs to",
            """
            A line that begins with `(`, `[` or `{` never goes on the one before. So a block's brace and the brackets of \
            calls and options stand at the end of the line that they belong to.
            """,
            wrong: "fn f(a)\n{\n  a\n}\n", right: "fn f(a) {\n  a\n}\n"),
        CataloguePage(
            .foreignKeyword, "Bay has no `…`",
            """
            The word is one of another language. The help says how Bay puts it.
            """,
            wrong: "function double(n) = n * 2\n", right: "fn double(n) = n * 2\n"),
        CataloguePage(
            .assignmentInCondition, "`=` does not compare",
            """
            In a condition only a comparison can be meant, and that is written `==`. A single `=` gives a name a value.
            """,
            wrong: "fn f(a) { if a = 1 { 2 } }\n", right: "fn f(a) { if a == 1 { 2 } }\n"),
        CataloguePage(
            .chainedComparison, "comparisons cannot be chained",
            """
            `a < b < c` would compare `true` or `false` with `c`. Write both comparisons, or test an interval.
            """,
            wrong: "fn f(a) = 0 < a < 10\n", right: "fn f(a) = 0 < a and a < 10\n"),
        CataloguePage(
            .assignmentToValue, "only a `var` can be given another value",
            """
            Left of `=` stands the name of a `var`. Values themselves never change: a changed object is a new one, made \
            with `{ ...o, key: value }`, and a longer list with `list.append(x)`.
            """,
            wrong: "fn f(o) {\n  o.n = 1\n}\n", right: "fn f(o) {\n  { ...o, n: 1 }\n}\n"),
        CataloguePage(
            .arrowBeforeBlock, "after `=>` stands a value or a path, never a block",
            """
            A rule, an endpoint or an arm goes on either with `=>` and a value or a handler's path, or with a block. \
            After `=>` a `{` opens an object.
            """,
            wrong: "get \"/\" => { return 1 }\n", right: "get \"/\" { return 1 }\n"),
        CataloguePage(
            .openInterval, "a range in `for` needs both ends",
            """
            A loop over a range needs to know where to begin and where to end: every handler comes to an end.
            """,
            wrong: "fn f(a) { for i in 0.. { a } }\n", right: "fn f(a) { for i in 0..<10 { a } }\n"),
        CataloguePage(
            .notLast, "… comes last",
            """
            `otherwise` takes everything that nothing before it took, so what comes after it could never be reached. \
            Likewise `...rest` in a pattern takes all that is left of the list.
            """,
            wrong: "fn f(a) = match a {\n  otherwise => 1\n  2 => 3\n}\n",
            right: "fn f(a) = match a {\n  2 => 3\n  otherwise => 1\n}\n"),
        CataloguePage(
            .misplacedItem, "a statement stands inside a handler or a function",
            """
            A file holds declarations: records, handlers, functions, resources, routes. Statements stand in the blocks \
            of handlers and functions, and declarations never do; a rule stands in a `subscribe`.
            """,
            wrong: "shelf.save(\"a\", 1)\n", right: "handler save(event) {\n  shelf.save(\"a\", 1)\n}\n"),
        CataloguePage(
            .wrongSign, "`…` stands here, not `…`",
            """
            Another sign is meant: `:` comes before a type or a field's value, `=` before the value of a name, `=>` \
            before a handler or an arm's value, `->` before a function's result, and items are separated by `,`.
            """,
            wrong: "let point = { x = 1 }\n", right: "let point = { x: 1 }\n"),
        CataloguePage(
            .needsBrackets, "`…` needs brackets here",
            """
            `not`, `return`, `fail` and the other exits bind more loosely than the operator before them, so they cannot \
            be its operand as they are.
            """,
            wrong: "fn f(a, b) = a == not b\n", right: "fn f(a, b) = a == (not b)\n"),
        CataloguePage(
            .keptForLater, "`…` is kept for a later version",
            """
            The word will open a declaration one day. Until then no declaration begins with it.
            """,
            wrong: "workflow order { }\n", right: "handler order(event) { }\n"),
    ]
}

extension CatalogueExample {
    /// More brackets than anyone would read.
    static let nested = CatalogueExample(files: [
        File(
            "scripts/example.bay",
            "let deep = " + String(repeating: "[", count: 201) + String(repeating: "]", count: 201) + "\n")
    ])
}
