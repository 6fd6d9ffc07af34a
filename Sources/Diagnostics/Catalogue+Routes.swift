// Catalogue+Routes.swift: the pages of E05xx, routes.

extension Catalogue {
    static let routes: [CataloguePage] = [
        CataloguePage(
            .duplicateSubscription, "`…` is subscribed twice",
            """
            A topic has one `subscribe` in an app; which rule comes first would depend on the order of files \
            otherwise. Put all rules into one.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "a" => example.run
                    }
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "b" => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "a", "b" => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ])),
        CataloguePage(
            .duplicateEndpoint, "`…` is declared twice",
            """
            Two endpoints take the same requests. Names of parameters make no difference: `/x/{id}` and \
            `/x/{name}` are one path.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    get "/orders/{id}" => example.run
                    get "/orders/{name}" => example.run

                    """#),
                .init("scripts/example.bay", "handler run(request: Request) { return request.params }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    get "/orders/{id}" => example.run
                    put "/orders/{id}" => example.run

                    """#),
                .init("scripts/example.bay", "handler run(request: Request) { return request.params }\n"),
            ])),
        CataloguePage(
            .badEndpointPath, "invalid path of an endpoint",
            """
            A path begins with `/`; each segment is a word or one `{name}`; `{rest*}` stands last; a name stands \
            once.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    get "/orders/{id" => example.run

                    """#),
                .init("scripts/example.bay", "handler run(request: Request) { return request.params }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    get "/orders/{id}" => example.run

                    """#),
                .init("scripts/example.bay", "handler run(request: Request) { return request.params }\n"),
            ])),
        CataloguePage(
            .unknownHandler, "route runs a handler that does not exist",
            """
            The module has no handler of this name. A function cannot be run by a route.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      otherwise => example.rnu
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
            .handlerMisfit, "this handler does not fit the route",
            """
            A subscription gives its handler an event, an endpoint a request. A handler that names neither takes \
            both.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    get "/orders" => example.run

                    """#),
                .init("scripts/example.bay", "handler run(event: Event) { log.info(event.id) }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    get "/orders" => example.run

                    """#),
                .init("scripts/example.bay", "handler run(request: Request) { log.info(request.path) }\n"),
            ])),
        CataloguePage(
            .eventTypeConflict, "event type and handler disagree about the data",
            """
            The event type is declared with one record, the handler takes another. One of them is wrong.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    event "order": Order
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "order" => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    record Order { id: string }
                    record Widget { id: string }
                    handler run(event: Event<Widget>) { log.info(event.data.id) }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    event "order": Order
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "order" => example.run
                    }

                    """#),
                .init(
                    "scripts/example.bay",
                    #"""
                    record Order { id: string }
                    handler run(event: Event<Order>) { log.info(event.data.id) }

                    """#),
            ])),
        CataloguePage(
            .badOption, "invalid option",
            """
            The option is not known there, or its value is of another kind or out of its range.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead", match: "most") {
                      otherwise => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead", match: "all") {
                      otherwise => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ])),
        CataloguePage(
            .badTopic, "a topic is written `pubsub/topic`",
            """
            A topic is named together with the pub/sub component that carries it.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    topic audit = "audit"

                    """#),
                .init("scripts/example.bay", "\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    topic audit = "pubsub/audit"

                    """#),
                .init("scripts/example.bay", "\n"),
            ])),
        CataloguePage(
            .unknownAttribute, "an event has no attribute `…`",
            """
            The name is nearly one of an event's own attributes, or cannot be an extension's: those are lower- \
            case letters and digits. What the sender put into the event is under `event.data`.
            """,
            wrong: "handler run(event: Event) { log.info(event.sorce) }\n",
            right: "handler run(event: Event) { log.info(event.source) }\n"),
        CataloguePage(
            .badGlob, "empty event type",
            """
            No event has an empty type; a rule for every type names none: `on where …`.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "" => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    subscribe "pubsub/orders" (dead_letter: "orders-dead") {
                      on "order.*" => example.run
                    }

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ])),
        CataloguePage(
            .badTrigger, "invalid schedule",
            """
            A job has a name of its own, and a schedule of five fields, `minute hour day month weekday`, in UTC, or a period: \
            `@every 1h30m`, `@hourly`, `@daily`. One trigger takes a job or a binding; a name with `*` takes jobs that are \
            scheduled elsewhere, and has no schedule.
            """,
            wrong: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    job "nightly" (schedule: "0 25 * * *") => example.run

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ]),
            right: CatalogueExample(files: [
                .init(
                    "routes/example/routes.bay",
                    #"""
                    job "nightly" (schedule: "0 3 * * *") => example.run

                    """#),
                .init("scripts/example.bay", "handler run(event) { log.info(event.id) }\n"),
            ])),
    ]
}
