// ForeignName.swift: methods, functions and names of other languages, and what Bay has in their place.
//
// Data: whoever misses one adds a line. A word of Bay's own that is close comes second, since `map` is no misspelt `max`.
// Neighbours: Syntax/ForeignWord.swift (keywords), Checker+Builtins.swift and Checker+Names.swift (ask).

enum ForeignName {
    enum Instead {
        /// The word can be replaced as it stands.
        case word(String)
        /// What to write; the whole expression changes.
        case text(String)
    }

    /// After the dot of a value.
    static let methods: [String: Instead] = [
        "len": .word("length"), "size": .word("length"), "count": .word("length"), "toUpperCase": .word("upper"),
        "toUpper": .word("upper"), "to_upper": .word("upper"), "uppercase": .word("upper"), "upcase": .word("upper"),
        "toLowerCase": .word("lower"), "toLower": .word("lower"), "to_lower": .word("lower"),
        "lowercase": .word("lower"), "downcase": .word("lower"), "strip": .word("trim"), "trimmed": .word("trim"),
        "substring": .word("slice"), "substr": .word("slice"), "subSequence": .word("slice"),
        "includes": .word("contains"), "containsKey": .word("has"), "has_key": .word("has"),
        "hasOwnProperty": .word("has"), "hasPrefix": .word("starts_with"), "hasSuffix": .word("ends_with"),
        "startswith": .word("starts_with"), "endswith": .word("ends_with"), "replaceAll": .word("replace"),
        "gsub": .word("replace"), "sub": .word("replace"), "indexOf": .word("index_of"),
        "find_index": .word("index_of"),
        "sorted": .word("sort"), "order_by": .word("sort_by"), "orderBy": .word("sort_by"),
        "reversed": .word("reverse"),
        "distinct": .word("unique"), "uniq": .word("unique"), "flat": .word("flatten"), "flatMap": .word("flatten"),
        "toFixed": .word("round"), "parseInt": .word("to_int"), "toInt": .word("to_int"), "to_i": .word("to_int"),
        "toFloat": .word("to_float"), "to_f": .word("to_float"), "to_s": .word("to_string"),
        "toString": .word("to_string"), "stringify": .word("to_json"), "dumps": .word("to_json"),
        "strftime": .word("format"), "toISOString": .word("to_json"), "typeof": .word("kind"), "type": .word("kind"),
        "plus": .word("add"), "minus": .word("subtract"), "floorDiv": .word("div"), "padStart": .word("pad_left"),
        "padEnd": .word("pad_right"), "rjust": .word("pad_left"), "ljust": .word("pad_right"), "test": .word("matches"),
        "match": .word("matches"), "extend": .word("concat"), "addAll": .word("concat"), "without": .word("omit"),
        "push": .text("values do not change: `let more = list.append(x)`, or of a `var` `list = list.append(x)`"),
        "put": .text("values do not change: `let more = o.set(\"key\", x)`, or `{ ...o, key: x }`"),
        "pop": .text("values do not change: `list.last()` reads it, `list.slice(0, list.length() - 1)` is the rest"),
        "delete": .text("values do not change: `o.remove(\"key\")` makes a new one"),
        "map": .text("a list of what each gives: `[x.id for x in list]`"),
        "select": .text("a list of those that fit: `[x for x in list where x.qty > 0]`"),
        "filter": .text("a list of those that fit: `[x for x in list where x.qty > 0]`"),
        "reject": .text("a list of the others: `[x for x in list where x.qty == 0]`"),
        "reduce": .text("`.sum()`, `.min()`, `.max()` and `.join()` do it, or a `for` with a `var`"),
        "fold": .text("`.sum()`, `.min()`, `.max()` and `.join()` do it, or a `for` with a `var`"),
        "forEach": .text("a loop: `for x in list { … }`"), "each": .text("a loop: `for x in list { … }`"),
        "find": .text("the first that fits: `[x for x in list where x.id == id].first()`"),
        "some": .text("`any(x in list where x.qty > 0)`"), "any": .text("`any(x in list where x.qty > 0)`"),
        "every": .text("`all(x in list where x.qty > 0)`"), "all": .text("`all(x in list where x.qty > 0)`"),
        "exists": .text("`any(x in list where x == 1)`; of a path `exists(event.data.id)`"),
        "entries": .text("a loop: `for key, value in object { … }`"),
        "items": .text("a loop: `for key, value in object { … }`"),
        "isEmpty": .text("`.length() == 0`"), "is_empty": .text("`.length() == 0`"), "empty": .text("`.length() == 0`"),
        "isNull": .text("`x == null`"), "is_null": .text("`x == null`"), "orElse": .text("`x ?? other`"),
        "getOrDefault": .text("`object.key ?? other`"), "unwrap": .text("`x ?? fail invalid(\"why\")`"),
        "unwrap_or": .text("`x ?? other`"),
        "then": .text("effects are awaited by themselves; the next line has the result"),
        "catch": .text("what can fail is caught behind it: `effect() catch e { … }`"),
        "equals": .text("`a == b`"), "compareTo": .text("`a < b`"), "charAt": .text("`text.slice(i, i + 1)`"),
        "format": .text("a text with its values in it: `\"${name} has ${n}\"`"),
    ]

    /// Before a bracket.
    static let functions: [String: Instead] = [
        "len": .text("`x.length()`"), "size": .text("`x.length()`"), "count": .text("`x.length()`"),
        "print": .text("`log.info(\"text\", { field: x })`"), "println": .text("`log.info(\"text\", { field: x })`"),
        "printf": .text("`log.info(\"text ${x}\")`"), "puts": .text("`log.info(\"text\")`"),
        "echo": .text("`log.info(\"text\")`"), "int": .text("`x.to_int()`, null when it is none"),
        "parseInt": .text("`x.to_int()`, null when it is none"),
        "Number": .text("`x.to_float()`, null when it is none"),
        "float": .text("`x.to_float()`, null when it is none"),
        "parseFloat": .text("`x.to_float()`, null when it is none"), "str": .text("`\"${x}\"`"),
        "String": .text("`\"${x}\"`"), "string": .text("`\"${x}\"`"), "bool": .text("compare it: `x == \"true\"`"),
        "range": .text("`for i in 0..<10`"), "has": .word("exists"),
        "defined": .text("`exists(event.data.id)`"), "typeof": .text("`x.kind() == \"string\"`"),
        "isinstance": .text("`x.kind() == \"string\"`"), "min": .text("`[a, b].min()`"), "max": .text("`[a, b].max()`"),
        "sum": .text("`list.sum()`"), "abs": .text("`x.abs()`"), "round": .text("`x.round()`"),
        "sorted": .text("`list.sort()`"),
        "coalesce": .text("`a ?? b`"), "ifnull": .text("`a ?? b`"), "uuidv4": .word("uuid"), "uuid4": .word("uuid"),
        "fetch": .text("another app is a resource: `app other = \"app-id\"`, then `other.get(\"/path\")`"),
        "require": .text("no import is needed: write the module's name, `shop.orders.review`"),
        "format": .text("a text with its values in it: `\"${name} has ${n}\"`"), "env": .text(environment),
        "getenv": .text(environment),
        "publish": .text("a topic is a resource: `topic orders = \"pubsub/orders\"`, then `orders.publish(data)`"),
        "store": .text("resources are declared at the top level: `store shelf = \"statestore\"`"),
        "database": .text("resources are declared at the top level: `database db = secret(\"store/name\")`"),
        "topic": .text("resources are declared at the top level: `topic orders = \"pubsub/orders\"`"),
        "app": .text("resources are declared at the top level: `app other = \"app-id\"`"),
    ]

    private static let environment =
        "a handler reads no environment; a resource's target may: `env(\"NAME\", \"default\")`"

    /// Where a value stands.
    static let values: [String: Instead] = [
        "nil": .word("null"), "None": .word("null"), "undefined": .word("null"), "NULL": .word("null"),
        "Null": .word("null"), "True": .word("true"), "False": .word("false"), "TRUE": .word("true"),
        "FALSE": .word("false"), "console": .text("`log.info(\"text\", { field: x })`"),
        "logger": .text("`log.info(\"text\", { field: x })`"), "logging": .text("`log.info(\"text\", { field: x })`"),
        "JSON": .text("`text.from_json()` reads, `value.to_json()` writes"),
        "json": .text("`text.from_json()` reads, `value.to_json()` writes"),
        "Math": .text("numbers have methods: `x.round()`, `x.abs()`, `[a, b].min()`"),
        "Date": .text("`now()`; a text becomes a time by `.to_time()`"),
        "datetime": .text("`now()`; a text becomes a time by `.to_time()`"),
        "time": .text("`now()`; a text becomes a time by `.to_time()`"),
        "Object": .text("objects have methods: `o.keys()`, `o.values()`, `{ ...a, ...b }`"),
        "Array": .text("a list is written `[a, b]`"), "process": .text(environment), "os": .text(environment),
        "this": .text("there are no classes; what a handler has is its parameter"),
        "self": .text("there are no classes; what a handler has is its parameter"),
        "pass": .text("an empty block is `{ }`"), "http": functions["fetch"] ?? .text(""),
        "axios": functions["fetch"] ?? .text(""), "requests": functions["fetch"] ?? .text(""),
    ]

    /// What is found in the event or the request, without its owner.
    static let parts: [String: String] = [
        "data": "event.data", "payload": "event.data", "message": "event.data", "msg": "event.data",
        "subject": "event.subject", "source": "event.source", "type": "event.type", "id": "event.id",
        "params": "request.params", "query": "request.query", "headers": "request.headers", "body": "request.body",
        "req": "request", "ctx": "event", "e": "event", "evt": "event",
    ]

    /// Methods of resources, by the resource's kind and the foreign word.
    static let effects: [String: [String: String]] = [
        "store": [
            "put": "save", "set": "save", "write": "save", "upsert": "save", "insert": "save", "store": "save",
            "read": "get", "load": "get", "fetch": "get", "find": "get", "remove": "delete", "del": "delete",
        ],
        "database": [
            "query": "rows", "select": "rows", "all": "rows", "fetch": "rows", "find": "one", "first": "one",
            "get": "one",
            "execute": "exec", "run": "exec", "insert": "exec", "update": "exec", "save": "exec",
        ],
        "topic": ["send": "publish", "emit": "publish", "produce": "publish", "push": "publish", "post": "publish"],
        "app": ["fetch": "get", "request": "get", "call": "post", "invoke": "post"],
        "binding": ["invoke": "call", "send": "create", "put": "create"],
    ]

    /// Options of routes.
    static let options: [String: String] = [
        "retries": "retry", "deadLetter": "dead_letter", "dlq": "dead_letter", "dead": "dead_letter",
        "cron": "schedule",
        "every": "schedule", "at": "schedule", "parallel": "concurrency", "max_concurrency": "concurrency",
        "rate": "limit", "rate_limit": "limit", "order_by": "ordered_by", "key": "ordered_by", "delay": "backoff",
        "deduplicate": "dedupe", "mode": "match", "batch": "bulk", "origins": "cors",
    ]
}

extension ForeignName.Instead {
    var help: String? {
        guard case .text(let text) = self else { return nil }
        // Code alone is no sentence.
        let isCode = text.hasPrefix("`") && text.hasSuffix("`") && text.count { $0 == "`" } == 2
        return isCode ? "in Bay it is \(text)" : text
    }

    var replacement: String? {
        if case .word(let word) = self { word } else { nil }
    }
}
