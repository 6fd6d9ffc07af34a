// Has.swift: the builtin `has`.

extension Builtin {
    static let has = Builtin(
        "has", on: .object, [Parameter("key", .string)], gives: .bool,
        summary: "Is there a value for the key, be it null?",
        examples: [Example(.object([.init(key: "a", value: .null)]), .string("a"), gives: .bool(true))],
        body: { (call) throws(Fault) in
            .bool(try call.object(0, "has").position(ofKey: call.string(1, "has")) >= 0)
        })
}
