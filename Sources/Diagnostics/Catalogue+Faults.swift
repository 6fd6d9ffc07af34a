// Catalogue+Faults.swift: the pages of F09xx, bugs of a script that show when it runs.
//
// An example's first line is a comment with the event's data. A test runs the handler with it: the wrong one ends
// with exactly that fault, the right one with none. Where a page has no example, no script alone can show it.

extension Catalogue {
    /// A handler and the data of the event that it gets.
    private static func handler(_ data: String, _ body: String) -> CatalogueExample {
        let lines = body.split(separator: "\n").map { "  \($0)\n" }.joined()
        return CatalogueExample(files: [
            .init("scripts/main.bay", "# event.data: \(data)\nhandler run(event) {\n\(lines)}\n")
        ])
    }

    static let faults: [CataloguePage] = values + limits

    private static let values: [CataloguePage] = [
        CataloguePage(
            .readThroughNull, "cannot read `…` of null",
            """
            A field or an item was asked of `null`, or of a value that has none. The message names the path that \
            was null. `?.` reads through quietly and gives null; `??` puts a value in its place; a record as the \
            type of the data refuses such an event before the handler starts.
            """,
            wrong: handler(#"{"customer": null}"#, #"log.info("order of ${event.data.customer.name}")"#),
            right: handler(
                #"{"customer": null}"#, #"log.info("order of ${event.data.customer?.name ?? "nobody"}")"#)),
        CataloguePage(
            .overflow, "an int result does not fit 64 bits",
            """
            `+ - *` of two ints give an int, and an int goes from -9223372036854775808 to 9223372036854775807. \
            Nothing wraps around. Where exact digits do not matter, one float makes the result a float.
            """,
            wrong: handler(#"{"n": 9000000000000000000}"#, "log.info(\"${event.data.n * 2}\")"),
            right: handler(#"{"n": 9000000000000000000}"#, "log.info(\"${event.data.n * 2.0}\")")),
        CataloguePage(
            .divisionByZero, "division by zero",
            """
            `/`, `%` and `.div(n)` have no result for a divisor of zero: there is no infinity and no NaN. Test the \
            divisor first.
            """,
            wrong: handler(
                #"{"total": 12, "count": 0}"#, #"log.info("each ${event.data.total / event.data.count}")"#),
            right: handler(
                #"{"total": 12, "count": 0}"#,
                """
                if event.data.count == 0 { return null }
                log.info("each ${event.data.total / event.data.count}")
                """)),
        CataloguePage(
            .wrongKind, "an operation on a value of the wrong kind",
            """
            Arithmetic takes numbers, order takes two values of one family, a method takes what its signature \
            says. Text that looks like a number is text: `.to_int()` and `.to_float()` read it, and give null when \
            it does not fit.
            """,
            wrong: handler(#"{"qty": "3"}"#, "log.info(\"${event.data.qty + 1}\")"),
            right: handler(#"{"qty": "3"}"#, "log.info(\"${(event.data.qty.to_int() ?? 0) + 1}\")")),
        CataloguePage(
            .indexOutOfRange, "an index is out of the list",
            """
            `list[i]` takes an int from 0 to the length less one. `.get(i)`, `.first()` and `.last()` give null \
            where there is no such item.
            """,
            wrong: handler(#"{"lines": []}"#, "log.info(\"${event.data.lines[0].sku}\")"),
            right: handler(#"{"lines": []}"#, "log.info(\"${event.data.lines.first()?.sku ?? \"none\"}\")")),
        CataloguePage(
            .notFinite, "a float result is not finite",
            """
            A float goes to about 1.8e308. A result beyond that would be infinite, and infinity does not exist: \
            it could not be written as JSON.
            """,
            wrong: handler(#"{"factor": 1e308}"#, "log.info(\"${event.data.factor * 10.0}\")"),
            right: handler(#"{"factor": 1e307}"#, "log.info(\"${event.data.factor * 10.0}\")")),
        CataloguePage(
            .notBool, "a condition is not true or false",
            """
            `if`, `and`, `or`, `not` and the `where` of a loop take a bool and nothing else: no value counts as \
            true by itself. Compare it.
            """,
            wrong: handler(#"{"paid": "yes"}"#, "if event.data.paid { log.info(\"paid\") }"),
            right: handler(#"{"paid": "yes"}"#, "if event.data.paid == \"yes\" { log.info(\"paid\") }")),
        CataloguePage(
            .notInterpolable, "`${…}` of null, a list or an object",
            """
            Interpolation takes string, int, float, bool, time and duration. For null say what stands in its \
            place, `${note ?? ""}`; a list or an object becomes text with `.to_json()`.
            """,
            wrong: handler(#"{"note": null}"#, "log.info(\"note: ${event.data.note}\")"),
            right: handler(#"{"note": null}"#, "log.info(\"note: ${event.data.note ?? \"none\"}\")")),
        CataloguePage(
            .misfit, "a value does not fit the type that is stated for it",
            """
            A local, a parameter or a result with a type is checked when the value comes. The message names the \
            path, what was expected and what came. (Data that does not fit the type of a handler's event is no \
            fault: it is refused as class `invalid` before the handler starts.)
            """,
            wrong: handler(#"{"total": "7"}"#, "let total: int = event.data.total\nlog.info(\"${total}\")"),
            right: handler(
                #"{"total": "7"}"#, "let total: int = event.data.total.to_int() ?? 0\nlog.info(\"${total}\")")),
        CataloguePage(
            .secretLeak, "a secret would leave the process",
            """
            A secret goes into the target of a database, into the `headers:` of a request, into the key of \
            `.hmac_sha256(key)` and into `==`, and nowhere else. Logging, returning, saving or publishing one, also \
            inside of a list or an object, is E0613 where it can be seen at load; where it cannot, because it is \
            nested more than eight levels deep, the run ends here before anything leaves.
            """),
        CataloguePage(
            .nestedTooDeep, "a value is nested too deep",
            """
            Values are compared and fitted to types as deep as JSON is read: to 128, or what `--json-depth` says. What a \
            handler makes itself is written to a depth of 128. A loop that wraps a value again and again makes a deeper one.
            """,
            wrong: handler(
                #"{"levels": 200}"#,
                """
                var value = []
                for _ in 0..<event.data.levels { value = [value] }
                log.info(value.to_json())
                """),
            right: handler(
                #"{"levels": 200}"#,
                """
                var value = []
                for level in 0..<event.data.levels { value = value.append(level) }
                log.info(value.to_json())
                """)),
        CataloguePage(
            .unreachableReached, "a place that cannot be reached was",
            """
            A `match` found no arm although the checker had proved that one fits, or the machine was asked to go \
            on with a run that is over. That is a mistake in Patchbay, not in the script: please report it, with \
            the script and the event.
            """),
        CataloguePage(
            .badArgument, "an argument is outside of what a builtin takes",
            """
            The kind is right and the value is not: a count below zero, an empty text to look for, a format that \
            does not exist, a status that is none. The message says what the builtin takes.
            """,
            wrong: handler(#"{"stars": -1}"#, "log.info(\"*\".repeat(event.data.stars))"),
            right: handler(#"{"stars": -1}"#, "log.info(\"*\".repeat(event.data.stars.max(0)))")),
        CataloguePage(
            .invalidResponse, "`respond` makes a response that HTTP cannot send",
            """
            `respond` takes a status from 200 to 599. A header's name is letters, digits and signs such as `-`, \
            its value a text without line ends; the headers of the connection itself (`content-length`, \
            `connection`, `date` and their like) are written by the engine.
            """),
    ]

    private static let limits: [CataloguePage] = [
        CataloguePage(
            .outOfFuel, "a run is out of fuel",
            """
            Every step of a run takes fuel, and a builtin takes more for more work; a run has 1,000,000 steps. A \
            loop goes over more than it should, or a function calls itself too often. The event is told RETRY, \
            because another one may be smaller.
            """,
            wrong: handler(
                #"{"count": 1000000000}"#,
                """
                var sum = 0
                for n in 0..<event.data.count { sum += n }
                log.info("${sum}")
                """),
            right: handler(
                #"{"count": 1000000000}"#,
                """
                let count = event.data.count
                log.info("${count * (count - 1) / 2}")
                """)),
        CataloguePage(
            .outOfMemory, "a run's values take too much memory",
            """
            All values that a run makes may take 64 MB together; they are freed when it ends, not before. Usually \
            a text or a list grows in a loop.
            """,
            wrong: handler(
                #"{"rounds": 40}"#,
                """
                var names = ["x"]
                for _ in 0..<event.data.rounds { names = names.concat(names) }
                log.info("${names.length()}")
                """),
            right: handler(
                #"{"rounds": 40}"#,
                """
                var names = ["x"]
                for _ in 0..<event.data.rounds { names = names.append("x") }
                log.info("${names.length()}")
                """)),
        CataloguePage(
            .callDepthExceeded, "calls are nested too deep",
            """
            A function that calls itself, or several that call each other, may be 64 calls deep. Go over a list \
            with `for` or a comprehension instead of one call an item.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "scripts/main.bay",
                    """
                    # event.data: {"count": 100}
                    fn total(n) = if n < 1 { 0 } else { n + total(n - 1) }
                    handler run(event) { log.info("${total(event.data.count)}") }

                    """)
            ]),
            right: CatalogueExample(files: [
                .init(
                    "scripts/main.bay",
                    """
                    # event.data: {"count": 100}
                    fn total(n) = [i for i in 0..n].sum()
                    handler run(event) { log.info("${total(event.data.count)}") }

                    """)
            ])),
        CataloguePage(
            .outOfTime, "a run took longer than its delivery may",
            """
            A delivery has 10 seconds, all tries together, unless its subscription or endpoint says otherwise \
            (`timeout: 10s`). Effects that answer slowly use them up: give each a `timeout:` of its own, and catch \
            its failure. The delivery is told RETRY, an endpoint answers 503.
            """),
        CataloguePage(
            .tooManyEffects, "too many effects are in flight at once",
            """
            At most 256 effects of one run wait for their replies at the same time: a `together` over a long list \
            asks for all of them at once. Take the list in pieces, one `together` after another, or ask for many \
            things by one effect.
            """),
    ]
}
