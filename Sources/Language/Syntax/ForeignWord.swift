// ForeignWord.swift: words of other languages, and what to write in their place.

enum ForeignWord {
    struct Replacement {
        let instead: String
        /// The word can be replaced as it stands.
        let isExact: Bool
    }

    private static func exactly(_ instead: String) -> Replacement { Replacement(instead: instead, isExact: true) }
    private static func say(_ help: String) -> Replacement { Replacement(instead: help, isExact: false) }

    /// At the top level of a file.
    static let declarations: [String: Replacement] = [
        "function": exactly("fn"), "def": exactly("fn"), "func": exactly("fn"), "fun": exactly("fn"),
        "sub": exactly("fn"), "proc": exactly("fn"), "struct": exactly("record"), "class": exactly("record"),
        "type": exactly("record"), "message": exactly("record"), "interface": exactly("record"),
        "const": exactly("let"), "val": exactly("let"),
        "var": say("at the top level stand constants: `let name = value`"),
        "import": say("no import is needed: write the module's name, `shop.orders.review`"),
        "use": say("no import is needed: write the module's name, `shop.orders.review`"),
        "include": say("no import is needed: write the module's name, `shop.orders.review`"),
        "from": say("no import is needed: write the module's name, `shop.orders.review`"),
        "package": say("a module is named by the file's path: `scripts/shop/orders.bay` is `shop.orders`"),
        "module": say("a module is named by the file's path: `scripts/shop/orders.bay` is `shop.orders`"),
        "route": say("`subscribe \"pubsub/topic\" { on \"type\" => module.handler }`, or `get \"/path\" => …`"),
        "enum": say("a choice is a type: `\"card\" | \"cash\"`"),
        "async": say(alone), "export": say(alone), "public": say(alone), "private": say(alone), "static": say(alone),
        "pub": say(alone), "extern": say(alone), "abstract": say(alone), "final": say(alone), "default": say(alone),
        "schedule": say(job), "cron": say(job), "every": say(job), "timer": say(job), "task": say(job),
        "cache": say(store), "redis": say(store), "kv": say(store), "bucket": say(store), "state": say(store),
        "queue": say("`topic orders = \"pubsub/orders\"`"), "channel": say("`topic orders = \"pubsub/orders\"`"),
        "stream": say("`topic orders = \"pubsub/orders\"`"), "postgres": say("`database db = secret(\"store/name\")`"),
        "listen": say(subscription), "consume": say(subscription), "consumer": say(subscription),
        "subscriber": say(subscription), "subscription": say(subscription), "endpoint": say(endpoint),
        "api": say(endpoint),
        "path": say(endpoint), "require": say("no import is needed: write the module's name, `shop.orders.review`"),
        "using": say("no import is needed: write the module's name, `shop.orders.review`"),
        "namespace": say("a module is named by the file's path: `scripts/shop/orders.bay` is `shop.orders`"),
    ]

    private static let alone = "nothing stands before a declaration: `handler save(event) { … }`"
    private static let job = "`job \"nightly\" (schedule: \"0 3 * * *\") => module.handler`"
    private static let store = "`store shelf = \"statestore\"`, the name of a Dapr state store"
    private static let subscription = "`subscribe \"pubsub/topic\" { on \"type\" => module.handler }`"
    private static let endpoint = "`get \"/path/{id}\" => module.handler`"

    /// Between two values, or between a value and a block.
    static let operators: [String: Replacement] = [
        "is": exactly("=="), "isnt": exactly("!="), "eq": exactly("=="), "ne": exactly("!="), "mod": exactly("%"),
        "except": exactly("catch"), "rescue": exactly("catch"), "elif": exactly("else if"),
        "elsif": exactly("else if"), "elseif": exactly("else if"), "when": exactly("where"),
        "like": say(method), "ilike": say(method), "matches": say(method), "contains": say(method),
        "startswith": say(method), "starts_with": say(method), "startsWith": say(method), "endswith": say(method),
        "ends_with": say(method), "endsWith": say(method), "includes": say(method),
        "between": say("a range stands after `in`: `n in 1..3`, and `1..<3` leaves out its end"),
        "then": say(block), "do": say(block), "begin": say(block), "instanceof": say("`x.kind() == \"string\"`"),
        "unless": say("`if not … { }`, or `where not …`"), "xor": say("of two bools it is `a != b`"),
    ]

    private static let method =
        "it is a method: `text.like(\"a*\")`, `.contains(\"a\")`, `.starts_with(\"a\")`, `.matches(r\"^a\")`"
    private static let block = "a block stands between `{` and `}`"

    /// Types before a name: `int x = 1`.
    static let types: Set<String> = [
        "int", "float", "string", "bool", "double", "String", "boolean", "auto", "any", "list", "object", "dict",
        "long", "char",
        "Int", "Object", "List", "Map", "number", "mut", "local", "my", "dim", "set",
    ]

    /// Units that stand after a number as a word of their own.
    static let units: [String: String] = [
        "ms": "ms", "millis": "ms", "milliseconds": "ms", "s": "s", "sec": "s", "secs": "s", "second": "s",
        "seconds": "s",
        "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "h": "h", "hour": "h", "hours": "h", "d": "d",
        "day": "d", "days": "d", "kb": "kb", "KB": "kb", "mb": "mb", "MB": "mb",
    ]

    /// At the beginning of a statement or an expression.
    static let expressions: [String: Replacement] = [
        "const": exactly("let"), "val": exactly("let"), "elif": exactly("else if"), "elsif": exactly("else if"),
        "elseif": exactly("else if"), "nil": exactly("null"), "None": exactly("null"),
        "undefined": exactly("null"), "True": exactly("true"), "False": exactly("false"),
        "switch": exactly("match"), "throw": exactly("fail"), "raise": exactly("fail"),
        "foreach": exactly("for"), "unless": exactly("if not"),
        "while": say("loops go over something: `for i in 0..<10 { … }`"),
        "loop": say("loops go over something: `for i in 0..<10 { … }`"),
        "try": say("what can fail is caught after it: `effect() catch e { … }`"),
        "await": say("effects are awaited by themselves; `together { … }` starts several at once"),
        "async": say("effects are awaited by themselves; `together { … }` starts several at once"),
        "new": say("values are written as they are: `{ id: 1 }`"),
        "begin": say("a block stands between `{` and `}`"),
        "echo": say("`log.info(\"text\", { field: x })`"), "puts": say("`log.info(\"text\", { field: x })`"),
        "print": say("`log.info(\"text\", { field: x })`"),
        "delete": say(
            "values do not change: `o.remove(\"key\")` makes a new one; of a store it is `shelf.delete(key)`"),
        "del": say("values do not change: `o.remove(\"key\")` makes a new one; of a store it is `shelf.delete(key)`"),
        "lambda": say("functions are declared: `fn twice(x) = x * 2`; `[x.id for x in list]` goes over a list"),
        "assert": say("`if not ok { fail invalid(\"why\") }`"),
        "yield": say("a list is made as a whole: `[x.id for x in list]`"),
        "do": say(block), "case": say("the arms of a `match` need no word: `pattern => value`"),
        "default": say("the last arm of a `match` is `otherwise => value`"),
    ]
}
