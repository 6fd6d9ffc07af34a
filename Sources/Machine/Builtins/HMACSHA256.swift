// HMACSHA256.swift: the builtin `hmac_sha256`.

extension Builtin {
    static let hmacSHA256 = Builtin(
        "hmac_sha256", on: [.string, .bytes], [Parameter("key", [.string, .bytes, KindSet(.secret)])], gives: .bytes,
        summary: "The HMAC of a text's UTF-8 or of bytes with SHA-256 and a key: 32 bytes. The key may be a secret.",
        examples: [
            Example(
                .string("what do ya want for nothing?"), .string("Jefe"),
                gives: .bytes([
                    0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
                    0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
                ]))
        ],
        body: { (call) throws(Fault) in
            let value = call.receiver
            guard value.isString || value.kind == .bytes else {
                throw call.wrongKind("hmac_sha256", 0, wants: "a string or bytes")
            }
            let key = call[1]
            guard key.isString || key.kind == .bytes || key.kind == .secret else {
                throw call.wrongKind("hmac_sha256", 1, wants: "a string, bytes or a secret as its key")
            }
            try call.charge(bytes: value.length + key.length + 256)
            return try call.arena.text(
                .bytes, unsafe Digest.hmacSHA256(key: key.text.buffer(key.length), value.text.buffer(value.length)))
        })
}
