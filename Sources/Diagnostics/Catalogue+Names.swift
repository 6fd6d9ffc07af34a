// Catalogue+Names.swift: the pages of E03xx, what can be wrong with names.

extension Catalogue {
    static let names: [CataloguePage] = [
        CataloguePage(
            .unknownName, "unknown name `…`",
            """
            Nothing of this name is known here: no local that is bound before this place, no constant of the \
            module. When a name that may stand here is close, it is suggested.
            """,
            wrong: "fn total(order) = oder.price * order.qty\n",
            right: "fn total(order) = order.price * order.qty\n"),
        CataloguePage(
            .duplicateName, "`…` is declared twice",
            """
            A name is declared once in its scope: a record, resource and event type in the whole deployment, a \
            function, handler and constant in its module, a field in its record, a local in its block.
            """,
            wrong: #"""
                record Widget { id: string }
                record Widget { name: string }

                """#,
            right: #"""
                record Widget { id: string }
                record Gadget { name: string }

                """#),
        CataloguePage(
            .shadowedName, "`…` hides another name",
            """
            A local may not be called like a module, a resource, a builtin or something that its own module \
            declares: one word would mean two things in one file.
            """,
            wrong: #"""
                fn rate(x) = x * 2
                fn cost(x) {
                  let rate = rate(x)
                  rate + 1
                }

                """#,
            right: #"""
                fn rate(x) = x * 2
                fn cost(x) {
                  let doubled = rate(x)
                  doubled + 1
                }

                """#),
        CataloguePage(
            .unknownModule, "unknown module `…`",
            """
            A path names a script that does not exist. A module is called after its file under `scripts`, with \
            dots: `scripts/shop/orders.bay` is `shop.orders`.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => exampel.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
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
            .unknownType, "unknown type `…`",
            """
            No record of this name is declared in the deployment, and it is none of the built-in types.
            """,
            wrong: "record Order { id: strng }\n",
            right: "record Order { id: string }\n"),
        CataloguePage(
            .notAValue, "… is not a value",
            """
            Resources, functions, handlers, records and modules are used in their own ways: a resource by its \
            methods, a function by calling it, a record where a type stands. None of them can be stored or \
            passed on.
            """,
            wrong: #"""
                fn twice(x) = x * 2
                let doubled = [twice]

                """#,
            right: #"""
                fn twice(x) = x * 2
                let doubled = [twice(1)]

                """#),
    ]
}
