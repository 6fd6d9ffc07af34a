// Catalogue+Warnings.swift: the pages of W08xx, what is probably not meant.

extension Catalogue {
    static let warnings: [CataloguePage] = [
        CataloguePage(
            .unusedBinding, "`…` is never used",
            """
            A name is bound and nothing reads it. Remove it, or begin it with `_` when it is there on purpose.
            """,
            wrong: #"""
                fn cost(order) {
                  let qty = order.qty
                  order.price
                }

                """#,
            right: #"""
                fn cost(order) {
                  let qty = order.qty
                  order.price * qty
                }

                """#),
        CataloguePage(
            .unreachableCode, "this is never reached",
            """
            Every way ends before this place: with `return`, `fail`, `retry`, `drop`, or an arm that takes every \
            value.
            """,
            wrong: #"""
                fn cost(order) {
                  return order.price
                  order.qty
                }

                """#,
            right: #"""
                fn cost(order) {
                  if order.qty == null { return order.price }
                  order.price * order.qty
                }

                """#),
        CataloguePage(
            .ruleNeverMatches, "this rule can never match",
            """
            No event satisfies the rule: its conditions exclude each other, compare what is never equal, or a \
            rule above takes every event of its type. The same is told of the condition of an `if`, of a `where` \
            elsewhere, and of one alternative of an `or`.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "a" where event.data.n > 9 and event.data.n < 5 => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "a" where event.data.n > 9 or event.data.n < 5 => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ])),
        CataloguePage(
            .noDeadLetter, "`…` has no dead-letter topic",
            """
            An event whose handler keeps failing goes to the dead-letter topic when its retries are used up. \
            Without one, and without a retry policy at the sidecar, some brokers drop it.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" { otherwise => example.run }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") { otherwise => example.run }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ])),
        CataloguePage(
            .unreachedHandler, "no route reaches the handler `…`",
            """
            No rule and no endpoint of any app that was checked runs the handler, and no handler that they run \
            calls it.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { log.info(event.id) }
                    handler old(event) { log.info(event.id) }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ])),
        CataloguePage(
            .endlessRecursion, "`…` calls itself for ever",
            """
            Nothing in the function decides, so every call makes another. It would end as a fault, when calls \
            are nested too deep.
            """,
            wrong: "fn sum(n) = n + sum(n - 1)\n",
            right: "fn sum(n) = if n < 1 { 0 } else { n + sum(n - 1) }\n"),
        CataloguePage(
            .alwaysTrue, "this condition is always true",
            """
            Whatever stands there passes the condition, so it decides nothing. Most often an `or` between two `!=` was \
            meant to be an `and`: every value is unequal to one of two others.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "a" where event.data.kind != "test" or event.data.kind != "demo" => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "a" where event.data.kind != "test" and event.data.kind != "demo" => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ])),
        CataloguePage(
            .nothingDoneOnce, "`once` does nothing for the rule `…`",
            """
            `once` keeps an event by a row that is committed together with what the rule writes to the database. This \
            rule writes nothing there, so nothing is kept, and an event that comes again runs all of it again.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database shop = secret("secrets/postgres")
                    store shelf = "statestore"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead", once: shop) {
                      otherwise => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { shelf.save(event.data.id, event.data) }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    store shelf = "statestore"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead", dedupe: 10m) {
                      otherwise => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { shelf.save(event.data.id, event.data) }\n"),
            ])),
        CataloguePage(
            .claimsAreNull, "`request.claims` is null at this endpoint",
            """
            The handler looks into the claims of a token, and the endpoint verifies none: each of its requests would end \
            in a fault, or the endpoint was meant to have an `auth`.
            """,
            wrong: CatalogueExample(files: [
                .init("routes/example/routes.bay", "get \"/me\" => example.me\n"),
                .init("scripts/example.bay", "handler me(request: Request) { return request.claims.sub }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    get "/me" (auth: {
                      issuer: "https://login.example", audience: "shop", keys: secret("secrets/login"),
                    }) => example.me

                    """#),
                .init("scripts/example.bay", "handler me(request: Request) { return request.claims.sub }\n"),
            ])),
    ]
}
