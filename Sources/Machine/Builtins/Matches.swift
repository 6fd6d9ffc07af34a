// Matches.swift: the builtin `matches`.

extension Builtin {
    static let matches = Builtin(
        "matches", on: .string, [Parameter("pattern", .string, isPattern: true)], gives: .bool,
        summary: "Does a regular expression occur in the text? `^` and `$` tie it to the text's ends.",
        examples: [
            Example(.string("ORD-17"), .string(#"^ORD-\d+$"#), gives: .bool(true)),
            Example(.string("no. 17"), .string(#"\d"#), gives: .bool(true)),
            Example(.string("seventeen"), .string(#"\d"#), gives: .bool(false)),
        ],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "matches")
            let pattern = unsafe try call.pattern(1, "matches")
            try call.charge(bytes: text.length)
            return unsafe .bool(pattern.matches(text))
        })
}
