// Catalogue+Database.swift: the pages of what only a database knows: its names, its types, its grammar.
//
// Their examples are clean as text. A test makes the tables in a real PostgreSQL and asks it about both.

extension Catalogue {
    private static let exampleSchema = """
        CREATE TABLE widgets (id text PRIMARY KEY, description text, stock int, price numeric(12, 2));
        """

    private static let exampleRoutes = """
        database inventory = secret("secrets/postgres")
        get "/widgets/{id}" => example.load

        """

    static let database: [CataloguePage] = [
        CataloguePage(
            .sqlUnknownName, "the database has no such table, column or function",
            """
            The statement was prepared on the database that the resource declares, and names what is not there. A table \
            or column of nearly that name is the fix, else the message lists what there is. A table that a migration has \
            yet to make is no mistake of the text: run the migration first. A table that the deployment's own SQL creates \
            is not missing. `patchbay check --connect` asks, and so does a running engine before a changed file goes live \
            (see `docs/operations.md`).
            """,
            schema: exampleSchema,
            wrong: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.one "SELECT id, desciption FROM widgets WHERE id = ${request.params.id}"
                    }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.one "SELECT id, description FROM widgets WHERE id = ${request.params.id}"
                    }

                    """#),
            ])),
        CataloguePage(
            .sqlRefused, "the database cannot prepare this SQL",
            """
            The server does not understand the statement, or it would never run: a syntax error, types that do not fit \
            each other inside of the SQL, a `${…}` whose type nothing tells, a name that two tables have. The title has the \
            server's own words. What would change the session or the transaction, which other runs share (`SET`, `BEGIN`, \
            `LISTEN` …), takes over the connection (`COPY`) or holds a NUL character is found without a database.
            """,
            schema: exampleSchema,
            wrong: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.one "SELECT id FORM widgets WHERE id = ${request.params.id}"
                    }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.one "SELECT id FROM widgets WHERE id = ${request.params.id}"
                    }

                    """#),
            ])),
        CataloguePage(
            .sqlParameterMisfit, "… can never go into `…`",
            """
            The database says which type each `${…}` has to be, and no value of what stands there can become one. What may \
            fit is not reported: a string goes into an int column when it is a number, `any` and `null` go everywhere. \
            Convert the value, or cast the parameter in the SQL: `${flag}::boolean`.
            """,
            schema: exampleSchema,
            wrong: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.rows "SELECT id FROM widgets WHERE stock > ${request.path == "/all"}"
                    }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.rows "SELECT id FROM widgets WHERE (stock > 0) = ${request.path == "/all"}"
                    }

                    """#),
            ])),
        CataloguePage(
            .sqlNumericResult, "`…` is numeric and comes back as a float",
            """
            PostgreSQL's numeric has any number of digits, a float of Bay about sixteen. Cast the column to text to keep all \
            of them, or to float8 to say that a float will do.
            """,
            schema: exampleSchema,
            wrong: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.one "SELECT id, price FROM widgets WHERE id = ${request.params.id}"
                    }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.one "SELECT id, price::text FROM widgets WHERE id = ${request.params.id}"
                    }

                    """#),
            ])),
        CataloguePage(
            .sqlWithoutRows, "`….one` of a statement that gives no rows",
            """
            `one` and `rows` give what the statement returns, and this one returns nothing: its value is always `null`, or an \
            empty list. End an INSERT, UPDATE or DELETE with `RETURNING …`, or use `exec`, which gives the number of rows.
            """,
            schema: exampleSchema,
            wrong: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.one "UPDATE widgets SET stock = 0 WHERE id = ${request.params.id}"
                    }

                    """#),
            ]),
            right: CatalogueExample(files: [
                .init("routes/example/routes.bay", exampleRoutes),
                .init(
                    "scripts/example.bay",
                    #"""
                    handler load(request: Request) {
                      return inventory.one "UPDATE widgets SET stock = 0 WHERE id = ${request.params.id} RETURNING id, stock"
                    }

                    """#),
            ])),
    ]
}
