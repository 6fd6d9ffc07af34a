// Base64Encode.swift: the builtin `base64_encode`.

extension Builtin {
    static let base64Encode = Builtin(
        "base64_encode", on: [.string, .bytes], gives: .string, summary: "Base64 of a text's UTF-8 or of bytes.",
        examples: [Example(.string("hi!?"), gives: .string("aGkhPw=="))],
        body: { (call) throws(Fault) in
            let value = call.receiver
            guard value.isString || value.kind == .bytes else {
                throw call.wrongKind("base64_encode", 0, wants: "a string or bytes")
            }
            try call.charge(bytes: value.length)
            let target = try call.arena.textRoom(Base64.encodedCount(value.length))
            var count = 0
            Base64.encode(value.text, value.length) { byte in
                target[count] = byte
                count += 1
            }
            return Value(.string, text: target.readable, count: count)
        })
}
