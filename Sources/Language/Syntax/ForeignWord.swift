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
    ]

    /// Between two values.
    static let operators: [String: String] = [
        "is": "==", "isnt": "!=", "mod": "%", "except": "catch", "rescue": "catch", "elif": "else if",
        "elsif": "else if", "elseif": "else if",
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
        "case": say("the arms of a `match` need no word: `pattern => value`"),
        "default": say("the last arm of a `match` is `otherwise => value`"),
    ]
}
