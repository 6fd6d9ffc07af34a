// Catalogue+Types.swift: the pages of E04xx, types and failures.

extension Catalogue {
    static let types: [CataloguePage] = [
        CataloguePage(
            .wrongType, "expected …, found …",
            """
            The value is of a kind that can never be right here. Only what must fail is reported; what may be \
            right is checked when it runs.
            """,
            wrong: #"""
                let total = 1 + "two"

                """#,
            right: "let total = 1 + 2\n"),
        CataloguePage(
            .wrongArgumentCount, "wrong number of arguments",
            """
            A call leaves out what must be given, or gives more than is taken. The label shows what the callee \
            takes.
            """,
            wrong: #"""
                fn cost(price, qty) = price * qty
                let total = cost(3)

                """#,
            right: #"""
                fn cost(price, qty) = price * qty
                let total = cost(3, 2)

                """#),
        CataloguePage(
            .unknownArgument, "`…` has no argument `…`",
            """
            An argument is given by a name that the callee does not have.
            """,
            wrong: #"""
                fn cost(price, qty) = price * qty
                let total = cost(3, count: 2)

                """#,
            right: #"""
                fn cost(price, qty) = price * qty
                let total = cost(3, qty: 2)

                """#),
        CataloguePage(
            .unknownMethod, "unknown method `…`",
            """
            Methods of values are the builtins, each for certain kinds; functions of one's own are called by \
            name, not with a dot.
            """,
            wrong: #"""
                let words = "a,b".splt(",")

                """#,
            right: #"""
                let words = "a,b".split(",")

                """#),
        CataloguePage(
            .nothingToCatch, "nothing here can fail",
            """
            Only an effect, a handler and `fail` end with a failure that `catch` can take. A fault, such as \
            reading through null, cannot be caught; for a value that may be null there is `??`.
            """,
            wrong: "fn price(order) = order.price catch 0\n",
            right: "fn price(order) = order.price ?? 0\n"),
        CataloguePage(
            .matchNotExhaustive, "this `match` does not take every value",
            """
            A value may come for which there is no arm. Add `otherwise`, or arms for what is missing.
            """,
            wrong: #"""
                fn word(n) = match n { 1 => "one" }

                """#,
            right: #"""
                fn word(n) = match n { 1 => "one", otherwise => "many" }

                """#),
        CataloguePage(
            .unknownField, "`…` has no field `…`",
            """
            The record does not declare the field. Data may carry more than its record says; an extra field is \
            read with brackets: `data["extra"]`.
            """,
            wrong: #"""
                record Order { id: string, total: float }
                fn dear(o: Order) = o.totl > 100

                """#,
            right: #"""
                record Order { id: string, total: float }
                fn dear(o: Order) = o.total > 100

                """#),
        CataloguePage(
            .notAssignable, "this cannot be given another value",
            """
            A `let`, a parameter and a name bound by `for` or a pattern keep their value. Bind it with `var` to \
            change it.
            """,
            wrong: #"""
                fn count(list) {
                  let n = 0
                  for x in list where x > 0 { n += 1 }
                  n
                }

                """#,
            right: #"""
                fn count(list) {
                  var n = 0
                  for x in list where x > 0 { n += 1 }
                  n
                }

                """#),
        CataloguePage(
            .misplacedStatement, "`…` cannot stand here",
            """
            There is nothing that this exit could leave: `break` and `continue` need a loop, `keep` the block of \
            an `update`, `retry` and `drop` a handler. Out of a `transaction` there is only `fail`, and a `catch` \
            stands behind it, not inside.
            """,
            wrong: #"""
                fn first(list) {
                  if list == [] { drop "empty" }
                  list[0]
                }

                """#,
            right: #"""
                fn first(list) {
                  if list == [] { return null }
                  list[0]
                }

                """#),
        CataloguePage(
            .notConstant, "… must be constant",
            """
            Defaults, bounds, patterns, options and top-level `let`s are known at load. They cannot ask for \
            effects, depend on themselves, or end with a fault.
            """,
            wrong: "record Order { id: string, count: int = [1].length() }\n",
            right: "record Order { id: string, count: int = 1 }\n"),
        CataloguePage(
            .tooLarge, "this handler holds too many values at once",
            """
            A function has room for 250 locals and intermediate values, and an expression for 256 parts in each \
            other. Move a part into a `fn` or a handler of its own.
            """),
        CataloguePage(
            .badBounds, "invalid bounds of a type",
            """
            Bounds go from the smaller to the larger; a string and a list are bounded by their length, a number \
            by its value, other types not at all. A field's default lies within them.
            """,
            wrong: "record Order { qty: int(9..1) }\n",
            right: "record Order { qty: int(1..9) }\n"),
        CataloguePage(
            .badPattern, "invalid pattern",
            """
            The pattern can never fit the value, or binds a name in one of several alternatives only.
            """,
            wrong: #"""
                fn size(x) = match x {
                  [a] | [a, _] => a
                  otherwise => 0
                }

                """#,
            right: #"""
                fn size(x) = match x {
                  [a] => a
                  [a, _] => a
                  otherwise => 0
                }

                """#),
        CataloguePage(
            .badRegularExpression, "this is not a regular expression",
            """
            `matches` and `capture` take a regular expression in RE2's syntax: all that can be matched in linear \
            time, so without look-around and back-references. It is compiled once, when the deployment is loaded; \
            therefore it is a literal or a top-level `let` of one, never text from data.
            """,
            wrong: #"""
                fn is_order(id: string) = id.matches(r"^ORD-(\d+$")

                """#,
            right: #"""
                fn is_order(id: string) = id.matches(r"^ORD-(\d+)$")

                """#),
    ]
}
