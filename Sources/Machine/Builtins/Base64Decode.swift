// Base64Decode.swift: the builtin `base64_decode`.

extension Builtin {
    static let base64Decode = Builtin(
        "base64_decode", on: .string, gives: [.bytes, .null],
        summary: "The bytes of a base64 text, plain or URL-safe; null when it is none.",
        examples: [
            Example(.string("aGkhPw=="), gives: .bytes(Array("hi!?".utf8))),
            Example(.string("aGkhPw"), gives: .bytes(Array("hi!?".utf8))),
            Example(.string("?"), gives: .null),
        ],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "base64_decode")
            try call.charge(bytes: text.length)
            guard let bytes = Base64.decode(text.text, text.length) else { return .null }
            return try call.arena.text(.bytes, bytes)
        })
}
