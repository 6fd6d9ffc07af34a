// Like.swift: the builtin `like`.

extension Builtin {
    static let like = Builtin(
        "like", on: .string, [Parameter("pattern", .string)], gives: .bool,
        summary: "Does the whole text fit a pattern in which `*` is any run of characters?",
        examples: [
            Example(.string("ORD-17-X"), .string("ORD-*-X"), gives: .bool(true)),
            Example(.string("ORD-17"), .string("ORD"), gives: .bool(false)),
        ],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "like")
            let pattern = try call.string(1, "like")
            try call.charge(bytes: text.length * Swift.max(1, pattern.length / 8))
            return .bool(Glob.matches(text, pattern: pattern))
        })
}
