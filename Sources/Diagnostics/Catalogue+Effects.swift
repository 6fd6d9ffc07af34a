// Catalogue+Effects.swift: the pages of E06xx, effects and resources.

extension Catalogue {
    static let effects: [CataloguePage] = [
        CataloguePage(
            .unknownResource, "unknown resource `…`",
            """
            Resources are the only doors out of an app, and this one is not declared. A file beside the routes \
            declares it: `store shelf = \"statestore\"`.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    store shelf = "statestore"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { shelv.save("k", event.data) }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    store shelf = "statestore"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { shelf.save("k", event.data) }

                    """#),
            ])),
        CataloguePage(
            .effectNotAllowed, "no effects here",
            """
            Functions, `where`, constants and the block of an `update` are pure: they may run at any time, and \
            again. Ask for the effect in the handler, and give them the value. The block of a `transaction` asks \
            its own database alone: nothing else would be rolled back with it, and nothing of it can run side by side.
            """,
            wrong: "fn stamp(x) = { x, at: now() }\n",
            right: "fn stamp(x, at) = { x, at }\n"),
        CataloguePage(
            .unknownEffect, "a … has no method `…`",
            """
            Each kind of resource has its own methods; the label lists them.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    store shelf = "statestore"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { shelf.put("k", event.data) }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    store shelf = "statestore"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { shelf.save("k", event.data) }

                    """#),
            ])),
        CataloguePage(
            .sqlNotLiteral, "SQL must be written out",
            """
            A statement stands as a literal behind the method, so that it cannot be put together from data. \
            Every `${…}` in it becomes a bound parameter.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) {
                      let sql = "DELETE FROM w"
                      inventory.exec(sql)
                    }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { inventory.exec "DELETE FROM w" }

                    """#),
            ])),
        CataloguePage(
            .sqlUnbalanced, "… is not closed in this SQL",
            """
            A quote, a dollar quote or a comment begins in the statement and does not end, or there is no \
            statement at all.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { inventory.exec "SELECT 'it" }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { inventory.exec "SELECT 'it'" }

                    """#),
            ])),
        CataloguePage(
            .sqlSeveralStatements, "more than one SQL statement",
            """
            One call is one statement: parameters cannot be bound otherwise. Make a call for each.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { inventory.exec "DELETE FROM a; DELETE FROM b" }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) {
                      inventory.exec "DELETE FROM a"
                      inventory.exec "DELETE FROM b"
                    }

                    """#),
            ])),
        CataloguePage(
            .sqlInterpolationInQuotes, "`${…}` inside …",
            """
            Inside quotes or a comment a parameter would be text and not a value. Take the quotes away: a \
            parameter needs none.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { inventory.exec "DELETE FROM w WHERE id = '${event.data.id}'" }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { inventory.exec "DELETE FROM w WHERE id = ${event.data.id}" }

                    """#),
            ])),
        CataloguePage(
            .sqlPlaceholder, "`$1` in a template",
            """
            Placeholders are made from the template's `${…}`; one written by hand would be mixed up with them.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { inventory.exec "DELETE FROM w WHERE id = $1" }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { inventory.exec "DELETE FROM w WHERE id = ${event.id}" }

                    """#),
            ])),
        CataloguePage(
            .assignmentOutside, "the block of an `update` assigns … outside of it",
            """
            The block of an `update` or a `transaction` runs again when another writer was faster, so what it \
            assigned would count twice. Give the \
            value as the block's last expression. The branches of a `together` run at the same time, so none of them \
            assigns what the others see: a branch gives its value, and the `together` all of them.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    store shelf = "statestore"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) {
                      var n = 0
                      update shelf["k"] as current { n += 1; current }
                      log.info("done", { n })
                    }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    store shelf = "statestore"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) {
                      let n = update shelf["k"] as current { (current ?? 0) + 1 }
                      log.info("done", { n })
                    }

                    """#),
            ])),
        CataloguePage(
            .pathNotLiteral, "the path must be written out",
            """
            The path of an app call is a literal that begins with `/`; each `${…}` in it is encoded as one \
            segment, so that data cannot lead elsewhere. A query is given by name.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    app catalog = "products"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { catalog.get("/find?id=${event.id}") }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    app catalog = "products"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) { catalog.get("/find", query: { id: event.id }) }

                    """#),
            ])),
        CataloguePage(
            .notInThisBuild, "… is not in this build",
            """
            The language has it, and this engine cannot run it yet. Nothing is pretended: until it can, it is an \
            error at load.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    serve "shop.proto" as shop.v1.Shop { Load => example.run }

                    """#),
                .init("scripts/example.bay", "handler run(request: Request) { return request.path }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    post "/shop/load" => example.run

                    """#),
                .init("scripts/example.bay", "handler run(request: Request) { return request.path }\n"),
            ])),
        CataloguePage(
            .badTarget, "invalid target of a …",
            """
            A resource's target names what stands behind it: a component, an app id, or a secret as \
            `store/name`.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("postgres")

                    """#),
                .init("scripts/example.bay", "\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database inventory = secret("secrets/postgres")

                    """#),
                .init("scripts/example.bay", "\n"),
            ])),
        CataloguePage(
            .secretLeaks, "a secret would leave the process",
            """
            A secret goes into the target of a database, the `headers:` of a request, the key of \
            `.hmac_sha256(key)` and `==`, and nowhere else. It is followed through locals, lists, objects, \
            functions and handlers; a text with a secret in it, and what a method makes of it, is a secret too. \
            The places on the way are shown, beginning where it is read.
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
                    handler run(event) {
                      let token = secret("secrets/billing", "token")
                      log.info("calling billing", { header: "Bearer ${token}" })
                    }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    app billing = "billing"
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) {
                      let token = secret("secrets/billing", "token")
                      log.info("calling billing")
                      billing.post("/orders", event.data, headers: { authorization: "Bearer ${token}" })
                    }

                    """#),
            ])),
        CataloguePage(
            .severalWritingUnits, "`once` needs one place that writes to `…`",
            """
            With `once` the row that remembers an event is committed together with what was written for it, and that \
            is one commit: of one `exec`, of one statement that changes rows and gives some back, or of one \
            `transaction`. What is written in a second commit could be there when the first is not, or the other way \
            round. Ways that exclude each other, such as the two sides of an `if`, may write one each; a loop may not.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database shop = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead", once: shop) {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) {
                      shop.exec "INSERT INTO orders (id) VALUES (${event.data.id})"
                      shop.exec "UPDATE totals SET orders = orders + 1"
                    }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    database shop = secret("secrets/postgres")
                    subscribe "pubsub/orders" (dead_letter: "orders-dead", once: shop) {
                      otherwise => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler run(event) {
                      transaction shop {
                        shop.exec "INSERT INTO orders (id) VALUES (${event.data.id})"
                        shop.exec "UPDATE totals SET orders = orders + 1"
                      }
                    }

                    """#),
            ])),
    ]
}
