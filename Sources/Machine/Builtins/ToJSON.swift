// ToJSON.swift: the builtin `to_json`.

extension Builtin {
    static let toJSON = Builtin(
        "to_json", on: .any, gives: .string, summary: "The value as JSON text.",
        examples: [
            Example(.object([.init(key: "a", value: .list([.int(1), .null]))]), gives: .string(#"{"a":[1,null]}"#)),
            Example(.string("a\"b"), gives: .string(#""a\"b""#)),
        ],
        body: { (call) throws(Fault) in
            let text = try call.arena.jsonText(of: call.receiver)
            try call.charge(bytes: text.length)
            return text
        })
}
