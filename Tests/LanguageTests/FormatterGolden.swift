// FormatterGolden.swift: pairs of what somebody wrote and its canonical form, by construct.

import Testing

struct FormatterGolden: CustomTestStringConvertible, Sendable {
    let name: String
    let written: String
    let canonical: String
    var testDescription: String { name }

    init(_ name: String, _ written: String, _ canonical: String) {
        self.name = name
        self.written = written
        self.canonical = canonical.isEmpty ? "" : canonical + "\n"
    }

    /// The same inside of a handler.
    static func statement(_ name: String, _ written: String, _ canonical: String) -> FormatterGolden {
        let lines = canonical.split(separator: "\n", omittingEmptySubsequences: false)
        let indented = lines.map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
        return FormatterGolden(name, "handler h(event) {\n\(written)\n}", "handler h(event) {\n\(indented)\n}")
    }

    static let all = declarations + routes + types + statements + expressions + compounds + comments + layout

    static let declarations = [
        FormatterGolden(
            "a record on lines", "record  Widget{\nid :string( 1..256 ),price:float\n\n\n  note: string ?=null\n}",
            "record Widget {\n  id: string(1..256)\n  price: float\n\n  note: string? = null\n}"),
        FormatterGolden(
            "a record on a line", "record Line{sku:string(like:\"SKU-*\"),qty:int(1..)=1,}",
            "record Line { sku: string(like: \"SKU-*\"), qty: int(1..) = 1 }"),
        FormatterGolden("an empty record", "record Nothing{\n\n}", "record Nothing {}"),
        FormatterGolden(
            "a field called in", "record R {\n a: int = 1, in: string\n}", "record R {\n  a: int = 1,\n  in: string\n}"),
        FormatterGolden("an event type", "event\"widget.v1\":Widget", "event \"widget.v1\": Widget"),
        FormatterGolden("constants", "let a=1;let b :int=0x1F", "let a = 1\nlet b: int = 0x1F"),
        FormatterGolden(
            "functions", "fn total(lines:[Line],tax:float,)->float=lines.sum( )\nfn one(){1}",
            "fn total(lines: [Line], tax: float) -> float = lines.sum()\nfn one() { 1 }"),
        FormatterGolden(
            "handlers", "handler save(event:Event<Widget>){shelf.save(event.id,event)}\nhandler none( ) {\n}",
            "handler save(event: Event<Widget>) { shelf.save(event.id, event) }\nhandler none() {}"),
        FormatterGolden(
            "resources stand in columns",
            "database inventory=secret(\"secrets/postgres\",\"key\")\nstore shelf=\"statestore\"\nlock l=env( \"LOCKS\" )",
            """
            database inventory = secret("secrets/postgres", "key")
            store    shelf     = "statestore"
            lock     l         = env("LOCKS")
            """),
        FormatterGolden(
            "a service's options, one a line when they are long",
            "store shelf=\"statestore\"\nservice catalog=\"products.patchbay-products\"(proto:\"products.proto\", name:\"dapr.examples.golang.products.v1.Products\")",
            """
            store   shelf   = "statestore"
            service catalog = "products.patchbay-products" (
              proto: "products.proto",
              name:  "dapr.examples.golang.products.v1.Products",
            )
            """),
    ]

    static let routes = [
        FormatterGolden(
            "a subscription",
            """
            subscribe "pubsub/orders"(dead_letter:"dead",backoff:100ms .. 2s){
            on "order.paid"where event.data.total>1_000=>orders.review;on "order.*" , "basket.closed"=>orders.settle
              on  =>orders.any
            on where event.source.starts_with("/eu/"){log.info("from Europe")}
            otherwise=>orders.keep}
            """,
            """
            subscribe "pubsub/orders" (dead_letter: "dead", backoff: 100ms..2s) {
              on "order.paid" where event.data.total > 1_000 => orders.review
              on "order.*", "basket.closed"                  => orders.settle
              on                                             => orders.any
              on where event.source.starts_with("/eu/")      { log.info("from Europe") }
              otherwise                                      => orders.keep
            }
            """),
        FormatterGolden(
            "a long condition is broken before and, or",
            """
            subscribe "pubsub/orders" {
              on "order.paid" as large where event.data.total > 1_000_000 and event.data.kind == "card" and event.data.lines.length() > 50 => orders.review
              on "order.paid" where event.data.total > 1_000_000 and event.data.kind == "card" and event.data.lines.length() > 50 { log.info("large") }
              on "order.paid" where event.data.total > 1_000_000 and event.data.kind == "card" => orders.review_it_all
            }
            """,
            """
            subscribe "pubsub/orders" {
              on "order.paid" as large where event.data.total > 1_000_000
                  and event.data.kind == "card"
                  and event.data.lines.length() > 50
                  => orders.review
              on "order.paid" where event.data.total > 1_000_000
                  and event.data.kind == "card"
                  and event.data.lines.length() > 50 { log.info("large") }
              on "order.paid" where event.data.total > 1_000_000 and event.data.kind == "card"
                  => orders.review_it_all
            }
            """),
        FormatterGolden(
            "a rule with a block of several lines ends the columns",
            "subscribe \"p/t\" {\non \"a\"=>x.y\non \"bcd\"=>x.y\non \"ef\"{\na()\nb()\n}\non \"ghijk\"=>x.y\notherwise=>x.y\n}",
            """
            subscribe "p/t" {
              on "a"   => x.y
              on "bcd" => x.y
              on "ef" {
                a()
                b()
              }
              on "ghijk" => x.y
              otherwise  => x.y
            }
            """),
        FormatterGolden(
            "endpoints stand in columns, up to a blank line",
            "get \"/v1/widgets/{id}\"=>widgets.load\npost \"/v1/w\"(auth:\"jwt\"){return 1}\n\nput \"/x\"\n  =>a.b.c",
            """
            get "/v1/widgets/{id}"     => widgets.load
            post "/v1/w" (auth: "jwt") { return 1 }

            put "/x" => a.b.c
            """),
        FormatterGolden(
            "a served proto",
            "serve \"products.proto\"as dapr.v1.Products(limit:100){GetProduct=>shop.find;SaveProduct=>shop.keep_product}",
            """
            serve "products.proto" as dapr.v1.Products (limit: 100) {
              GetProduct  => shop.find
              SaveProduct => shop.keep_product
            }
            """),
        FormatterGolden(
            "triggers", "job \"nightly\"(schedule:\"0 3 * * *\",overlap:\"skip\")=>jobs.run\ninput \"mail\"=>mail.read",
            """
            job "nightly" (schedule: "0 3 * * *", overlap: "skip") => jobs.run
            input "mail"                                           => mail.read
            """),
    ]

    static let types = [
        FormatterGolden(
            "types",
            "record R{\na:[ [int] ](1 .. 9)?,b:{ any },c:\"x\"|\"y\"|-1?,d:Event< R >,e:float(0.0 .. 1.0),f:int(low ..<9)}",
            """
            record R {
              a: [[int]](1..9)?
              b: {any}
              c: "x" | "y" | -1?
              d: Event<R>
              e: float(0.0..1.0)
              f: int(low..<9)
            }
            """),
        FormatterGolden("a split sign", "record R {\n a: Event<[R]>=1\n}", "record R {\n  a: Event<[R]> = 1\n}"),
    ]

    static let layout = [
        FormatterGolden(
            "at most one blank line, none at the ends of a block",
            "\n\nlet a=1\n\n\n\nlet b=2\nhandler h(event){\n\n\n a()\n\n\n b()\n\n}\n\n\n",
            "let a = 1\n\nlet b = 2\nhandler h(event) {\n  a()\n\n  b()\n}"),
        FormatterGolden(
            "tabs and CRLF", "handler h(event) {\r\n\ta()\r\n\tb()\r\n}\r\n", "handler h(event) {\n  a()\n  b()\n}"),
        FormatterGolden(
            "a line end behind a brace is the writer's", "handler a(event) {\nx() }\nhandler b(event) { x() }",
            "handler a(event) {\n  x()\n}\nhandler b(event) { x() }"),
        .statement(
            "strings stay as they are, a block of text moves with its line",
            "let a = \"\\u{1F600} ${ a+b }\\n\" + r\"\\d+ \"\nif x {\ninventory.exec \"\"\"\n      INSERT  ${ x }\n\n          VALUES\n      \"\"\"\n}",
            "let a = \"\\u{1F600} ${ a+b }\\n\" + r\"\\d+ \"\nif x {\n  inventory.exec \"\"\"\n  INSERT  ${ x }\n\n      VALUES\n  \"\"\"\n}"
        ),
        .statement(
            "numbers stay as they are", "let a=[1_000,0x1f,1.50,2e9,1h30m,64kb]",
            "let a = [1_000, 0x1f, 1.50, 2e9, 1h30m, 64kb]"),
    ]
}
