// SHA256.swift: the builtin `sha256`.

extension Builtin {
    static let sha256 = Builtin(
        "sha256", on: [.string, .bytes], gives: .bytes,
        summary: "The SHA-256 digest of a text's UTF-8 or of bytes: 32 bytes.",
        examples: [
            Example(
                .string("abc"),
                gives: .bytes([
                    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
                ]))
        ],
        body: { (call) throws(Fault) in
            let value = call.receiver
            guard value.isString || value.kind == .bytes else {
                throw call.wrongKind("sha256", 0, wants: "a string or bytes")
            }
            try call.charge(bytes: value.length + 64)
            return try call.arena.text(.bytes, unsafe Digest.sha256(value.text.buffer(value.length)))
        })
}
